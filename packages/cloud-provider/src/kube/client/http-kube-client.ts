import { type KubernetesObject, type ObjectName, nameKey } from '../../api/object-meta.ts';
import { Duration } from '../../base/duration.ts';
import { MalformedWireError } from '../projection/malformed-wire-error.ts';
import { apiVersionOf, type Resource } from '../resources.ts';
import type { ChunkDecoder } from '../projection/wire-decoder.ts';
import type { ListMeta } from '../projection/status.ts';
import { ApiError } from './api-error.ts';
import type {
  CallOptions,
  CreateOptions,
  DeleteOptions,
  KubeClient,
  ListOptions,
  ObjectList,
  PatchOptions,
  RawRequest,
  RawResponse,
  WatchOptions,
  WireObject,
  WriteOptions,
} from './kube-client.ts';
import type { MediaTypes } from './media-types.ts';
import type { Patch, PatchResult } from './patch.ts';
import { type Reply, ReplyBody } from './reply-body.ts';
import { requestTarget, resourcePath } from './request-path.ts';
import type { ApiRequest, Attempt, Requester } from './requester.ts';
import { apiErrorOf } from './status-error.ts';
import { StreamedReply } from './streamed-reply.ts';

const defaultTimeout = Duration.seconds(30);
const defaultPageSize = 500;
const jsonType = 'application/json';

export interface HttpKubeClientOptions {
  readonly requester: Requester;
  readonly mediaTypes: MediaTypes;
  /** Recorded as owner of written fields unless the call names another. */
  readonly fieldManager: string;
}

/** {@link KubeClient} over HTTP. Made by `connectKubeClient`. */
export class HttpKubeClient implements KubeClient {
  readonly #requester: Requester;
  readonly #media: MediaTypes;
  readonly #fieldManager: string;

  constructor(options: HttpKubeClientOptions) {
    this.#requester = options.requester;
    this.#media = options.mediaTypes;
    this.#fieldManager = options.fieldManager;
  }

  async get<T extends KubernetesObject>(resource: Resource<T>, name: ObjectName, options: CallOptions): Promise<T> {
    const request = this.#request('get', resource, {
      ...callOf(options),
      key: nameKey(name),
      target: requestTarget(resourcePath(resource, name)),
    });
    const reply = await this.#whole(request);
    return this.#decode(request, () => this.#decoder(resource, reply).object(reply.body));
  }

  async list<T extends KubernetesObject>(resource: Resource<T>, options: ListOptions): Promise<ObjectList<T>> {
    let items: T[] = [];
    let next = '';
    for (;;) {
      const { page, meta } = await this.#page(resource, options, next);
      items = next === '' ? page : items.concat(page);
      if (meta.continue === '') return { items, resourceVersion: meta.resourceVersion };
      next = meta.continue;
    }
  }

  async watch<T extends KubernetesObject>(resource: Resource<T>, options: WatchOptions<T>): Promise<void> {
    const initialEvents = options.sendInitialEvents === true;
    const request: ApiRequest = {
      ...this.#request('watch', resource, {
        signal: options.signal,
        key: options.namespace ?? '',
        target: requestTarget(resourcePath(resource, namespaceOf(options)), {
          watch: '1',
          allowWatchBookmarks: 'true',
          resourceVersion: options.resourceVersion,
          ...(initialEvents && { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }),
          timeoutSeconds: String(Math.max(1, Math.round(options.timeout.seconds))),
          labelSelector: options.labelSelector,
          fieldSelector: options.fieldSelector,
        }),
      }),
      timeout: undefined,
      idleTimeout: options.idleTimeout,
      fence: options.fence,
      isStream: true,
    };
    const attempt = request.attempt;
    await this.#stream(request, (contentType) => {
      options.onOpen?.();
      return this.#media.decoderFor(resource, contentType).watch({
        onEvent: (event) => options.onEvent(event),
        onStatus: (status) => {
          throw apiErrorOf({ attempt, httpStatus: 200, retryAfter: '', status });
        },
      });
    });
  }

  async create<T extends KubernetesObject>(
    resource: Resource<T>,
    object: WireObject,
    options: CreateOptions,
  ): Promise<T> {
    const namespace = object.metadata.namespace ?? '';
    const name = object.metadata.name ?? `${object.metadata.generateName ?? ''}*`;
    const request = this.#request('create', resource, {
      ...callOf(options),
      method: 'POST',
      key: nameKey({ namespace, name }),
      target: requestTarget(resourcePath(resource, { namespace }), this.#writeQuery(options)),
      body: {
        contentType: jsonType,
        text: JSON.stringify({ apiVersion: apiVersionOf(resource), kind: resource.kind, ...object }),
      },
    });
    const reply = await this.#whole(request);
    return this.#decode(request, () => this.#decoder(resource, reply).object(reply.body));
  }

  async patch<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
    patch: Patch,
    options: PatchOptions,
  ): Promise<PatchResult> {
    const { subresource } = options;
    const place = subresource === undefined ? name : { ...name, subresource };
    const force = patch.type === 'apply' && patch.force === true ? 'true' : undefined;
    const request: ApiRequest = {
      ...this.#request('patch', resource, {
        ...callOf(options),
        method: 'PATCH',
        key: subresource === undefined ? nameKey(name) : `${nameKey(name)}/${subresource}`,
        target: requestTarget(resourcePath(resource, place), { ...this.#writeQuery(options), force }),
        body: patchBody(resource, name, patch),
      }),
      accept: this.#media.accept('metadata'),
    };
    const reply = await this.#whole(request);
    const resourceVersion = this.#decode(request, () => this.#decoder(resource, reply).resourceVersion(reply.body));
    return { resourceVersion };
  }

  async delete<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
    options: DeleteOptions,
  ): Promise<void> {
    const { preconditions, dryRun } = options;
    await this.#whole(
      this.#request('delete', resource, {
        ...callOf(options),
        method: 'DELETE',
        key: nameKey(name),
        target: requestTarget(resourcePath(resource, name)),
        body: {
          contentType: jsonType,
          text: JSON.stringify({
            apiVersion: 'v1',
            kind: 'DeleteOptions',
            ...(preconditions && { preconditions }),
            ...(dryRun === true && { dryRun: ['All'] }),
          }),
        },
      }),
    );
  }

  async raw(request: RawRequest): Promise<RawResponse> {
    const attempt = `${request.method} /${request.path.join('/')}`;
    const reply = await this.#requester.send(
      {
        ...callOf(request),
        attempt,
        method: request.method,
        target: requestTarget(request.path, request.query),
        accept: request.accept ?? jsonType,
        ...(request.body !== undefined && {
          body: { contentType: request.contentType ?? jsonType, text: JSON.stringify(request.body) },
        }),
      },
      () => wholeAttempt((body) => body),
    );
    return {
      status: reply.status,
      header: (name) => reply.header(name),
      text: () => reply.body.toString('utf8'),
      json: () => parseJson(attempt, reply.body),
    };
  }

  close(): Promise<void> {
    return this.#requester.close();
  }

  async #page<T extends KubernetesObject>(
    resource: Resource<T>,
    options: ListOptions,
    next: string,
  ): Promise<{ page: T[]; meta: ListMeta }> {
    const limit = options.pageSize ?? defaultPageSize;
    const request = this.#request('list', resource, {
      ...callOf(options),
      key: options.namespace ?? '',
      target: requestTarget(resourcePath(resource, namespaceOf(options)), {
        limit: limit > 0 ? String(limit) : undefined,
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
        // The token carries the version; the server refuses both together.
        ...(next === '' ? versionQuery(options.resourceVersion ?? '') : { continue: next }),
      }),
    });
    let page: T[] = [];
    const meta = await this.#stream(request, (contentType) => {
      page = [];
      return this.#media.decoderFor(resource, contentType).list((item) => page.push(item));
    });
    return { page, meta };
  }

  #request<T extends KubernetesObject>(
    verb: string,
    resource: Resource<T>,
    call: Pick<ApiRequest, 'signal' | 'target'> & Partial<ApiRequest> & { readonly key: string },
  ): ApiRequest {
    const { key, ...rest } = call;
    return {
      attempt: key === '' ? `${verb} ${resource.plural}` : `${verb} ${resource.plural}/${key}`,
      method: 'GET',
      accept: this.#media.accept('object'),
      timeout: defaultTimeout,
      ...rest,
    };
  }

  #writeQuery(options: WriteOptions): Record<string, string | undefined> {
    return {
      fieldManager: options.fieldManager ?? this.#fieldManager,
      dryRun: options.dryRun === true ? 'All' : undefined,
    };
  }

  #whole(request: ApiRequest): Promise<Reply> {
    return this.#requester.send(request, () =>
      wholeAttempt((body) => {
        if (body.status >= 200 && body.status < 300) return body;
        throw this.#refusal(request, body);
      }),
    );
  }

  async #stream<Result>(request: ApiRequest, open: (contentType: string) => ChunkDecoder<Result>): Promise<Result> {
    try {
      return await this.#requester.send(request, () => this.#streamAttempt(request, open));
    } catch (error) {
      throw asApiError(request, error);
    }
  }

  #streamAttempt<Result>(request: ApiRequest, open: (contentType: string) => ChunkDecoder<Result>): Attempt<Result> {
    const reply = new StreamedReply({ open });
    return {
      receiver: reply,
      status: () => reply.status,
      result: () => {
        if (reply.refusal !== undefined) throw this.#refusal(request, reply.refusal);
        return reply.result as Result;
      },
    };
  }

  #refusal(request: ApiRequest, reply: Reply): ApiError {
    return apiErrorOf({
      attempt: request.attempt,
      httpStatus: reply.status,
      retryAfter: reply.header('retry-after'),
      status: this.#media.status(reply.body, reply.header('content-type')),
    });
  }

  #decoder<T extends KubernetesObject>(resource: Resource<T>, reply: Reply) {
    return this.#media.decoderFor(resource, reply.header('content-type'));
  }

  #decode<Result>(request: ApiRequest, decode: () => Result): Result {
    try {
      return decode();
    } catch (error) {
      throw asApiError(request, error);
    }
  }
}

function wholeAttempt<Result>(result: (body: Reply) => Result): Attempt<Result> {
  const body = new ReplyBody();
  return { receiver: body, status: () => body.status, result: () => result(body) };
}

function callOf(options: CallOptions): Pick<ApiRequest, 'signal' | 'timeout' | 'fence'> {
  return { signal: options.signal, timeout: options.timeout ?? defaultTimeout, fence: options.fence };
}

function namespaceOf(options: { readonly namespace?: string }): { readonly namespace?: string } {
  return options.namespace === undefined ? {} : { namespace: options.namespace };
}

/** With a page size, a bare version would mean exactly that one. */
function versionQuery(resourceVersion: string): Record<string, string> {
  if (resourceVersion === '' || resourceVersion === '0') return { resourceVersion };
  return { resourceVersion, resourceVersionMatch: 'NotOlderThan' };
}

function patchBody(
  resource: Resource<KubernetesObject>,
  name: ObjectName,
  patch: Patch,
): { readonly contentType: string; readonly text: string } {
  switch (patch.type) {
    case 'merge':
      return { contentType: 'application/merge-patch+json', text: JSON.stringify(patch.body) };
    case 'strategic':
      return { contentType: 'application/strategic-merge-patch+json', text: JSON.stringify(patch.body) };
    case 'json':
      return { contentType: 'application/json-patch+json', text: JSON.stringify(patch.operations) };
    case 'apply': {
      // JSON is YAML; an apply must say what it applies to.
      const metadata = { name: name.name, ...(name.namespace !== '' && { namespace: name.namespace }) };
      const identity = { apiVersion: apiVersionOf(resource), kind: resource.kind };
      const given = patch.body['metadata'];
      const body = { ...identity, ...patch.body, metadata: { ...metadata, ...(typeof given === 'object' && given) } };
      return { contentType: 'application/apply-patch+yaml', text: JSON.stringify(body) };
    }
  }
}

function asApiError(request: ApiRequest, error: unknown): unknown {
  if (!(error instanceof MalformedWireError)) return error;
  return new ApiError(`${request.attempt}: ${error.message}`, {
    kind: 'malformedReply',
    outcome: 'unknown',
    cause: error,
  });
}

function parseJson(attempt: string, body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new ApiError(`${attempt}: the reply is not JSON`, { kind: 'malformedReply', cause });
  }
}

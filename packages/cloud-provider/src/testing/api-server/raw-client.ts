import type { Json, JsonObject } from './json.ts';
import { isJsonObject, textAt } from './json.ts';

/** An answer as it came. */
export interface RawReply {
  readonly code: number;
  readonly type: string;
  readonly headers: Headers;
  readonly body: JsonObject;
}

export interface RawRequest {
  readonly body?: Json;
  readonly type?: string;
  readonly accept?: string;
  readonly userAgent?: string;
}

/** An open watch whose events are taken one by one. */
export interface RawWatch extends AsyncDisposable {
  readonly code: number;
  /** The next event; undefined at the end of the stream. Rejects when the connection is cut. */
  next(): Promise<{ readonly type: string; readonly object: JsonObject } | undefined>;
}

/** Speaks to a server at the level of HTTP and JSON, for tests of the server itself. */
export class RawClient {
  readonly #url: string;

  constructor(server: { readonly url: string }) {
    this.#url = server.url;
  }

  get(path: string, request: RawRequest = {}): Promise<RawReply> {
    return this.#send('GET', path, request);
  }

  post(path: string, body: Json, request: RawRequest = {}): Promise<RawReply> {
    return this.#send('POST', path, { ...request, body });
  }

  put(path: string, body: Json, request: RawRequest = {}): Promise<RawReply> {
    return this.#send('PUT', path, { ...request, body });
  }

  mergePatch(path: string, body: Json): Promise<RawReply> {
    return this.#send('PATCH', path, { body, type: 'application/merge-patch+json' });
  }

  strategicPatch(path: string, body: Json): Promise<RawReply> {
    return this.#send('PATCH', path, { body, type: 'application/strategic-merge-patch+json' });
  }

  jsonPatch(path: string, body: Json): Promise<RawReply> {
    return this.#send('PATCH', path, { body, type: 'application/json-patch+json' });
  }

  patch(path: string, request: RawRequest): Promise<RawReply> {
    return this.#send('PATCH', path, request);
  }

  delete(path: string, body?: Json): Promise<RawReply> {
    return this.#send('DELETE', path, body === undefined ? {} : { body });
  }

  async watch(path: string, request: Pick<RawRequest, 'accept'> = {}): Promise<RawWatch> {
    const cancel = new AbortController();
    const response = await fetch(`${this.#url}${path}${path.includes('?') ? '&' : '?'}watch=true`, {
      signal: cancel.signal,
      headers: { accept: request.accept ?? 'application/json' },
    });
    const lines = linesOf(response.body ?? new ReadableStream());
    return {
      code: response.status,
      async next() {
        const { value, done } = await lines.next();
        if (done === true) return undefined;
        const event = JSON.parse(value) as Json;
        if (!isJsonObject(event)) throw new Error(`no event: ${value}`);
        const object = event['object'];
        return { type: textAt(event, ['type']), object: isJsonObject(object) ? object : {} };
      },
      async [Symbol.asyncDispose]() {
        cancel.abort();
      },
    };
  }

  async #send(method: string, path: string, request: RawRequest): Promise<RawReply> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        accept: request.accept ?? 'application/json',
        ...(request.userAgent === undefined ? {} : { 'user-agent': request.userAgent }),
        ...(request.body === undefined ? {} : { 'content-type': request.type ?? 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    const body: unknown = type.startsWith('application/json') ? JSON.parse(text) : { text };
    return { code: response.status, type, headers: response.headers, body: isJsonObject(body) ? body : {} };
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of stream) {
    rest += decoder.decode(piece, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line !== '');
  }
  return undefined;
}

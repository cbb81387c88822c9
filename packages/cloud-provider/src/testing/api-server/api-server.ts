import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { systemClock } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import { Access, selfReviewPath } from './access.ts';
import { discoveryDocument, serverVersion } from './discovery.ts';
import { Faults } from './faults.ts';
import type { FaultEffect } from './faults.ts';
import { jsonCodec } from './json-codec.ts';
import { Kubeconfig } from './kubeconfig.ts';
import { chooseCodec, parseAccept } from './negotiation.ts';
import { ObjectStore } from './object-store.ts';
import { openapiDocument } from './openapi.ts';
import { Registry } from './registry.ts';
import { sendBody, sendJson, sendStatus } from './reply.ts';
import { parseJson, readBody } from './request-body.ts';
import { RequestCounters, WriteLog } from './request-log.ts';
import type { RequestFacts } from './request-log.ts';
import { handleResource } from './resource-handler.ts';
import { findRoute } from './route.ts';
import type { ResourceRoute } from './route.ts';
import { seedCluster } from './seed.ts';
import { StatusError, internalError } from './status.ts';

export interface ApiServerOptions {
  /** @default 0, which takes a free port */
  readonly port?: number;
  /** @default the system's */
  readonly clock?: Clock;
  /** Makes UIDs. @default random ones */
  readonly randomUUID?: () => string;
  /** Makes allocated addresses, ports and generated names: numbers in [0, 1). @default Math.random */
  readonly random?: () => number;
  /** When given, requests without this bearer token get 401. @default anybody may do anything */
  readonly token?: string;
  /** How many changes of each resource are kept for watches and consistent lists, at least. @default 10,000 */
  readonly historySize?: number;
}

/**
 * Starts an API server in this process, on 127.0.0.1, with the namespaces and the Service that every cluster has. It serves
 * the resources that cloud controller managers deal with, faithfully enough for stock clients; it runs no controllers, and
 * everybody may do everything that a test does not deny.
 */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const server = new ApiServer(options);
  await server.start();
  return server;
}

export class ApiServer implements AsyncDisposable {
  /** The objects without HTTP. */
  readonly store: ObjectStore;
  /** Troubles on demand. */
  readonly faults: Faults;
  /** What users may do. */
  readonly access = new Access();
  /** Every write through HTTP. */
  readonly log = new WriteLog();
  /** Requests through HTTP. */
  readonly counters = new RequestCounters();
  readonly #registry: Registry;
  readonly #token: string | undefined;
  readonly #sockets = new Set<Socket>();
  #port: number;
  #http: Server | undefined;

  /** Use {@link startApiServer}. */
  constructor(options: ApiServerOptions) {
    const clock = options.clock ?? systemClock;
    this.#registry = new Registry({
      clock,
      historySize: options.historySize ?? 10_000,
      randomUUID: options.randomUUID ?? randomUUID,
      random: options.random ?? Math.random,
    });
    this.#port = options.port ?? 0;
    this.#token = options.token;
    this.faults = new Faults(clock);
    this.store = new ObjectStore(this.#registry);
    seedCluster(this.store);
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** For kubectl and any other client. */
  kubeconfig(): Kubeconfig {
    return new Kubeconfig(this.url, this.#token);
  }

  writeKubeconfig(path: string): Promise<void> {
    return this.kubeconfig().write(path);
  }

  /** Listens, after a {@link stop} on the same port and with the same objects. Does nothing when it runs. */
  async start(): Promise<void> {
    if (this.#http) return;
    const http = createServer({ keepAliveTimeout: 60_000 }, (request, response) => void this.answer(request, response));
    http.on('connection', (socket) => {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject);
      http.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#http = http;
    this.#port = (http.address() as AddressInfo).port;
  }

  /** Cuts all connections and stops listening; the objects stay. */
  async stop(): Promise<void> {
    const http = this.#http;
    if (!http) return;
    this.#http = undefined;
    const closed = new Promise<void>((resolve) => http.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Forgets all past versions: whoever asks for one gets 410, as after a compaction of etcd. Open watches go on. */
  forgetHistory(): void {
    this.#registry.forgetHistory();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** @internal Answers one request, however it came. Never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#handle(request, response);
    } catch (error) {
      if (response.destroyed) return;
      const refusal = error instanceof StatusError ? error : internalError(String(error));
      sendStatus(response, jsonCodec(this.#registry), refusal);
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    if (this.#token !== undefined && request.headers.authorization !== `Bearer ${this.#token}`) {
      throw new StatusError({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
    }
    const route = findRoute(this.#registry, request.method ?? 'GET', url);
    if (route.kind === 'other') {
      if (route.path === selfReviewPath && request.method === 'POST') {
        const body = parseJson((await readBody(request)).toString());
        sendJson(response, 201, this.access.review(request, body));
        return;
      }
      this.#handleOther(request, response, route.path);
      return;
    }
    const facts = factsOf(request, route);
    response.on('close', () => this.counters.record(facts, response.headersSent ? response.statusCode : 0));
    this.access.assertAllowed(request, { ...facts, group: route.resource.group });
    const effects = await this.faults.meet(facts);
    if (this.#isPrevented(response, effects)) return;
    const include = url.searchParams.get('includeObject');
    await handleResource({
      request,
      response,
      url,
      route,
      facts,
      codec: chooseCodec(this.#registry, {
        accept: request.headers.accept,
        include: include === 'None' || include === 'Object' ? include : 'Metadata',
        resource: route.resource,
      }),
      registry: this.#registry,
      faults: this.faults,
      log: this.log,
      staleRevision: effects.find((effect) => effect.kind === 'stale')?.revision,
      losesReply: effects.some((effect) => effect.kind === 'lose-reply'),
    });
  }

  #isPrevented(response: ServerResponse, effects: readonly FaultEffect[]): boolean {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'refuse':
          throw effect.error;
        case 'cut':
          response.destroy();
          return true;
        case 'hang':
          return true;
        case 'delay':
        case 'lose-reply':
        case 'stale':
          break;
      }
    }
    return response.destroyed;
  }

  #handleOther(request: IncomingMessage, response: ServerResponse, path: string): void {
    if (path === '/version' || path === '/version/') return sendJson(response, 200, serverVersion);
    if (/^\/(healthz|livez|readyz)(\/|$)/.test(path))
      return sendBody(response, 200, { type: 'text/plain; charset=utf-8', content: 'ok' });
    const openapi = openapiDocument(this.#registry, path);
    if (openapi) return sendJson(response, 200, openapi);
    const accept = parseAccept(request.headers.accept);
    const document = discoveryDocument(this.#registry, { path, accept, address: `127.0.0.1:${this.#port}` });
    if (document) {
      return sendBody(response, 200, { type: document.type, content: `${JSON.stringify(document.content)}\n` });
    }
    sendBody(response, 404, { type: 'text/plain; charset=utf-8', content: '404 page not found\n' });
  }
}

function factsOf(request: IncomingMessage, route: ResourceRoute): RequestFacts {
  return {
    verb: route.verb,
    resource: route.resource.plural,
    namespace: route.namespace,
    name: route.name,
    subresource: route.subresource,
    userAgent: request.headers['user-agent'] ?? '',
  };
}

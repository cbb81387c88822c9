import {
  createServer as createHTTPServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHTTPSServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pipeline, type Readable } from 'node:stream';
import type { Logger } from '../../telemetry/logger.ts';
import type { Authorize } from './authorization.ts';
import { limitConnections } from './connection-limit.ts';
import { paceConnections } from './paced-connection.ts';
import { credentialsOf } from './request-credentials.ts';
import { faultOfHost } from './request-host.ts';
import { refuse } from './refusal.ts';
import { parseRequestTarget, type RequestTarget } from './request-target.ts';
import { anonymousUser, type Authenticate, type Authentication } from './request-user.ts';
import { prepareTls, type TlsMaterial, type TlsServing } from './tls-serving.ts';

/** An answer to a request. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  /** What is too long for one text is a stream. */
  readonly body: string | Readable;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a handler gets to know of a request. */
export interface ManagementRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  /** The `Accept` header; empty when absent. */
  readonly accept: string;
  /** The `Accept-Encoding` header; empty when absent. */
  readonly acceptEncoding: string;
  readonly signal: AbortSignal;
}

/** Answers requests for one path. */
export type Handler = (request: ManagementRequest) => Answer | Promise<Answer>;

/** Who may ask. `open` is for loopback addresses only: a demo, a test. */
export type Access =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'reviewed';
      readonly authenticate: Authenticate;
      readonly authorize: Authorize;
      /** Paths that anybody may ask for; a trailing `*` matches the rest. */
      readonly alwaysAllow: readonly string[];
    };

/** Takes the body of a PUT, which is short. */
export type Setter = (text: string) => Answer;

export interface ManagementServerOptions {
  /** An address; empty for all of this host. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Others may listen on the same address and port (SO_REUSEPORT). @default no */
  readonly sharesPort?: 'yes' | 'no';
  /** Without it, plain HTTP is spoken. */
  readonly tls: TlsServing | undefined;
  readonly access: Access;
  readonly logger: Logger;
  /** What anybody gets, without being asked who it is: files that hold nothing of the cluster. @default nothing */
  readonly publicFiles?: (request: ManagementRequest) => Answer | undefined;
  /** What may be done by POST, by path; only pages of this very server may ask for it. @default nothing */
  readonly actions?: Readonly<Record<string, Handler>>;
  /** What may be set by PUT, by path. A page of another site can't ask for it: browsers ask the server first. @default nothing */
  readonly settings?: Readonly<Record<string, Setter>>;
  /** Connections at once; a new one beyond it ends the one that has been idle longest. @default 256 */
  readonly maxConnections?: number;
}

/** A running server of health, metrics and status. */
export interface ManagementServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Takes other certificates for the connections from now on. Throws for such as can't be used; the former ones stay then. */
  replaceTls(material: TlsMaterial): void;
}

/** Enough for any request for these paths; a slow or silent client loses its connection. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
};
const handshakeTimeoutMilliseconds = 10_000;
/** In characters. */
const longestSetting = 64;
/** How long a client may take in nothing of its answer. */
const takingTimeoutMilliseconds = 30_000;

/** The headers of every answer. The page needs its own styles and scripts only, and nobody may frame it. */
const securityHeaders = {
  'cache-control': 'no-cache, private',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

/**
 * Serves GET requests for a fixed table of paths. Rejects when the address can't be listened on.
 * Routes are matched exactly, or by the longest prefix for keys that end in `/`.
 */
export async function startManagementServer(
  routes: Readonly<Record<string, Handler>>,
  options: ManagementServerOptions,
): Promise<ManagementServer> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    handle(routes, options, { request, response }).catch((error: unknown) => {
      options.logger.error('A request for health, metrics or status failed', { error, path: pathOf(request) });
      if (response.headersSent) response.destroy();
      else send(response, text(500, 'internal error\n'));
    });
  };
  const { server, replaceTls } = makeServer(options.tls, listener);
  paceConnections(server);
  limitConnections(server, options.maxConnections ?? 256);
  const port = await listen(server, options);
  const host = ['', '0.0.0.0', '::'].includes(options.host) ? '127.0.0.1' : options.host;
  return {
    url: `${options.tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    replaceTls,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function makeServer(
  tls: TlsServing | undefined,
  listener: RequestListener,
): { readonly server: Server; readonly replaceTls: (material: TlsMaterial) => void } {
  if (!tls) return { server: createHTTPServer(limits, listener), replaceTls: () => undefined };
  const prepared = prepareTls(tls);
  const handshakeTimeout = handshakeTimeoutMilliseconds;
  const server = createHTTPSServer({ ...limits, handshakeTimeout, ...prepared.options }, listener);
  return { server, replaceTls: (material) => prepared.replace(server, material) };
}

/** The path alone: what follows it may hold what nobody should log. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?')[0] ?? '';
}

/** A plain text answer. */
export function text(status: number, body: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

/** Go's answer where there is nothing. */
export function notFound(): Answer {
  return text(404, '404 page not found\n');
}

/** A JSON answer. */
export function json(value: unknown): Answer {
  return { status: 200, contentType: 'application/json', body: `${JSON.stringify(value)}\n` };
}

function listen(server: Server, options: ManagementServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const place = { port: options.port, reusePort: options.sharesPort === 'yes' };
    server.listen(options.host === '' ? place : { ...place, host: options.host }, () => {
      server.off('error', reject);
      server.on('error', (error) => options.logger.error('The management server failed', { error }));
      // A server that listens on a port has an address with a port.
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function handle(
  routes: Readonly<Record<string, Handler>>,
  options: ManagementServerOptions,
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const { request, response } = exchange;
  const aborter = new AbortController();
  response.once('close', () => aborter.abort());
  const hostFault = faultOfHost(request);
  const target = parseRequestTarget(request.url ?? '/');
  if (hostFault !== undefined || !target) {
    send(response, text(400, hostFault === undefined ? '400 Bad Request' : `400 Bad Request: ${hostFault}`));
    return;
  }
  const isAction = request.method === 'POST' && findHandler(options.actions ?? {}, target.path) !== undefined;
  const setter = request.method === 'PUT' ? findHandler(options.settings ?? {}, target.path) : undefined;
  if (request.method !== 'GET' && request.method !== 'HEAD' && !isAction && !setter) {
    send(response, { ...text(405, 'only GET is served here\n'), headers: { allow: 'GET, HEAD' } });
    return;
  }
  if (isAction && !isFromOwnPage(request)) {
    send(response, text(403, 'only the page of this server may ask for this\n'));
    return;
  }
  const asked: ManagementRequest = {
    ...target,
    accept: request.headers.accept ?? '',
    acceptEncoding: String(request.headers['accept-encoding'] ?? ''),
    signal: aborter.signal,
  };
  const early =
    (isAction || setter ? undefined : options.publicFiles?.(asked)) ??
    (await deny(options, { target, request, signal: aborter.signal }));
  if (early) {
    send(response, early);
    return;
  }
  if (setter) {
    const body = await readShortBody(request);
    send(response, body === undefined ? text(413, 'the body is too long\n') : setter(body));
    return;
  }
  const handler = findHandler(isAction ? (options.actions ?? {}) : routes, target.path);
  if (!handler) {
    send(response, notFound());
    return;
  }
  send(response, await handler(asked));
}

/** Undefined when it is longer than any setting. */
function readShortBody(request: IncomingMessage): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (piece: string) => {
    body += piece;
    if (body.length <= longestSetting) return;
    resolve(undefined);
    request.removeAllListeners('data').resume();
  });
  request.once('end', () => resolve(body));
  request.once('error', reject);
  return promise;
}

function findHandler<Each>(routes: Readonly<Record<string, Each>>, path: string): Each | undefined {
  if (Object.hasOwn(routes, path)) return routes[path];
  const prefix = Object.keys(routes)
    .filter((route) => route.endsWith('/') && path.startsWith(route))
    .toSorted((a, b) => b.length - a.length)[0];
  return prefix === undefined ? undefined : routes[prefix];
}

/** A page of another site can send a POST here too, with its reader's rights; browsers say whose page it is. */
function isFromOwnPage(request: IncomingMessage): boolean {
  const origin = request.headers.origin;
  return origin !== undefined && URL.parse(origin)?.host === request.headers.host;
}

async function deny(
  { access, logger }: Pick<ManagementServerOptions, 'access' | 'logger'>,
  asked: { readonly target: RequestTarget; readonly request: IncomingMessage; readonly signal: AbortSignal },
): Promise<Answer | undefined> {
  if (access.kind === 'open') return undefined;
  const { target, request, signal } = asked;
  const { path, query } = target;
  const reader = { query, userAgent: request.headers['user-agent'] ?? '' };
  const authentication = await access
    .authenticate(credentialsOf(request), signal)
    .catch((error: unknown): Authentication => {
      // Who can't be known is refused like one who is wrong, as the Go managers do: k8s.io/apiserver, WithAuthentication.
      if (!signal.aborted) logger.error('Unable to authenticate the request', { error, path });
      return { kind: 'invalid' };
    });
  // Wrong credentials are refused even where none are needed, as the Go managers do.
  if (authentication.kind === 'invalid') return refuse({ kind: 'unauthorized' }, reader);
  const isOpenPath = access.alwaysAllow.some((allowed) =>
    allowed.endsWith('*') ? path.startsWith(allowed.slice(0, -1)) : path === allowed,
  );
  if (isOpenPath) return undefined;
  const user = authentication.kind === 'user' ? authentication.user : anonymousUser;
  const verb = (request.method ?? 'GET').toLowerCase();
  if ((await access.authorize(user, { path, verb }, signal)) === 'allowed') return undefined;
  return refuse({ kind: 'forbidden', user: user.name, verb, path }, reader);
}

function send(response: ServerResponse, answer: Answer): void {
  const { body } = answer;
  const { socket } = response;
  response.setTimeout(takingTimeoutMilliseconds, () => socket?.destroy());
  response.once('finish', () => socket?.setTimeout(0));
  response.writeHead(answer.status, {
    ...securityHeaders,
    ...answer.headers,
    'content-type': answer.contentType,
    ...(typeof body === 'string' && { 'content-length': Buffer.byteLength(body) }),
  });
  if (typeof body === 'string') response.end(body);
  // A client that goes away ends the stream; there is nobody to tell.
  else pipeline(body, response, () => undefined);
}

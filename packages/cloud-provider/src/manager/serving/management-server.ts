import { createServer as createHTTPServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHTTPSServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../../telemetry/logger.ts';
import { anonymousUser, type Authenticate } from './authentication.ts';
import type { Authorize } from './authorization.ts';
import type { ServingCertificate } from './self-signed-certificate.ts';

/** An answer to a request. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a handler gets to know of a request. */
export interface ManagementRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  /** The `Accept` header; empty when absent. */
  readonly accept: string;
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

export interface ManagementServerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Without one, plain HTTP is spoken. */
  readonly certificate: ServingCertificate | undefined;
  readonly access: Access;
  readonly logger: Logger;
  /** What may be done by POST, by path; only pages of this very server may ask for it. @default nothing */
  readonly actions?: Readonly<Record<string, Handler>>;
}

/** A running server of health, metrics and status. */
export interface ManagementServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

/** Enough for any request for these paths; a slow or silent client loses its connection. */
const headersTimeoutMilliseconds = 10_000;
const requestTimeoutMilliseconds = 30_000;
const maxHeaderBytes = 16_384;
const maxConnections = 512;

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
      options.logger.error('A request for health, metrics or status failed', { error, path: request.url });
      if (response.headersSent) response.destroy();
      else send(response, text(500, 'internal error\n'));
    });
  };
  const limits = {
    headersTimeout: headersTimeoutMilliseconds,
    requestTimeout: requestTimeoutMilliseconds,
    maxHeaderSize: maxHeaderBytes,
  };
  const { certificate } = options;
  const server = certificate
    ? createHTTPSServer(
        { ...limits, cert: certificate.certificate, key: certificate.key, minVersion: 'TLSv1.2' },
        listener,
      )
    : createHTTPServer(limits, listener);
  server.maxConnections = maxConnections;
  const port = await listen(server, options);
  const host = options.host === '0.0.0.0' || options.host === '::' ? '127.0.0.1' : options.host;
  return {
    url: `${certificate ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A plain text answer. */
export function text(status: number, body: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

/** A JSON answer. */
export function json(value: unknown): Answer {
  return { status: 200, contentType: 'application/json', body: `${JSON.stringify(value)}\n` };
}

function listen(server: Server, options: ManagementServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
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
  const url = URL.parse(request.url ?? '/', 'http://localhost');
  if (!url) {
    send(response, text(400, 'the path is not a path\n'));
    return;
  }
  const isAction = request.method === 'POST' && findHandler(options.actions ?? {}, url.pathname) !== undefined;
  if (request.method !== 'GET' && request.method !== 'HEAD' && !isAction) {
    send(response, { ...text(405, 'only GET is served here\n'), headers: { allow: 'GET, HEAD' } });
    return;
  }
  if (isAction && !isFromOwnPage(request)) {
    send(response, text(403, 'only the page of this server may ask for this\n'));
    return;
  }
  const denied = await deny(options.access, { path: url.pathname, request, signal: aborter.signal });
  if (denied) {
    send(response, denied);
    return;
  }
  const handler = findHandler(isAction ? (options.actions ?? {}) : routes, url.pathname);
  if (!handler) {
    send(response, text(404, `there is nothing at this path; there is ${Object.keys(routes).join(', ')}\n`));
    return;
  }
  const answer = await handler({
    path: url.pathname,
    query: url.searchParams,
    accept: request.headers.accept ?? '',
    signal: aborter.signal,
  });
  send(response, answer);
}

function findHandler(routes: Readonly<Record<string, Handler>>, path: string): Handler | undefined {
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
  access: Access,
  asked: { readonly path: string; readonly request: IncomingMessage; readonly signal: AbortSignal },
): Promise<Answer | undefined> {
  if (access.kind === 'open') return undefined;
  const isOpenPath = access.alwaysAllow.some((allowed) =>
    allowed.endsWith('*') ? asked.path.startsWith(allowed.slice(0, -1)) : asked.path === allowed,
  );
  if (isOpenPath) return undefined;
  const user = await access.authenticate(asked.request.headers.authorization, asked.signal);
  if (!user) return text(401, 'the bearer token is not valid\n');
  const answer = await access.authorize(user, asked.path, asked.signal);
  if (answer === 'allowed') return undefined;
  if (user === anonymousUser) return text(401, 'a bearer token is needed: Authorization: Bearer TOKEN\n');
  return text(403, `user ${JSON.stringify(user.name)} may not get this path\n`);
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    ...securityHeaders,
    ...answer.headers,
    'content-type': answer.contentType,
    'content-length': Buffer.byteLength(answer.body),
  });
  response.end(answer.body);
}

import { Agent, createServer, type IncomingMessage, request as forward, type ServerResponse } from 'node:http';
import { Agent as TlsAgent, request as forwardOverTls } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A request at the moment when its head arrived at the proxy, and what became of it. */
export interface SeenRequest {
  /** Milliseconds of this process's `performance.now()`. */
  readonly at: number;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** 0 while there is no answer. */
  status: number;
}

export interface RecordingProxyOptions {
  /** What is behind it: `https://127.0.0.1:6443`, `http://127.0.0.1:8080`. */
  readonly target: string;
  /** PEM; for a target over TLS. */
  readonly certificateAuthority?: string | undefined;
  /** Added to every request. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly onRequest?: (request: SeenRequest) => void;
}

/**
 * A plain HTTP server on loopback in front of another server, for one client: whatever arrives there was sent by that client
 * then. It holds everything back while it is blocked, and cuts streams on demand.
 */
export interface RecordingProxy extends AsyncDisposable {
  readonly url: string;
  /** From now on requests are seen but go no further, and what is under way stands still. */
  readonly block: () => void;
  /** Ends everything that was held back, as a network does that was away for too long. */
  readonly unblock: () => void;
  /** Cuts the connections of watches. Returns how many. */
  readonly cutWatches: () => number;
  /** How many watches are under way. */
  readonly openWatches: () => number;
}

interface Passage {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly isWatch: boolean;
}

export async function startRecordingProxy(options: RecordingProxyOptions): Promise<RecordingProxy> {
  const target = new URL(options.target);
  const isSecure = target.protocol === 'https:';
  const pooling = { keepAlive: true, maxSockets: 256 };
  const agent = isSecure ? new TlsAgent({ ...pooling, ca: options.certificateAuthority }) : new Agent(pooling);
  const passages = new Set<Passage>();
  let isBlocked = false;

  const passOn = (passage: Passage, seen: SeenRequest): void => {
    const { request, response } = passage;
    const send = isSecure ? forwardOverTls : forward;
    const onward = send(
      {
        agent,
        host: target.hostname,
        port: target.port,
        method: request.method,
        path: request.url,
        headers: { ...request.headers, host: target.host, ...options.headers },
      },
      (answer) => {
        seen.status = answer.statusCode ?? 0;
        response.writeHead(seen.status, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
        answer.once('error', () => response.destroy());
        // An answer that broke off must not look complete.
        answer.once('aborted', () => response.destroy());
      },
    );
    onward.once('error', () => response.destroy());
    response.once('close', () => onward.destroy());
    request.pipe(onward);
  };

  const server = createServer((request, response) => {
    const seen: SeenRequest = {
      at: performance.now(),
      method: request.method ?? '',
      path: request.url ?? '',
      status: 0,
    };
    options.onRequest?.(seen);
    const passage: Passage = { request, response, isWatch: /[?&]watch=(1|true)/.test(seen.path) };
    passages.add(passage);
    response.once('close', () => passages.delete(passage));
    request.once('error', () => undefined);
    response.once('error', () => undefined);
    if (!isBlocked) passOn(passage, seen);
  });
  // The other side decides how long connections live.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const end = (passage: Passage): void => void passage.response.destroy();
  const watches = (): readonly Passage[] => [...passages].filter(({ isWatch }) => isWatch);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    block: () => {
      isBlocked = true;
      for (const { response } of passages) response.cork();
    },
    unblock: () => {
      isBlocked = false;
      passages.forEach(end);
    },
    cutWatches: () => {
      const cut = watches();
      cut.forEach(end);
      return cut.length;
    },
    openWatches: () => watches().length,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

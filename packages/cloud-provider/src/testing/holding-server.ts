import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server on loopback that takes requests and answers none until it is told to. */
export interface HoldingServer extends AsyncDisposable {
  readonly url: string;
  /** Methods and paths, in the order of their arrival. */
  readonly arrived: readonly string[];
  /** Resolves once so many have arrived. */
  arrivals(count: number): Promise<void>;
  /** Answers what has arrived and all that will: 200 with an empty object. */
  answerAll(): void;
}

/** Starts one. Its port is the system's choice. */
export async function startHoldingServer(): Promise<HoldingServer> {
  const arrived: string[] = [];
  let held: ServerResponse[] | undefined = [];
  let onArrival: (() => void) | undefined;
  const answer = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  };
  const server = createServer((request, response) => {
    arrived.push(`${request.method} ${request.url}`);
    request.resume();
    if (held) held.push(response);
    else answer(response);
    onArrival?.();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    async arrivals(count) {
      while (arrived.length < count) await new Promise<void>((resolve) => (onArrival = resolve));
    },
    answerAll() {
      held?.forEach(answer);
      held = undefined;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

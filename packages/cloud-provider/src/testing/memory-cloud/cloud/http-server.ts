import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InputOf, OperationName } from './api.ts';
import { isOperationName } from './api.ts';
import type { MemoryCloud } from './memory-cloud.ts';
import { CloudRefusal } from './refusal.ts';

/** The header that carries the caller's cluster. */
export const clusterHeader = 'x-memory-cloud-cluster';

export interface CloudServer extends AsyncDisposable {
  /** For example `http://127.0.0.1:41234`. */
  readonly endpoint: string;
}

/** Serves a memory cloud over HTTP on loopback: `POST /v1/<Operation>` with the input as JSON. */
export async function startCloudServer(cloud: MemoryCloud, port = 0): Promise<CloudServer> {
  const server = createServer((request, response) => {
    serve(cloud, request, response).catch(() => {
      // A lost connection is what the cloud was told to produce; whoever is at the other end must see just that.
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(cloud: MemoryCloud, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hungUp = new AbortController();
  response.once('close', () => hungUp.abort(new Error('the caller hung up')));
  const operation = /^\/v1\/(\w+)$/.exec(request.url ?? '')?.[1] ?? '';
  if (request.method !== 'POST' || !isOperationName(operation)) {
    answer(response, 404, new CloudRefusal('NotFound', `there is no operation ${operation}`).toReply('req-0'));
    return;
  }
  const input = await readInput(request);
  if (input === undefined) {
    answer(
      response,
      400,
      new CloudRefusal('InvalidParameter', 'the body is not JSON', { field: 'body' }).toReply('req-0'),
    );
    return;
  }
  const cluster = request.headers[clusterHeader];
  const caller = { cluster: typeof cluster === 'string' ? cluster : '' };
  const reply = await cloud.handle({ operation, caller, input }, hungUp.signal);
  if (reply.kind === 'refused' && reply.retryAfterMilliseconds !== undefined) {
    response.setHeader('retry-after', String(Math.ceil(reply.retryAfterMilliseconds / 1000)));
  }
  answer(response, reply.kind === 'accepted' ? 200 : reply.status, reply);
}

async function readInput(request: IncomingMessage): Promise<InputOf<OperationName> | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as InputOf<OperationName>;
  } catch {
    return undefined;
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

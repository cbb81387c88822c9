import { type IncomingMessage, type ServerResponse, createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Calls by phase of the test and operation, such as `ec2.DescribeInstances`. */
export type CallCounts = Record<string, Record<string, number>>;

/** Stands between the manager and the cloud and counts. Requests of the tests themselves do not pass it. */
export interface CountingProxy extends AsyncDisposable {
  readonly url: string;
  readonly counts: CallCounts;
}

const control = '/_phase/';

/**
 * Everything is passed on to the target but `POST /_phase/<name>`, which starts a phase, and `GET /_phase/`, which gives the
 * counts.
 */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const counts: CallCounts = {};
  let phase = 'start';
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (path.startsWith(control)) {
      request.resume();
      if (request.method === 'POST') phase = decodeURIComponent(path.slice(control.length));
      response.end(JSON.stringify(counts));
      return;
    }
    void collect(request).then((body) => {
      const operation = operationOf(request, body);
      const ofPhase = (counts[phase] ??= {});
      ofPhase[operation] = (ofPhase[operation] ?? 0) + 1;
      passOn({ target, request, response, body });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    counts,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Passage {
  readonly target: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
}

function passOn({ target, request, response, body }: Passage): void {
  const options = { method: request.method, headers: request.headers };
  const onward = forward(new URL(request.url ?? '/', target), options, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  onward.end(body);
}

async function collect(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The service from the signature, the action from the form. */
function operationOf(request: IncomingMessage, body: Buffer): string {
  const signature = request.headers.authorization ?? '';
  const service = /Credential=[^/]+\/[^/]+\/[^/]+\/([^/]+)\//.exec(signature)?.[1] ?? 'unknown';
  const action = new URLSearchParams(body.toString('utf8')).get('Action') ?? 'unknown';
  return `${service}.${action}`;
}

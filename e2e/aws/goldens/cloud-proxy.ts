import { type IncomingMessage, type ServerResponse, createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallCount, Fault } from './golden-case.ts';

/** One request of the manager. */
export interface RecordedCall {
  readonly operation: string;
  /** Undefined while there is no answer. */
  status: number | undefined;
}

/** Stands between the manager and the cloud: writes down what is asked, and fails what it is told to fail. */
export interface CloudProxy extends AsyncDisposable {
  readonly url: string;
  readonly calls: readonly RecordedCall[];
  /** How many requests that may have changed something have been answered. */
  readonly writes: number;
  fail(fault: Fault): void;
  /** Forgets calls and faults. */
  reset(): void;
}

export async function startCloudProxy(target: string): Promise<CloudProxy> {
  const calls: RecordedCall[] = [];
  const faults: { fault: Fault; left: number }[] = [];
  let writes = 0;
  const server = createServer((request, response) => {
    void collect(request).then((body) => {
      const { service, action } = operationOf(request, body);
      const call: RecordedCall = { operation: `${service}.${action}`, status: undefined };
      calls.push(call);
      response.once('close', () => {
        call.status = response.statusCode;
        if (!isRead(call)) writes++;
      });
      const due = faults.find(
        ({ fault, left }) =>
          left > 0 && fault.service === service && fault.action === action && body.includes(fault.holding ?? ''),
      );
      if (due !== undefined) {
        due.left--;
        if (due.fault.loses === 'answer') passOn({ target, request, response, body, answer: 'lost' });
        else answerWith(due.fault, response);
      } else passOn({ target, request, response, body, answer: 'told' });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    get writes() {
      return writes;
    },
    fail: (fault) => faults.push({ fault, left: fault.count }),
    reset: () => {
      calls.length = 0;
      faults.length = 0;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function isRead({ operation }: Pick<RecordedCall, 'operation'>): boolean {
  return /\.(Describe|Get|List)/.test(operation);
}

export function countCalls(calls: readonly RecordedCall[]): CallCount {
  const reads = calls.filter(isRead).length;
  return { reads, writes: calls.length - reads };
}

interface Passage {
  readonly target: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  readonly answer: 'told' | 'lost';
}

function passOn({ target, request, response, body, answer: fate }: Passage): void {
  // The emulator closes each connection.
  const options = { method: request.method, headers: request.headers, agent: false } as const;
  const onward = forward(new URL(request.url ?? '/', target), options, (answer) => {
    if (fate === 'lost') {
      answer.resume().once('end', () => response.destroy());
      return;
    }
    const headers = Object.entries(answer.headers).filter(([name]) => name !== 'connection');
    response.writeHead(answer.statusCode ?? 502, Object.fromEntries(headers));
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  onward.end(body);
}

function answerWith(
  { service, code, status = 400, message = 'injected by the test' }: Fault,
  to: ServerResponse,
): void {
  const error = `<Code>${code}</Code><Message>${message}</Message>`;
  const id = '00000000-0000-0000-0000-000000000000';
  const body =
    service === 'ec2'
      ? `<Response><Errors><Error>${error}</Error></Errors><RequestID>${id}</RequestID></Response>`
      : `<ErrorResponse><Error><Type>Sender</Type>${error}</Error><RequestId>${id}</RequestId></ErrorResponse>`;
  to.writeHead(status, { 'content-type': 'text/xml' });
  to.end(body);
}

async function collect(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The service from the signature and the API's version, the action from the form. */
function operationOf(request: IncomingMessage, body: Buffer): { readonly service: string; readonly action: string } {
  const signature = request.headers.authorization ?? '';
  const signed = /Credential=[^/]+\/[^/]+\/[^/]+\/([^/]+)\//.exec(signature)?.[1] ?? 'unknown';
  const form = new URLSearchParams(body.toString('utf8'));
  const network = form.get('Version') === '2015-12-01' ? 'elbv2' : 'elb';
  return {
    service: signed === 'elasticloadbalancing' ? network : signed,
    action: form.get('Action') ?? 'unknown',
  };
}

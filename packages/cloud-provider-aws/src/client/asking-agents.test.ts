import { type ClientRequest, type ServerResponse, createServer, request as sendPlain } from 'node:http';
import { createServer as createTlsServer, request as sendOverTls } from 'node:https';
import { type AddressInfo, type Server, connect, createServer as createTcpServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { issueCertificate } from '@ccm-ts/cloud-provider/testing';
import { AskingAgents } from './asking-agents.ts';

const lost = new Error('the lease is lost');

/** Falls once. */
class Fence {
  #held = true;
  readonly ask = (): void => {
    if (!this.#held) throw lost;
  };
  fall(): void {
    this.#held = false;
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A service that keeps what it was sent. It answers at once, or when it is told to. */
async function openService(answers: 'at once' | 'when told' = 'at once') {
  const arrived: string[] = [];
  const waiting: ServerResponse[] = [];
  let onArrival: (() => void) | undefined;
  const server = createServer((request, response) => {
    arrived.push(request.url ?? '');
    request.resume();
    if (answers === 'at once') response.end('done');
    else waiting.push(response);
    onArrival?.();
  });
  const port = await listen(server);
  return {
    port,
    arrived,
    async arrivals(count: number): Promise<void> {
      while (arrived.length < count) await new Promise<void>((resolve) => (onArrival = resolve));
    },
    answerAll: () => void waiting.map((response) => response.end('done')),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A service over TLS whose handshakes stand still until they are let through. */
async function openStallingService() {
  const { certificate, key } = issueCertificate({
    subject: { commonName: 'service' },
    addresses: ['127.0.0.1'],
    validFrom: new Date(Date.now() - 60_000),
    validTo: new Date(Date.now() + 3_600_000),
    usage: 'server',
  });
  const arrived: string[] = [];
  const secure = createTlsServer({ cert: certificate, key }, (request, response) => {
    arrived.push(request.url ?? '');
    request.resume();
    response.end('done');
  });
  const securePort = await listen(secure);
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const front = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy());
    reached.resolve();
    void opened.promise.then(() => {
      const onward = connect(securePort, '127.0.0.1');
      onward.on('error', () => socket.destroy());
      socket.once('close', () => onward.destroy());
      socket.pipe(onward).pipe(socket);
    });
  });
  return {
    port: await listen(front),
    certificate,
    arrived,
    reached: reached.promise,
    open: () => opened.resolve(),
    async [Symbol.asyncDispose]() {
      secure.closeAllConnections();
      await Promise.all([secure, front].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function answer(request: ClientRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.once('end', () => resolve(text));
    });
    request.end('a body');
  });
}

function setUp() {
  const agents = new AskingAgents();
  const { httpAgent } = agents.make();
  const fence = new Fence();
  const send = (port: number, path = '/'): Promise<string> =>
    agents.run(fence.ask, () => answer(sendPlain({ host: '127.0.0.1', port, path, method: 'POST', agent: httpAgent })));
  return { fence, send, [Symbol.dispose]: () => httpAgent.destroy() };
}

describe('agents that ask before the first byte', () => {
  it('send while they may, also on a connection that was kept', async () => {
    await using service = await openService();
    using bench = setUp();
    expect(await bench.send(service.port, '/1')).toBe('done');
    expect(await bench.send(service.port, '/2')).toBe('done');
    bench.fence.fall();
    await expect(bench.send(service.port, '/3')).rejects.toBe(lost);
    expect(service.arrived).toEqual(['/1', '/2']);
  });

  it('send nothing on a connection that stood only after the fence had fallen', async () => {
    await using service = await openService();
    using bench = setUp();
    const refused = expect(bench.send(service.port)).rejects.toBe(lost);
    bench.fence.fall();
    await refused;
    expect(service.arrived).toEqual([]);
  });

  it('send nothing that waited for a connection to become free until the fence had fallen', async () => {
    await using service = await openService('when told');
    using bench = setUp();
    const most = 50;
    const holding = Array.from({ length: most }, () => bench.send(service.port, '/early'));
    await service.arrivals(most);
    const refused = expect(bench.send(service.port, '/late')).rejects.toBe(lost);
    bench.fence.fall();
    service.answerAll();
    await refused;
    await Promise.all(holding);
    expect(service.arrived).not.toContain('/late');
  });

  it.each([
    ['nothing when the fence falls', true],
    ['the request when it holds', false],
  ])('send after a handshake that took long: %s', async (_, falls) => {
    await using service = await openStallingService();
    const agents = new AskingAgents();
    const { httpsAgent } = agents.make({ ca: service.certificate });
    const fence = new Fence();
    const call = agents.run(fence.ask, () =>
      answer(sendOverTls({ host: '127.0.0.1', port: service.port, method: 'POST', agent: httpsAgent })),
    );
    const ended = falls ? expect(call).rejects.toBe(lost) : expect(call).resolves.toBe('done');
    await service.reached;
    if (falls) fence.fall();
    service.open();
    await ended;
    expect(service.arrived).toEqual(falls ? [] : ['/']);
    httpsAgent.destroy();
  });

  it('leave requests alone that nobody put a question to', async () => {
    await using service = await openService();
    const { httpAgent } = new AskingAgents().make();
    const request = sendPlain({ host: '127.0.0.1', port: service.port, method: 'POST', agent: httpAgent });
    expect(await answer(request)).toBe('done');
    httpAgent.destroy();
  });
});

import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as ask,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { paceConnections } from './paced-connection.ts';

const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

async function start(listener: RequestListener) {
  const server = createServer(listener);
  paceConnections(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async client(): Promise<Socket> {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

describe('paced connections', () => {
  it('have few requests of a client in memory, and answer all of them in turn', async () => {
    const waiting: ServerResponse[] = [];
    await using server = await start((_request, response) => void waiting.push(response));
    const socket = await server.client();
    let answers = 0;
    socket.setEncoding('utf8').on('data', (data: string) => {
      answers += data.split('HTTP/1.1 200').length - 1;
    });
    socket.write(get.repeat(2000));
    let most = 0;
    for (let answered = 0; answered < 2000; ) {
      await turns(20);
      most = Math.max(most, waiting.length);
      for (const response of waiting.splice(0)) {
        response.end('.');
        answered++;
      }
    }
    while (answers < 2000) await once(socket, 'data');
    // A slice brings up to 53 of these.
    expect(most).toBeLessThan(100);
    socket.destroy();
  });

  it('take in bodies of any length', async () => {
    await using server = await start((request, response) => void text(request).then((body) => response.end(body)));
    const body = 'é'.repeat(1_000_000);
    const request = ask({ port: server.port, host: '127.0.0.1', method: 'POST' });
    request.end(body);
    const response = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
    expect((await text(response)) === body).toBe(true);
  });

  it('end after the answer where the client asks for it, and when the client ends', async () => {
    await using server = await start((_request, response) => void response.end('x'.repeat(500_000)));
    const asking = await server.client();
    asking.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(await text(asking)).toMatch(/x{500000}$/);
    const ending = await server.client();
    ending.end(get);
    expect(await text(ending)).toMatch(/x{500000}$/);
  });

  it('tell the server when the client is gone', async () => {
    const arrived = Promise.withResolvers<ServerResponse>();
    await using server = await start((_request, response) => arrived.resolve(response));
    const socket = await server.client();
    socket.write(get);
    const response = await arrived.promise;
    socket.destroy();
    await once(response, 'close');
    expect(response.writableFinished).toBe(false);
  });

  it('time out as sockets do', async () => {
    await using server = await start((request, response) => {
      response.setTimeout(20, () => request.socket.destroy());
    });
    const socket = await server.client();
    socket.write(get);
    await once(socket.resume(), 'close');
  });

  it('go on when the client takes his answers late', async () => {
    await using server = await start((_request, response) => void response.end('y'.repeat(10_000)));
    const socket = await server.client();
    socket.pause();
    socket.write(get.repeat(1000));
    await turns(200);
    let taken = 0;
    socket.on('data', (data: Buffer) => {
      taken += data.length;
    });
    socket.resume();
    while (taken < 10_000_000) await once(socket, 'data');
    socket.destroy();
  });
});

import { createConnection, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../base/clock.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { createAuthenticator } from './authentication.ts';
import { noAuthorities } from './client-authorities.ts';
import { type ManagementServer, startManagementServer, text } from './management-server.ts';
import { makeSelfSignedCertificate } from './self-signed-certificate.ts';

const secret = 'planted-secret-0451';

let server: ManagementServer;
let log = '';
let idle: Socket[] = [];

async function start(maxConnections?: number): Promise<void> {
  const main = makeSelfSignedCertificate({ hosts: ['localhost'], addresses: ['127.0.0.1'], now: new Date() });
  log = '';
  server = await startManagementServer(
    {
      '/healthz': () => text(200, 'ok'),
      '/metrics': () => text(200, 'metrics'),
      '/broken': () => {
        throw new Error('it broke');
      },
    },
    {
      host: '127.0.0.1',
      port: 0,
      tls: {
        material: { certificates: { main, named: [] }, clientAuthorities: [] },
        parameters: {},
        asksForCertificates: 'no',
      },
      access: {
        kind: 'reviewed',
        alwaysAllow: ['/healthz', '/broken'],
        authenticate: createAuthenticator({
          authorities: () => noAuthorities,
          now: () => new Date(),
          reviewToken: async ({ authorization }) => ({ kind: authorization === undefined ? 'absent' : 'invalid' }),
        }),
        authorize: async () => 'forbidden',
      },
      logger: createLogger({ format: 'text', level: 'debug', clock: systemClock, sink: (line) => (log += line) }),
      ...(maxConnections !== undefined && { maxConnections }),
    },
  );
}

beforeEach(() => start());

afterEach(async () => {
  for (const socket of idle) socket.destroy();
  idle = [];
  await server[Symbol.asyncDispose]();
});

/** Sends bytes as they are and gives everything that comes back. */
async function exchange(bytes: string): Promise<string> {
  return await new Promise((resolve) => {
    let reply = '';
    const options = { host: '127.0.0.1', port: server.port, rejectUnauthorized: false };
    const socket = connectTls(options, () => socket.write(bytes, 'latin1'));
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => (reply += piece));
    socket.on('error', () => resolve(reply));
    socket.on('close', () => resolve(reply));
  });
}

const get = (path: string, ...headers: readonly string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers, '', ''].join('\r\n');

const statusOf = (reply: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(reply)?.[1] ?? 0);

describe('the management server', () => {
  it.each([
    ['a path that climbs', get('/healthz/../../metrics'), 403],
    ['a path that climbs in disguise', get('/healthz/%2e%2e/metrics'), 403],
    ['a path with a double slash', get('//healthz/../metrics'), 403],
    ['a path with a backslash', get('/healthz\\..\\metrics'), 403],
    ['a path with a zero byte', get('/healthz%00'), 403],
    ['an address of another server', get('http://elsewhere.example/metrics'), 403],
    ['another host', 'GET /healthz HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n', 200],
    ['an empty host', 'GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n', 200],
    ['no host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['a host that is none', 'GET /healthz HTTP/1.1\r\nHost: a/b@c\r\nConnection: close\r\n\r\n', 400],
    ['two hosts', get('/healthz', 'Host: elsewhere.example'), 400],
    ['a wrong escape', get('/%zz'), 400],
    ['a fragment', get('/healthz#x'), 403],
    ['no path', get('*'), 403],
    ['a header that is injected by a bare line feed', get('/healthz', 'X-A: b\nX-Remote-User: root'), 400],
    ['a header with a zero byte', get('/healthz', 'X-A: b\0c'), 400],
    ['a header without a name', get('/healthz', ': value'), 400],
    ['two lengths of the body', get('/healthz', 'Content-Length: 1', 'Content-Length: 2'), 400],
    ['a length and chunks', get('/healthz', 'Content-Length: 4', 'Transfer-Encoding: chunked'), 400],
    ['many headers', get('/healthz', ...Array.from({ length: 3000 }, (_, index) => `X-${index}: a`)), 431],
    ['a huge header', get('/healthz', `X-A: ${'a'.repeat(40_000)}`), 431],
    ['a huge path', get(`/${'a'.repeat(40_000)}`), 431],
    ['an unknown method', 'BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a forged header of a proxy', get('/metrics', 'X-Remote-User: root', 'X-Remote-Group: system:masters'), 403],
  ])('answers %s', async (_what, bytes, status) => {
    expect(statusOf(await exchange(bytes))).toBe(status);
    expect(statusOf(await exchange(get('/healthz')))).toBe(200);
  });

  it('tells no secret that comes in anywhere', async () => {
    const replies = await Promise.all([
      exchange(get(`/broken?token=${secret}`, `Authorization: Bearer ${secret}`)),
      exchange(get(`/broken?token=${secret}`)),
      exchange(get('/broken', `Cookie: session=${secret}`, `X-Remote-Extra-Password: ${secret}`)),
      exchange(get(`/metrics?password=${secret}`, `Authorization: Basic ${secret}`)),
      exchange(get('/healthz', `Authorization: Bearer ${secret}\0`)),
    ]);
    expect(log).toContain('A request for health, metrics or status failed');
    expect(replies.map(statusOf)).toEqual([401, 500, 500, 401, 400]);
    for (const output of [log, ...replies]) expect(output).not.toContain(secret);
  });

  it('lets a probe through a crowd of idle connections, and keeps only so many', async () => {
    await server[Symbol.asyncDispose]();
    const limit = 64;
    await start(limit);
    // In all ten times what it keeps; all of them with the first bytes of a request that never ends.
    let closed = 0;
    for (let wave = 0; wave < 10; wave++) {
      await Promise.all(
        Array.from({ length: limit }, async () => {
          const socket = createConnection(server.port, '127.0.0.1');
          idle.push(socket);
          socket.on('error', () => undefined);
          socket.on('close', () => closed++);
          await new Promise((resolve) => socket.once('connect', resolve));
        }),
      );
      expect(statusOf(await exchange(get('/healthz')))).toBe(200);
    }
    while (closed < 9 * limit) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(idle.length - closed).toBeLessThanOrEqual(limit);
  });
});

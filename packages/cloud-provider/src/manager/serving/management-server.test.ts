import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../telemetry/logger.ts';
import { type Access, type Handler, type ManagementServer, startManagementServer, text } from './management-server.ts';

const routes: Readonly<Record<string, Handler>> = {
  '/healthz': () => text(200, 'ok'),
  '/metrics': () => text(200, 'metrics'),
  '/healthz/': (request) => text(200, `check ${request.path.slice('/healthz/'.length)}`),
  '/broken': () => {
    throw new Error('a secret of the inside');
  },
};

const reviewed: Access = {
  kind: 'reviewed',
  authenticate: async ({ authorization }) => {
    const user = { uid: '1', groups: [], extra: {} };
    if (authorization === 'Bearer good') return { kind: 'user', user: { ...user, name: 'jane' } };
    if (authorization === 'Bearer other') return { kind: 'user', user: { ...user, name: 'joe' } };
    return { kind: authorization?.startsWith('Bearer') === true ? 'invalid' : 'absent' };
  },
  authorize: async (user) => (user.name === 'jane' ? 'allowed' : 'forbidden'),
  alwaysAllow: ['/healthz'],
};

let server: ManagementServer | undefined;

async function get(access: Access, path: string, init: RequestInit = {}): Promise<{ status: number; body: string }> {
  server ??= await startManagementServer(routes, {
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    access,
    logger: silentLogger,
  });
  const response = await fetch(`${server.url}${path}`, init);
  return { status: response.status, body: await response.text() };
}

afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  server = undefined;
});

describe('startManagementServer', () => {
  it.each([
    ['/healthz', {}, 200],
    ['/healthz?verbose', {}, 200],
    ['/healthz', { headers: { authorization: 'Bearer stale' } }, 401],
    ['/healthz/leaderElection', {}, 403],
    ['/metrics', {}, 403],
    ['/metrics', { headers: { authorization: 'Bearer good' } }, 200],
    ['/metrics', { headers: { authorization: 'Bearer other' } }, 403],
    ['/metrics', { headers: { authorization: 'Bearer stale' } }, 401],
    ['/metrics', { headers: { authorization: 'Basic Zm9vOmJhcg==' } }, 403],
    ['/nowhere', { headers: { authorization: 'Bearer good' } }, 404],
    ['/constructor', { headers: { authorization: 'Bearer good' } }, 404],
    ['/healthz', { method: 'POST' }, 405],
    ['/healthz/../metrics', {}, 403],
    ['/healthz/%2e%2e/metrics', {}, 403],
    ['/healthz/..%2fmetrics', {}, 403],
    ['//metrics', {}, 403],
  ])('answers %s with %j by %d', async (path, init, status) => {
    expect((await get(reviewed, path, init)).status).toBe(status);
  });

  it('tells nothing of the inside when a handler fails', async () => {
    expect(await get({ kind: 'open' }, '/broken')).toEqual({ status: 500, body: 'internal error\n' });
  });

  it('lets nobody in when the API server does not answer a review', async () => {
    const good = { headers: { authorization: 'Bearer good' } };
    const away = (): Promise<never> => Promise.reject(new Error('connection refused'));
    expect((await get({ ...reviewed, authenticate: away }, '/metrics', good)).status).toBe(401);
    await server?.[Symbol.asyncDispose]();
    server = undefined;
    expect((await get({ ...reviewed, authorize: away }, '/metrics', good)).status).toBe(500);
  });

  it('refuses oversized headers and goes on', async () => {
    const huge = { headers: { 'x-huge': 'x'.repeat(40_000) } };
    expect((await get({ kind: 'open' }, '/healthz', huge)).status).toBe(431);
    expect((await get({ kind: 'open' }, '/healthz')).status).toBe(200);
  });

  it('survives garbage on the wire', async () => {
    await get({ kind: 'open' }, '/healthz');
    const port = server?.port ?? 0;
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.end('\u0000\u0001garbage\r\n\r\n'));
      socket.on('close', () => resolve());
      socket.on('error', () => resolve());
      socket.resume();
    });
    expect((await get({ kind: 'open' }, '/healthz')).status).toBe(200);
  });

  it.each([
    ['/act', 'own', 200],
    ['/act', 'http://elsewhere.example', 403],
    ['/act', '', 403],
    ['/healthz', 'own', 405],
  ])('answers POST %s from the origin %j by %d', async (path, origin, status) => {
    await using acting = await startManagementServer(routes, {
      host: '127.0.0.1',
      port: 0,
      tls: undefined,
      access: { kind: 'open' },
      logger: silentLogger,
      actions: { '/act': () => text(200, 'done') },
    });
    const headers: Record<string, string> = origin === '' ? {} : { origin: origin === 'own' ? acting.url : origin };
    expect((await fetch(`${acting.url}${path}`, { method: 'POST', headers })).status).toBe(status);
  });

  it.each([
    ['jane', 'good', '4', 200],
    ['jane', 'good', 'x'.repeat(65), 413],
    ['joe', 'other', '4', 403],
    ['somebody unknown', 'stale', '4', 401],
  ])('lets %s (%s) set %j by %d', async (_who, token, body, status) => {
    const set: string[] = [];
    await using server = await startManagementServer(routes, {
      host: '127.0.0.1',
      port: 0,
      tls: undefined,
      access: reviewed,
      logger: silentLogger,
      settings: { '/set': (value) => text(200, String(set.push(value))) },
    });
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${server.url}/set`, { method: 'PUT', headers, body })).status).toBe(status);
    expect(set).toEqual(status === 200 ? [body] : []);
    expect((await fetch(`${server.url}/metrics`, { method: 'PUT', headers, body })).status).toBe(405);
  });

  it('rejects when the port is taken', async () => {
    await get({ kind: 'open' }, '/healthz');
    const options = { host: '127.0.0.1', tls: undefined, access: reviewed, logger: silentLogger };
    await expect(startManagementServer(routes, { ...options, port: server?.port ?? 0 })).rejects.toThrow('EADDRINUSE');
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../telemetry/logger.ts';
import { type ManagementServer, startManagementServer } from '../serving/management-server.ts';
import type { ManagerStatus } from '../manager-status.ts';
import { statusPageFiles, statusPageRoutes } from './status-page-routes.ts';

const status: ManagerStatus = {
  version: '1.36.0',
  provider: 'secret-cloud',
  cluster: undefined,
  startedAt: '2026-01-02T03:04:05.000Z',
  now: '2026-01-02T03:04:05.000Z',
  leadership: { state: 'off', identity: 'one', leader: '' },
  notReady: [],
  controllers: [],
  budgets: [],
  operations: [],
  process: { residentBytes: 0, eventLoopDelay: { p50: '0s', p99: '0s', max: '0s' } },
};

let server: ManagementServer;

beforeAll(async () => {
  server = await startManagementServer(
    statusPageRoutes(() => status, [{ name: 'poke', label: 'Poke it', run: () => Promise.resolve('poked') }]),
    {
      host: '127.0.0.1',
      port: 0,
      tls: undefined,
      access: {
        kind: 'reviewed',
        alwaysAllow: [],
        authenticate: ({ authorization }) =>
          Promise.resolve(
            authorization === undefined
              ? { kind: 'absent' }
              : { kind: 'user', user: { name: 'ada', uid: '', groups: [], extra: {} } },
          ),
        authorize: ({ name }, { path }) =>
          Promise.resolve(name === 'ada' && path === '/statusz' ? 'allowed' : 'forbidden'),
      },
      publicFiles: statusPageFiles,
      logger: silentLogger,
    },
  );
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const user = { authorization: 'Bearer any' };

async function ask(
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<{ readonly status: number; readonly type: string; readonly policy: string; readonly body: string }> {
  const response = await fetch(`${server.url}${path}`, { method, headers: { accept: '*/*', ...headers } });
  const { headers: given } = response;
  return {
    status: response.status,
    type: given.get('content-type') ?? '',
    policy: given.get('content-security-policy') ?? '',
    body: await response.text(),
  };
}

describe('/statusz', () => {
  it.each([
    ['the page', '/statusz', browser, 'text/html'],
    ['its script', '/statusz/page.js', {}, 'text/javascript'],
    ['its style', '/statusz/page.css', {}, 'text/css'],
  ])('gives %s, with nothing of the cluster, to everybody', async (_what, path, headers, type) => {
    const answer = await ask(path, headers);
    expect(answer.status).toBe(200);
    expect(answer.type).toContain(type);
    expect(answer.policy).toContain("default-src 'none'");
    expect(answer.policy).not.toMatch(/unsafe|https?:|\*/);
    expect(answer.body).not.toContain('secret-cloud');
  });

  it.each([
    ['a program', '/statusz', {}],
    ['the page', '/statusz?format=view', browser],
    ['a browser that wants JSON', '/statusz?format=json', browser],
    ['a path beside the page', '/statusz/page.js/', browser],
  ])('tells %s nothing without rights', async (_who, path, headers) => {
    const answer = await ask(path, headers);
    expect(answer.status).toBe(403);
    expect(answer.body).not.toContain('secret-cloud');
  });

  it('can not be written to', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await ask('/statusz', user, method)).status).toBe(405);
  });

  it('gives programs everything, and the page what it shows', async () => {
    expect(JSON.parse((await ask('/statusz', user)).body)).toEqual(JSON.parse(JSON.stringify(status)));
    expect(JSON.parse((await ask('/statusz?format=json', { ...user, ...browser })).body)).toHaveProperty('controllers');
    const view = JSON.parse((await ask('/statusz?format=view&show=attention', user)).body) as object;
    expect(view).toMatchObject({
      provider: 'secret-cloud',
      items: { shown: [], matching: 0 },
      controls: [{ name: 'poke', label: 'Poke it' }],
    });
  });
});

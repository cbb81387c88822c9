import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ApiServer, startApiServer } from './api-server.ts';
import { selfReviewPath } from './access.ts';

const manager = 'system:serviceaccount:kube-system:manager';

describe('Access', () => {
  let server: ApiServer;

  beforeEach(async () => {
    server = await startApiServer();
  });

  afterEach(() => server[Symbol.asyncDispose]());

  async function send(path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
    const reply = await fetch(`${server.url}${path}`, init);
    return { status: reply.status, body: await reply.json() };
  }

  async function may(attributes: object, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const body = JSON.stringify({ spec: { resourceAttributes: attributes } });
    const reply = await send(selfReviewPath, { method: 'POST', body, headers });
    return (reply.body as { status: { allowed: unknown } }).status.allowed;
  }

  it('lets everybody do everything until something is denied', async () => {
    const patch = { verb: 'patch', resource: 'nodes', subresource: 'status' };
    expect(await may(patch)).toBe(true);
    const takeBack = server.access.deny({ verb: 'patch', resource: 'nodes' });
    expect([await may(patch), await may({ ...patch, verb: 'get' })]).toEqual([false, true]);
    takeBack();
    expect(await may(patch)).toBe(true);
  });

  it('refuses in deed what it denies', async () => {
    server.access.deny({ verb: 'list', resource: 'services' });
    expect(await send('/api/v1/services')).toMatchObject({
      status: 403,
      body: { reason: 'Forbidden', message: expect.stringContaining('cannot list resource "services"') },
    });
    expect(await send('/api/v1/nodes')).toMatchObject({ status: 200 });
  });

  it('knows whom the sender acts as', async () => {
    server.access.deny({ userGroup: 'system:serviceaccounts:kube-system', resource: 'services' });
    const list = { verb: 'list', resource: 'services' };
    expect([await may(list), await may(list, { 'impersonate-user': manager })]).toEqual([true, false]);
    expect(await may(list, { 'impersonate-user': 'jane', 'impersonate-group': 'admins' })).toBe(true);
    server.access.deny({ verb: 'impersonate', resource: 'serviceaccounts', namespace: 'kube-system' });
    const refused = await send(selfReviewPath, {
      method: 'POST',
      body: '{}',
      headers: { 'impersonate-user': manager },
    });
    expect(refused).toMatchObject({ status: 403 });
  });

  it('refuses what is no review', async () => {
    expect(await send(selfReviewPath, { method: 'POST', body: '[' })).toMatchObject({ status: 400 });
  });
});

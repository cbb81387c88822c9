import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { FakeClock } from '../fake-clock.ts';
import { startApiServer } from './api-server.ts';
import type { ApiServer } from './api-server.ts';
import { isJsonList, valueAt } from './json.ts';
import { RawClient } from './raw-client.ts';

const nodes = '/api/v1/nodes';

describe('deletions', () => {
  const clock = new FakeClock();
  let server: ApiServer;
  let client: RawClient;

  beforeEach(async () => {
    server = await startApiServer({ clock });
    client = new RawClient(server);
  });
  afterEach(() => server[Symbol.asyncDispose]());

  it('answers with a Status, or with the object where the resource does', async () => {
    const node = server.store.create('nodes', { metadata: { name: 'n' } });
    const gone = await client.delete(`${nodes}/n`);
    expect(gone.body).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'n', kind: 'nodes', uid: node.metadata.uid },
    });
    server.store.create('services', { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } });
    expect((await client.delete('/api/v1/namespaces/default/services/s')).body['kind']).toBe('Service');
  });

  it('waits for finalizers', async () => {
    server.store.create('nodes', { metadata: { name: 'n', finalizers: ['x.io/a'] } });
    await clock.advance(Duration.seconds(5));
    const held = await client.delete(`${nodes}/n`);
    expect(held.body).toMatchObject({ metadata: { deletionGracePeriodSeconds: 0, finalizers: ['x.io/a'] } });
    const at = valueAt(held.body, ['metadata', 'deletionTimestamp']);
    expect(at).toBe(`${clock.now().toISOString().slice(0, 19)}Z`);
    const moved = await client.mergePatch(`${nodes}/n`, { metadata: { deletionTimestamp: '2000-01-01T00:00:00Z' } });
    expect(valueAt(moved.body, ['metadata', 'deletionTimestamp'])).toBe(at);
    const added = await client.mergePatch(`${nodes}/n`, { metadata: { finalizers: ['x.io/a', 'x.io/b'] } });
    expect(added.body).toMatchObject({ code: 422, message: expect.stringContaining('no new finalizers can be added') });
    expect((await client.mergePatch(`${nodes}/n`, { metadata: { finalizers: null } })).code).toBe(200);
    expect((await client.get(`${nodes}/n`)).code).toBe(404);
  });

  it.each([
    [{ uid: 'x' }, 409],
    [{ resourceVersion: '1' }, 409],
    [{}, 200],
  ])('checks the preconditions %j', async (preconditions, code) => {
    server.store.create('nodes', { metadata: { name: 'n' } });
    expect((await client.delete(`${nodes}/n`, { preconditions })).code).toBe(code);
    expect(server.store.get('nodes', 'n') === undefined).toBe(code === 200);
  });

  it('deletes a collection by selector', async () => {
    for (const name of ['a', 'b', 'c'])
      server.store.create('nodes', { metadata: { name, labels: { odd: String(name !== 'b') } } });
    const reply = await client.delete(`${nodes}?labelSelector=odd%3Dtrue`);
    expect(reply.body['kind']).toBe('NodeList');
    expect(isJsonList(reply.body['items']) && reply.body['items'].length).toBe(2);
    expect(server.store.list('nodes').map((node) => node.metadata.name)).toEqual(['b']);
  });

  it('keeps a namespace until it is finalized, and lets nothing new in', async () => {
    await client.post('/api/v1/namespaces', { metadata: { name: 'a' } });
    const deleted = await client.delete('/api/v1/namespaces/a');
    expect(deleted.body).toMatchObject({ status: { phase: 'Terminating' } });
    const refused = await client.post('/api/v1/namespaces/a/configmaps', { metadata: { name: 'c' } });
    expect(refused.body).toMatchObject({ code: 403, message: expect.stringContaining('being terminated') });
    await client.put('/api/v1/namespaces/a/finalize', { metadata: { name: 'a' }, spec: {} });
    expect((await client.get('/api/v1/namespaces/a')).code).toBe(404);
  });

  it('gives a Pod that runs somewhere its time', async () => {
    const path = '/api/v1/namespaces/default/pods';
    const spec = { containers: [{ name: 'c' }] };
    await client.post(path, { metadata: { name: 'idle' }, spec });
    await client.post(path, { metadata: { name: 'placed' }, spec: { ...spec, nodeName: 'n' } });
    await client.delete(`${path}/idle`);
    expect(server.store.get('pods', 'idle')).toBeUndefined();
    await client.delete(`${path}/placed`, { gracePeriodSeconds: 10 });
    expect(server.store.get('pods', 'placed')?.metadata.deletionGracePeriodSeconds).toBe(10);
    await client.delete(`${path}/placed`, { gracePeriodSeconds: 0 });
    expect(server.store.get('pods', 'placed')).toBeUndefined();
  });

  it('marks by finalizer what a garbage collector should do', async () => {
    server.store.create('nodes', { metadata: { name: 'n' } });
    await client.delete(`${nodes}/n`, { propagationPolicy: 'Foreground' });
    expect(server.store.get('nodes', 'n')?.metadata.finalizers).toEqual(['foregroundDeletion']);
  });
});

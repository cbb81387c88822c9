import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startApiServer } from './api-server.ts';
import type { ApiServer } from './api-server.ts';
import { valueAt } from './json.ts';
import { RawClient } from './raw-client.ts';

const nodes = '/api/v1/nodes';
const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const configMaps = '/api/v1/namespaces/default/configmaps';

describe('writes', () => {
  let server: ApiServer;
  let client: RawClient;

  beforeEach(async () => {
    server = await startApiServer();
    client = new RawClient(server);
  });
  afterEach(() => server[Symbol.asyncDispose]());

  it('creates an object with all that the server adds', async () => {
    const reply = await client.post(nodes, { metadata: { name: 'n' }, spec: { podCIDR: '10.0.0.0/24' } });
    expect(reply.code).toBe(201);
    expect(reply.body).toMatchObject({
      kind: 'Node',
      apiVersion: 'v1',
      metadata: { name: 'n', resourceVersion: server.store.resourceVersion },
      spec: { podCIDRs: ['10.0.0.0/24'], taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] },
    });
    expect(valueAt(reply.body, ['metadata', 'uid'])).toMatch(/^[0-9a-f-]{36}$/);
    expect(valueAt(reply.body, ['metadata', 'generation'])).toBeUndefined();
    expect((await client.get(`${nodes}/n`)).body).toEqual(reply.body);
  });

  it('makes up a name on request', async () => {
    const reply = await client.post(configMaps, { metadata: { generateName: 'a-' } });
    expect(valueAt(reply.body, ['metadata', 'name'])).toMatch(/^a-[a-z0-9]{5}$/);
  });

  it.each([
    [
      'a name that is taken',
      nodes,
      { metadata: { name: 'taken' } },
      409,
      'AlreadyExists',
      'nodes "taken" already exists',
    ],
    [
      'no name',
      nodes,
      {},
      422,
      'Invalid',
      'Node "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
    ['a bad name', nodes, { metadata: { name: 'N' } }, 422, 'Invalid', 'lowercase RFC 1123 subdomain'],
    ['a bad label', nodes, { metadata: { name: 'n', labels: { 'a b': '' } } }, 422, 'Invalid', 'metadata.labels'],
    ['a bare finalizer', nodes, { metadata: { name: 'n', finalizers: ['x'] } }, 422, 'Invalid', 'fully qualified'],
    [
      'a namespace that is not there',
      '/api/v1/namespaces/none/configmaps',
      { metadata: { name: 'a' } },
      404,
      'NotFound',
      'namespaces "none" not found',
    ],
    [
      'another namespace',
      configMaps,
      { metadata: { name: 'a', namespace: 'b' } },
      400,
      'BadRequest',
      'does not match the namespace',
    ],
    ['another kind', nodes, { kind: 'Pod', apiVersion: 'v1' }, 400, 'BadRequest', 'cannot be handled as a Node'],
    [
      'a wrong type',
      nodes,
      { metadata: { name: 'n' }, spec: { providerID: 1 } },
      400,
      'BadRequest',
      'cannot unmarshal number',
    ],
    ['no object', nodes, 'x', 400, 'BadRequest', 'must be of type Node'],
    [
      'a resourceVersion',
      nodes,
      { metadata: { name: 'n', resourceVersion: '1' } },
      500,
      undefined,
      'resourceVersion should not be set',
    ],
    [
      'a lease of no length',
      leases,
      { metadata: { name: 'l' }, spec: { leaseDurationSeconds: 0 } },
      422,
      'Invalid',
      'Lease.coordination.k8s.io "l"',
    ],
  ])('refuses to create with %s', async (_title, path, body, code, reason, message) => {
    server.store.create('nodes', { metadata: { name: 'taken' } });
    const before = server.store.resourceVersion;
    const reply = await client.post(path, body);
    expect(reply.body).toMatchObject({
      kind: 'Status',
      status: 'Failure',
      code,
      message: expect.stringContaining(message),
    });
    expect(reply.code).toBe(code);
    expect(reply.body['reason']).toBe(reason);
    expect(server.store.resourceVersion).toBe(before);
  });

  it.each([
    ['GET', '/api/v1/things', 404],
    ['GET', '/api/v1/nodes/n/scale', 404],
    ['GET', '/apis/unknown/v1/things', 404],
    ['PUT', '/api/v1/nodes', 405],
    ['POST', '/api/v1/nodes/n', 405],
    ['POST', '/api/v1/services', 405],
    ['DELETE', '/api/v1/nodes/n/status', 405],
    ['DELETE', '/api/v1/namespaces', 405],
  ])('answers %s %s with %d', async (method, path, code) => {
    const response = await fetch(server.url + path, { method });
    expect(response.status).toBe(code);
  });

  it('replaces with optimistic concurrency', async () => {
    const created = server.store.create('nodes', { metadata: { name: 'n' } });
    const replaced = await client.put(`${nodes}/n`, {
      ...created,
      metadata: { ...created.metadata, labels: { a: '1' } },
    });
    expect(replaced.code).toBe(200);
    const stale = await client.put(`${nodes}/n`, { ...created });
    expect(stale.body).toMatchObject({ code: 409, reason: 'Conflict', details: { name: 'n', kind: 'nodes' } });
    const blind = await client.put(`${nodes}/n`, { metadata: { name: 'n' } });
    expect(blind.code).toBe(200);
    expect(valueAt(blind.body, ['metadata', 'labels'])).toBeUndefined();
  });

  it.each([
    ['another name', { metadata: { name: 'm' } }, 400],
    ['no name', { metadata: {} }, 400],
    ['another uid', { metadata: { name: 'n', uid: 'x' } }, 409],
  ])('refuses to replace with %s', async (_title, body, code) => {
    server.store.create('nodes', { metadata: { name: 'n' } });
    expect((await client.put(`${nodes}/n`, body)).code).toBe(code);
  });

  it('creates by PUT only where the resource allows it, and demands versions of leases', async () => {
    expect((await client.put(`${nodes}/n`, { metadata: { name: 'n' } })).code).toBe(404);
    expect((await client.put(`${leases}/l`, { metadata: { name: 'l' } })).code).toBe(201);
    const blind = await client.put(`${leases}/l`, { metadata: { name: 'l' } });
    expect(blind.body).toMatchObject({
      code: 422,
      message: expect.stringContaining('must be specified for an update'),
    });
  });

  it('writes nothing when nothing changes', async () => {
    const created = server.store.create('nodes', { metadata: { name: 'n', labels: { a: '1' } } });
    const reply = await client.mergePatch(`${nodes}/n`, { metadata: { labels: { a: '1' } } });
    expect(valueAt(reply.body, ['metadata', 'resourceVersion'])).toBe(created.metadata.resourceVersion);
    expect(server.store.resourceVersion).toBe(created.metadata.resourceVersion);
    expect(server.log.entries.at(-1)).toMatchObject({ verb: 'patch', changed: false });
  });

  it('patches in three ways', async () => {
    server.store.create('nodes', { metadata: { name: 'n', labels: { a: '1' } } });
    await client.mergePatch(`${nodes}/n`, { metadata: { labels: { a: null, b: '2' } } });
    await client.jsonPatch(`${nodes}/n`, [{ op: 'add', path: '/metadata/labels/c', value: '3' }]);
    await client.strategicPatch(`${nodes}/n`, { metadata: { finalizers: ['x.io/a'] } });
    expect(server.store.get('nodes', 'n')?.metadata).toMatchObject({
      labels: { b: '2', c: '3' },
      finalizers: ['x.io/a'],
    });
  });

  it.each([
    ['application/json-patch+json', [{ op: 'test', path: '/metadata/name', value: 'x' }], 422],
    ['application/json-patch+json', { a: 1 }, 400],
    ['application/merge-patch+json', [1], 400],
    ['application/merge-patch+json', { spec: { providerID: 1 } }, 422],
    ['application/merge-patch+json', { metadata: { resourceVersion: '1' } }, 409],
    ['application/merge-patch+json', { metadata: { uid: 'x' } }, 422],
    ['application/merge-patch+json', { metadata: { name: 'x' } }, 400],
    ['application/strategic-merge-patch+json', { status: { conditions: [{ status: 'True' }] } }, 500],
    ['application/apply-patch+yaml', {}, 422],
    ['text/plain', {}, 415],
  ])('refuses the %s %j with %d', async (type, body, code) => {
    server.store.create('nodes', { metadata: { name: 'n' } });
    const before = server.store.resourceVersion;
    expect((await client.patch(`${nodes}/n`, { type, body })).code).toBe(code);
    expect(server.store.resourceVersion).toBe(before);
  });

  it('keeps spec and status apart', async () => {
    server.store.create('nodes', { metadata: { name: 'n' } });
    const change = { spec: { providerID: 'x://1' }, status: { phase: 'Running' } };
    const main = await client.mergePatch(`${nodes}/n`, change);
    expect(valueAt(main.body, ['spec', 'providerID'])).toBe('x://1');
    expect(valueAt(main.body, ['status', 'phase'])).toBeUndefined();
    const status = await client.mergePatch(`${nodes}/n/status`, {
      spec: { unschedulable: true },
      status: { phase: 'Running' },
    });
    expect(valueAt(status.body, ['status', 'phase'])).toBe('Running');
    expect(valueAt(status.body, ['spec', 'unschedulable'])).toBeUndefined();
  });

  it('takes metadata through the status subresource, as the Go managers write finalizers', async () => {
    server.store.create('services', { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } });
    const path = '/api/v1/namespaces/default/services/s/status';
    await client.strategicPatch(path, { metadata: { finalizers: ['x.io/a'], labels: { a: '1' } } });
    expect(server.store.get('services', 's')?.metadata).toMatchObject({ finalizers: ['x.io/a'], labels: { a: '1' } });
  });

  it('lets a providerID be set once', async () => {
    server.store.create('nodes', { metadata: { name: 'n' } });
    expect((await client.mergePatch(`${nodes}/n`, { spec: { providerID: 'x://1' } })).code).toBe(200);
    const again = await client.mergePatch(`${nodes}/n`, { spec: { providerID: 'x://2' } });
    expect(again.body).toMatchObject({ code: 422, message: expect.stringContaining('spec.providerID: Forbidden') });
  });

  it('counts generations where the real server does', async () => {
    const path = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
    await client.post(path, { metadata: { name: 'e' }, addressType: 'IPv4', endpoints: [] });
    const labelled = await client.mergePatch(`${path}/e`, { metadata: { labels: { a: '1' } } });
    expect(valueAt(labelled.body, ['metadata', 'generation'])).toBe(1);
    const changed = await client.mergePatch(`${path}/e`, { endpoints: [{ addresses: ['1.2.3.4'] }] });
    expect(valueAt(changed.body, ['metadata', 'generation'])).toBe(2);
  });

  it('holds unknown fields against the client as far as it wants', async () => {
    const body = { metadata: { name: 'n' }, spec: { foo: 1 } };
    const strict = await client.post(`${nodes}?fieldValidation=Strict`, body);
    expect(strict.body).toMatchObject({ code: 400, message: expect.stringContaining('unknown field "spec.foo"') });
    const warned = await client.post(nodes, body);
    expect(warned.code).toBe(201);
    expect(warned.headers.get('warning')).toContain('unknown field');
    expect(
      (await client.mergePatch(`${nodes}/n?fieldValidation=Ignore`, { foo: 1 })).headers.get('warning'),
    ).toBeNull();
  });

  it('stores nothing on a dry run', async () => {
    const before = server.store.resourceVersion;
    expect((await client.post(`${nodes}?dryRun=All`, { metadata: { name: 'n' } })).code).toBe(201);
    expect((await client.get(`${nodes}/n`)).code).toBe(404);
    expect((await client.post(`${nodes}?dryRun=Some`, { metadata: { name: 'n' } })).code).toBe(422);
    expect(server.store.resourceVersion).toBe(before);
    expect(server.log.entries).toEqual([]);
  });

  it('logs every write in order and counts requests', async () => {
    await client.post(nodes, { metadata: { name: 'n' } }, { userAgent: 'test' });
    await client.mergePatch(`${nodes}/n`, { metadata: { labels: { a: '1' } } });
    await client.delete(`${nodes}/n`);
    await client.delete(`${nodes}/n`);
    expect(server.log.entries.map(({ sequence, verb, name }) => [sequence, verb, name])).toEqual([
      [1, 'create', 'n'],
      [2, 'patch', 'n'],
      [3, 'delete', 'n'],
    ]);
    expect(server.log.find({ verb: 'patch' })[0]?.patch).toEqual({ metadata: { labels: { a: '1' } } });
    expect(server.counters.count({ resource: 'nodes' })).toBe(4);
    expect(server.counters.count({ userAgent: 'test' })).toBe(1);
    expect(server.counters.count({ verb: 'delete', code: 404 })).toBe(1);
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../fake-clock.ts';
import { startApiServer } from './api-server.ts';
import type { ApiServer } from './api-server.ts';
import { isJsonList, textAt, valueAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { RawClient } from './raw-client.ts';

const nodes = '/api/v1/nodes';
const names = (body: JsonObject): string[] => {
  const items = body['items'];
  return isJsonList(items) ? items.map((item) => textAt(item, ['metadata', 'name'])) : [];
};

describe('lists', () => {
  let server: ApiServer;
  let client: RawClient;

  beforeEach(async () => {
    server = await startApiServer();
    client = new RawClient(server);
    for (const name of ['c', 'a', 'b']) server.store.create('nodes', { metadata: { name, labels: { name } } });
  });
  afterEach(() => server[Symbol.asyncDispose]());

  it('lists in the order of names, at the version of the server', async () => {
    const { body } = await client.get(nodes);
    expect(body).toMatchObject({
      kind: 'NodeList',
      apiVersion: 'v1',
      metadata: { resourceVersion: server.store.resourceVersion },
    });
    expect(names(body)).toEqual(['a', 'b', 'c']);
  });

  it('lists one namespace or all', async () => {
    server.store.create('configmaps', { metadata: { name: 'x', namespace: 'kube-system' } });
    server.store.create('configmaps', { metadata: { name: 'y' } });
    expect(names((await client.get('/api/v1/namespaces/default/configmaps')).body)).toEqual(['y']);
    expect(names((await client.get('/api/v1/configmaps')).body)).toEqual(['y', 'x']);
  });

  it('pages through one snapshot', async () => {
    const first = await client.get(`${nodes}?limit=2`);
    expect(names(first.body)).toEqual(['a', 'b']);
    expect(valueAt(first.body, ['metadata', 'remainingItemCount'])).toBe(1);
    server.store.create('nodes', { metadata: { name: 'bb' } });
    server.store.delete('nodes', 'c');
    const token = textAt(first.body, ['metadata', 'continue']);
    const second = await client.get(`${nodes}?limit=2&continue=${token}`);
    expect(names(second.body)).toEqual(['c']);
    expect(valueAt(second.body, ['metadata', 'resourceVersion'])).toBe(
      valueAt(first.body, ['metadata', 'resourceVersion']),
    );
    expect(valueAt(second.body, ['metadata', 'continue'])).toBeUndefined();
  });

  it('offers to go on inconsistently when the snapshot is gone', async () => {
    const first = await client.get(`${nodes}?limit=1`);
    server.store.create('nodes', { metadata: { name: 'aa' } });
    server.forgetHistory();
    const gone = await client.get(`${nodes}?limit=1&continue=${textAt(first.body, ['metadata', 'continue'])}`);
    expect(gone.body).toMatchObject({ code: 410, reason: 'Expired' });
    const rest = await client.get(`${nodes}?continue=${textAt(gone.body, ['metadata', 'continue'])}`);
    expect(names(rest.body)).toEqual(['aa', 'b', 'c']);
  });

  it('knows the past exactly', async () => {
    const then = server.store.resourceVersion;
    server.store.delete('nodes', 'a');
    server.store.patch('nodes', 'b', { metadata: { labels: { name: 'changed' } } });
    const past = await client.get(`${nodes}?resourceVersion=${then}&resourceVersionMatch=Exact`);
    expect(names(past.body)).toEqual(['a', 'b', 'c']);
    expect(JSON.stringify(past.body)).not.toContain('changed');
    expect(names((await client.get(`${nodes}?resourceVersion=${then}`)).body)).toEqual(['b', 'c']);
    expect(names((await client.get(`${nodes}?resourceVersion=${then}&limit=1`)).body)).toEqual(['a']);
    expect(names((await client.get(`${nodes}?resourceVersion=0&limit=1`)).body)).toEqual(['b', 'c']);
  });

  it.each([
    ['resourceVersion=x', 400],
    ['resourceVersion=99999', 504],
    ['resourceVersionMatch=Exact', 422],
    ['resourceVersion=0&resourceVersionMatch=Exact', 422],
    ['resourceVersion=1&resourceVersionMatch=Foo', 422],
    ['sendInitialEvents=true', 422],
    ['continue=x', 400],
    ['labelSelector=a%3D%3D%3Db', 400],
    ['fieldSelector=spec.foo%3Db', 400],
  ])('refuses %s with %d', async (query, code) => {
    expect((await client.get(`${nodes}?${query}`)).code).toBe(code);
  });

  it.each([
    ['labelSelector=name%3Da', ['a']],
    ['labelSelector=name%20in%20(a,b)', ['a', 'b']],
    ['labelSelector=!name', []],
    ['fieldSelector=metadata.name%3Db', ['b']],
    ['fieldSelector=spec.unschedulable%3Dfalse', ['a', 'b', 'c']],
  ])('selects by %s', async (query, expected) => {
    expect(names((await client.get(`${nodes}?${query}`)).body)).toEqual(expected);
  });
});

describe('representations', () => {
  let server: ApiServer;
  let client: RawClient;

  beforeEach(async () => {
    server = await startApiServer({ clock: new FakeClock() });
    client = new RawClient(server);
    server.store.create('nodes', { metadata: { name: 'n', labels: { 'node-role.kubernetes.io/worker': '' } } });
    server.store.patch(
      'nodes',
      { name: 'n', subresource: 'status' },
      {
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          addresses: [
            { type: 'InternalIP', address: '10.1.0.1' },
            { type: 'ExternalIP', address: '1.2.3.4' },
          ],
        },
      },
    );
    server.store.create('services', {
      metadata: { name: 's' },
      spec: { type: 'LoadBalancer', clusterIP: '10.0.9.9', ports: [{ port: 80, nodePort: 30_080 }] },
    });
  });
  afterEach(() => server[Symbol.asyncDispose]());

  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const cells = (body: JsonObject): unknown =>
    valueAt(isJsonList(body['rows']) ? body['rows'][0] : undefined, ['cells']);

  it('makes tables like the real server', async () => {
    const { body } = await client.get(nodes, { accept: table });
    expect(body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
    expect(cells(body)).toEqual([
      'n',
      'Ready',
      'worker',
      '0s',
      '',
      '10.1.0.1',
      '1.2.3.4',
      '<unknown>',
      '<unknown>',
      '<unknown>',
    ]);
    const one = await client.get('/api/v1/namespaces/default/services/s?includeObject=Object', { accept: table });
    expect(cells(one.body)).toEqual(['s', 'LoadBalancer', '10.0.9.9', '<pending>', '80:30080/TCP', '0s', '<none>']);
    expect(one.body).toMatchObject({ rows: [{ object: { kind: 'Service', apiVersion: 'v1' } }] });
  });

  it('shows what load balancer a Service has', async () => {
    server.store.patch(
      'services',
      { name: 's', subresource: 'status' },
      { status: { loadBalancer: { ingress: [{ ip: '4.4.4.4' }, { hostname: 'a.b' }] } } },
    );
    const { body } = await client.get('/api/v1/namespaces/default/services/s', { accept: table });
    expect(cells(body)).toContain('4.4.4.4,a.b');
  });

  it('gives metadata alone', async () => {
    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
    const { body } = await client.get(nodes, { accept });
    expect(body).toMatchObject({ kind: 'PartialObjectMetadataList', items: [{ metadata: { name: 'n' } }] });
    expect(JSON.stringify(body)).not.toContain('spec');
  });

  it('refuses what it does not speak', async () => {
    expect((await client.get(nodes, { accept: 'text/html' })).code).toBe(406);
    expect((await client.get(nodes, { accept: 'text/html, */*' })).code).toBe(200);
  });

  it('shows one Event through both groups', async () => {
    const group = '/apis/events.k8s.io/v1/namespaces/default/events';
    const created = await client.post(group, {
      metadata: { name: 'e' },
      eventTime: '2026-01-01T00:00:00.5Z',
      reportingController: 'x.io/c',
      reportingInstance: 'i',
      action: 'Act',
      reason: 'Why',
      regarding: { kind: 'Node', name: 'n' },
      note: 'hello',
      type: 'Normal',
    });
    expect(created.code).toBe(201);
    expect(created.body).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      note: 'hello',
      deprecatedFirstTimestamp: null,
    });
    const core = await client.get('/api/v1/namespaces/default/events/e');
    expect(core.body).toMatchObject({
      apiVersion: 'v1',
      message: 'hello',
      involvedObject: { name: 'n' },
      reportingComponent: 'x.io/c',
    });
    const listed = await client.get(`${group}?fieldSelector=regarding.name%3Dn`);
    expect(names(listed.body)).toEqual(['e']);
    const series = await client.strategicPatch(`${group}/e`, {
      series: { count: 2, lastObservedTime: '2026-01-01T00:00:01.000000Z' },
    });
    expect(series.body).toMatchObject({ series: { count: 2 } });
    expect((await client.strategicPatch(`${group}/e`, { note: 'other' })).code).toBe(422);
    expect((await client.post(group, { metadata: { name: 'f' }, reason: 'x' })).code).toBe(422);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from '../harness/node-test.ts';
import {
  configMap,
  connectToServer,
  node,
  ownNamespace,
  ownTaints,
  paths,
  service,
  uniqueName,
} from './wire/fixture.ts';

const uninitialized = { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' };
const conditionTime = '2026-01-01T00:00:00Z';

function condition(type: string, status: string) {
  return {
    type,
    status,
    lastHeartbeatTime: conditionTime,
    lastTransitionTime: conditionTime,
    reason: 'R',
    message: 'm',
  };
}

describe('patches', () => {
  const server = connectToServer();

  async function newNode(more: Readonly<Record<string, unknown>> = {}, meta: Readonly<Record<string, unknown>> = {}) {
    const name = uniqueName('patched');
    const created = await server.create(paths.nodes, node(name, more, meta));
    return { path: `${paths.nodes}/${name}`, created };
  }

  it('merge: sets, changes and with null removes keys of maps', async () => {
    const { path } = await newNode({}, { labels: { keep: '1', change: '1', drop: '1' } });
    const patched = await server.patch('merge', path, {
      metadata: { labels: { change: '2', drop: null, add: '3', never: null } },
    });
    const { keep, change, drop, add, never } = patched.metadata.labels ?? {};
    assert.deepEqual(
      { keep, change, drop, add, never },
      { keep: '1', change: '2', drop: undefined, add: '3', never: undefined },
    );
  });

  it('merge: replaces lists as a whole', async () => {
    const { path } = await newNode({ spec: { taints: [uninitialized, { key: 'other', effect: 'NoExecute' }] } });
    const patched = await server.patch('merge', path, { spec: { taints: [{ key: 'third', effect: 'NoSchedule' }] } });
    assert.deepEqual(patched.spec.taints, [{ key: 'third', effect: 'NoSchedule' }]);
  });

  it('merge: an empty list or null removes a list', async () => {
    const { path } = await newNode({ spec: { taints: [uninitialized] } });
    assert.equal((await server.patch('merge', path, { spec: { taints: [] } })).spec.taints, undefined);
    await server.patch('merge', path, { spec: { taints: [uninitialized] } });
    assert.equal((await server.patch('merge', path, { spec: { taints: null } })).spec.taints, undefined);
  });

  it('strategic: taints have no merge key, so a list of taints replaces the whole list', async () => {
    const { path } = await newNode({ spec: { taints: [uninitialized, { key: 'other', effect: 'NoExecute' }] } });
    const patched = await server.patch('strategic', path, {
      spec: { taints: [{ key: 'third', effect: 'NoSchedule' }] },
    });
    assert.deepEqual(patched.spec.taints, [{ key: 'third', effect: 'NoSchedule' }]);
  });

  it('strategic: null removes a label, and absent ones stay', async () => {
    const { path } = await newNode({}, { labels: { keep: '1', drop: '1' } });
    const patched = await server.patch('strategic', path, { metadata: { labels: { drop: null } } });
    assert.equal(patched.metadata.labels?.keep, '1');
    assert.equal(patched.metadata.labels?.drop, undefined);
  });

  it('strategic: conditions are merged by type', async () => {
    const { path } = await newNode({
      status: { conditions: [condition('Ready', 'True'), condition('DiskPressure', 'False')] },
    });
    const patched = await server.patch('strategic', `${path}/status`, {
      status: { conditions: [condition('NetworkUnavailable', 'False'), { type: 'Ready', status: 'Unknown' }] },
    });
    const conditions = patched.status.conditions as { type: string; status: string; reason: string }[];
    assert.deepEqual(Object.fromEntries(conditions.map(({ type, status }) => [type, status])), {
      Ready: 'Unknown',
      DiskPressure: 'False',
      NetworkUnavailable: 'False',
    });
    assert.equal(conditions.find(({ type }) => type === 'Ready')?.reason, 'R');
  });

  it('strategic: a condition is removed by its type', async () => {
    const { path } = await newNode({
      status: { conditions: [condition('Ready', 'True'), condition('DiskPressure', 'False')] },
    });
    const patched = await server.patch('strategic', `${path}/status`, {
      status: { conditions: [{ $patch: 'delete', type: 'DiskPressure' }] },
    });
    assert.deepEqual(
      (patched.status.conditions as { type: string }[]).map(({ type }) => type),
      ['Ready'],
    );
  });

  it('strategic: addresses are merged by type, which loses one of two of a type', async () => {
    const { path } = await newNode({
      status: {
        addresses: [
          { type: 'InternalIP', address: '10.0.0.1' },
          { type: 'Hostname', address: 'h' },
        ],
      },
    });
    const patched = await server.patch('strategic', `${path}/status`, {
      status: { addresses: [{ type: 'InternalIP', address: '10.0.0.2' }] },
    });
    assert.deepEqual(patched.status.addresses, [
      { type: 'InternalIP', address: '10.0.0.2' },
      { type: 'Hostname', address: 'h' },
    ]);
  });

  it('strategic: $patch replace swaps the list of addresses, with several of one type and in order', async () => {
    const { path } = await newNode({ status: { addresses: [{ type: 'Hostname', address: 'h' }] } });
    const addresses = [
      { type: 'InternalIP', address: '10.0.0.1' },
      { type: 'InternalIP', address: '10.0.0.2' },
      { type: 'InternalIP', address: 'fd00::1' },
    ];
    const patched = await server.patch('strategic', `${path}/status`, {
      status: { addresses: [...addresses, { $patch: 'replace' }] },
    });
    assert.deepEqual(patched.status.addresses, addresses);
  });

  it('strategic: finalizers are merged as a set', async () => {
    const { path } = await newNode({}, { finalizers: ['e2e.example.com/one'] });
    const added = await server.patch('strategic', path, {
      metadata: { finalizers: ['e2e.example.com/two', 'e2e.example.com/one'] },
    });
    assert.deepEqual([...(added.metadata.finalizers ?? [])].sort(), ['e2e.example.com/one', 'e2e.example.com/two']);
    const removed = await server.patch('strategic', path, {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['e2e.example.com/one'] },
    });
    assert.deepEqual(removed.metadata.finalizers, ['e2e.example.com/two']);
  });

  it('strategic: $setElementOrder orders a merged list', async () => {
    const { path } = await newNode({ status: { conditions: [condition('A', 'True'), condition('B', 'True')] } });
    const patched = await server.patch('strategic', `${path}/status`, {
      status: {
        '$setElementOrder/conditions': [{ type: 'C' }, { type: 'B' }, { type: 'A' }],
        conditions: [condition('C', 'True')],
      },
    });
    assert.deepEqual(
      (patched.status.conditions as { type: string }[]).map(({ type }) => type),
      ['C', 'B', 'A'],
    );
  });

  it('strategic: $patch replace on a map keeps nothing else', async () => {
    const namespace = await ownNamespace(server, 'replace-map');
    await server.create(paths.configMaps(namespace), configMap('a', { one: '1', two: '2' }));
    const patched = await server.patch('strategic', `${paths.configMaps(namespace)}/a`, {
      data: { $patch: 'replace', three: '3' },
    });
    assert.deepEqual(patched.data, { three: '3' });
  });

  it('strategic: podCIDRs cannot be changed once set', async () => {
    const { path } = await newNode();
    const patched = await server.patch('strategic', path, {
      spec: { podCIDR: '10.9.0.0/24', podCIDRs: ['10.9.0.0/24'] },
    });
    assert.deepEqual(patched.spec.podCIDRs, ['10.9.0.0/24']);
    const status = await server.refusedPatch(422, 'merge', {
      path,
      body: { spec: { podCIDR: '10.8.0.0/24', podCIDRs: ['10.8.0.0/24'] } },
    });
    assert.equal(status.reason, 'Invalid');
  });

  it('strategic: ports of a Service are merged by port', async () => {
    const namespace = await ownNamespace(server, 'ports');
    const path = `${paths.services(namespace)}/a`;
    await server.create(
      paths.services(namespace),
      service('a', {
        ports: [
          { name: 'http', port: 80 },
          { name: 'https', port: 443 },
        ],
      }),
    );
    const patched = await server.patch('strategic', path, {
      spec: {
        ports: [
          { port: 80, targetPort: 8080 },
          { $patch: 'delete', port: 443 },
        ],
      },
    });
    assert.deepEqual(patched.spec.ports, [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }]);
  });

  it('strategic: the providerID can be set once and not be changed', async () => {
    const { path } = await newNode();
    const patched = await server.patch('strategic', path, { spec: { providerID: 'sim://a' } });
    assert.equal(patched.spec.providerID, 'sim://a');
    const status = await server.refusedPatch(422, 'strategic', { path, body: { spec: { providerID: 'sim://b' } } });
    assert.equal(status.reason, 'Invalid');
    assert.match(status.message ?? '', /node updates may only change labels, taints, or capacity|providerID/);
  });

  it('json: adds, replaces and removes', async () => {
    const { path } = await newNode(
      { spec: { taints: [uninitialized, { key: 'other', effect: 'NoExecute' }] } },
      { labels: { 'a/b': '1' } },
    );
    const patched = await server.patch('json', path, [
      { op: 'test', path: '/spec/taints/0/key', value: uninitialized.key },
      { op: 'remove', path: '/spec/taints/0' },
      { op: 'add', path: '/metadata/labels/new', value: 'yes' },
      { op: 'replace', path: '/metadata/labels/a~1b', value: '2' },
    ]);
    assert.deepEqual(ownTaints(patched), [{ key: 'other', effect: 'NoExecute' }]);
    assert.equal(patched.metadata.labels?.new, 'yes');
    assert.equal(patched.metadata.labels['a/b'], '2');
  });

  it('json: a failed test refuses the whole patch with 422', async () => {
    const { path, created } = await newNode();
    const status = await server.refusedPatch(422, 'json', {
      path,
      body: [
        { op: 'add', path: '/metadata/annotations', value: { a: 'b' } },
        { op: 'test', path: '/metadata/name', value: 'another' },
      ],
    });
    assert.equal(status.reason, 'Invalid');
    assert.deepEqual(await server.get(path), created);
  });

  it('json: removing what is not there is refused with 422', async () => {
    const { path } = await newNode();
    await server.refusedPatch(422, 'json', { path, body: [{ op: 'remove', path: '/spec/nothing' }] });
  });

  it('refuses a patch of an unknown media type with 415', async () => {
    const { path } = await newNode();
    const status = await server.refused(415, 'PATCH', path, { body: {}, contentType: 'application/json' });
    assert.equal(status.reason, 'UnsupportedMediaType');
  });

  it('refuses a patch that is not JSON with 400', async () => {
    const { path } = await newNode();
    await server.refusedPatch(400, 'merge', { path, body: '{"metadata":' });
  });

  for (const kind of ['merge', 'strategic'] as const) {
    it(`${kind}: an old resourceVersion in the patch is a Conflict`, async () => {
      const { path, created } = await newNode();
      await server.patch('merge', path, { metadata: { labels: { by: 'another' } } });
      const status = await server.refusedPatch(409, kind, {
        path,
        body: { metadata: { resourceVersion: created.metadata.resourceVersion }, spec: { taints: [uninitialized] } },
      });
      assert.equal(status.reason, 'Conflict');
      assert.deepEqual(ownTaints(await server.get(path)), []);
    });

    it(`${kind}: the current resourceVersion in the patch lets it through`, async () => {
      const { path, created } = await newNode();
      const patched = await server.patch(kind, path, {
        metadata: { resourceVersion: created.metadata.resourceVersion },
        spec: { taints: [uninitialized], providerID: 'sim://x' },
      });
      assert.deepEqual(patched.spec.taints, [uninitialized]);
    });

    it(`${kind}: a uid in the patch that is not the object's is refused`, async () => {
      const { path } = await newNode();
      const status = await server.refusedPatch(422, kind, {
        path,
        body: { metadata: { uid: '11111111-2222-3333-4444-555555555555', labels: { a: 'b' } } },
      });
      assert.equal(status.details?.causes?.[0]?.field, 'metadata.uid');
    });
  }

  it('shows no event for a patch that changes nothing', async () => {
    const namespace = await ownNamespace(server, 'silent');
    const path = `${paths.configMaps(namespace)}/a`;
    const created = await server.create(paths.configMaps(namespace), configMap('a', { a: 'b' }));
    await using watch = await server.watch(paths.configMaps(namespace), {
      resourceVersion: created.metadata.resourceVersion,
    });
    await server.patch('merge', path, { data: { a: 'b' } });
    await server.patch('strategic', path, { data: { a: 'b' } });
    await server.patch('json', path, [{ op: 'replace', path: '/data/a', value: 'b' }]);
    await server.patch('merge', path, { data: { a: 'c' } });
    const [event] = await watch.take(1);
    assert.deepEqual(event?.object.data, { a: 'c' });
  });
});

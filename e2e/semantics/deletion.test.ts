import assert from 'node:assert/strict';
import { describe, it } from '../harness/node-test.ts';
import { configMap, connectToServer, node, ownNamespace, paths, service, uniqueName } from './wire/fixture.ts';

const finalizer = 'e2e.example.com/hold';

describe('deletion', () => {
  const server = connectToServer();

  it('answers with a Status that names what is gone', async () => {
    const name = uniqueName('deleted');
    const created = await server.create(paths.nodes, node(name));
    const reply = await server.send('DELETE', `${paths.nodes}/${name}`);
    assert.equal(reply.status, 200);
    assert.deepEqual(reply.body, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name, kind: 'nodes', uid: created.metadata.uid },
    });
    await server.refused(404, 'GET', `${paths.nodes}/${name}`);
  });

  it('answers the deletion of a Service with the Service', async () => {
    const namespace = await ownNamespace(server, 'returned');
    const created = await server.create(paths.services(namespace), service('a'));
    const reply = await server.delete(`${paths.services(namespace)}/a`);
    assert.equal(reply.kind, 'Service');
    assert.equal(reply.metadata.uid, created.metadata.uid);
  });

  it('lets a name be used again by another object', async () => {
    const namespace = await ownNamespace(server, 'again');
    const first = await server.create(paths.configMaps(namespace), configMap('a'));
    await server.delete(`${paths.configMaps(namespace)}/a`);
    const second = await server.create(paths.configMaps(namespace), configMap('a'));
    assert.notEqual(second.metadata.uid, first.metadata.uid);
  });

  it('spares an object whose uid is not the one that was meant', async () => {
    const namespace = await ownNamespace(server, 'uid-precondition');
    const path = `${paths.configMaps(namespace)}/a`;
    const created = await server.create(paths.configMaps(namespace), configMap('a'));
    const status = await server.refused(409, 'DELETE', path, {
      body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: '11111111-2222-3333-4444-555555555555' } },
    });
    assert.equal(status.reason, 'Conflict');
    await server.delete(path, {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      preconditions: { uid: created.metadata.uid },
    });
    await server.refused(404, 'GET', path);
  });

  it('spares an object that was written since', async () => {
    const namespace = await ownNamespace(server, 'version-precondition');
    const path = `${paths.configMaps(namespace)}/a`;
    const created = await server.create(paths.configMaps(namespace), configMap('a'));
    const changed = await server.patch('merge', path, { data: { a: 'b' } });
    const meant = (resourceVersion: string) => ({
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      preconditions: { uid: created.metadata.uid, resourceVersion },
    });
    const status = await server.refused(409, 'DELETE', path, { body: meant(created.metadata.resourceVersion) });
    assert.equal(status.reason, 'Conflict');
    await server.delete(path, meant(changed.metadata.resourceVersion));
  });

  it('keeps an object with finalizers and marks it', async () => {
    const namespace = await ownNamespace(server, 'held');
    const path = `${paths.configMaps(namespace)}/a`;
    const created = await server.create(paths.configMaps(namespace), configMap('a', {}, { finalizers: [finalizer] }));
    const answer = await server.delete(path);
    assert.equal(answer.kind, 'ConfigMap');
    const held = await server.get(path);
    assert.match(held.metadata.deletionTimestamp ?? '', /^\d{4}-/);
    assert.equal(held.metadata.deletionGracePeriodSeconds, 0);
    assert.ok(BigInt(held.metadata.resourceVersion) > BigInt(created.metadata.resourceVersion));
    assert.deepEqual(held.metadata.finalizers, [finalizer]);
  });

  it('is not moved by a second delete', async () => {
    const namespace = await ownNamespace(server, 'held-twice');
    const path = `${paths.configMaps(namespace)}/a`;
    await server.create(paths.configMaps(namespace), configMap('a', {}, { finalizers: [finalizer] }));
    await server.delete(path);
    const first = await server.get(path);
    await server.delete(path);
    assert.deepEqual(await server.get(path), first);
  });

  it('lets a held object still be written', async () => {
    const namespace = await ownNamespace(server, 'held-written');
    const path = `${paths.configMaps(namespace)}/a`;
    await server.create(paths.configMaps(namespace), configMap('a', {}, { finalizers: [finalizer] }));
    await server.delete(path);
    const written = await server.patch('merge', path, { data: { a: 'b' } });
    assert.deepEqual(written.data, { a: 'b' });
    assert.notEqual(written.metadata.deletionTimestamp, undefined);
  });

  it('does not let a deletion be taken back', async () => {
    const namespace = await ownNamespace(server, 'held-forever');
    const path = `${paths.configMaps(namespace)}/a`;
    await server.create(paths.configMaps(namespace), configMap('a', {}, { finalizers: [finalizer] }));
    await server.delete(path);
    const before = await server.get(path);
    const after = await server.patch('merge', path, { metadata: { deletionTimestamp: null }, data: { a: 'b' } });
    assert.equal(after.metadata.deletionTimestamp, before.metadata.deletionTimestamp);
  });

  it('refuses new finalizers on a held object', async () => {
    const namespace = await ownNamespace(server, 'held-more');
    const path = `${paths.configMaps(namespace)}/a`;
    await server.create(paths.configMaps(namespace), configMap('a', {}, { finalizers: [finalizer] }));
    await server.delete(path);
    const status = await server.refusedPatch(422, 'merge', {
      path,
      body: { metadata: { finalizers: [finalizer, 'e2e.example.com/more'] } },
    });
    assert.equal(status.reason, 'Invalid');
    assert.equal(status.details?.causes?.[0]?.field, 'metadata.finalizers');
  });

  it('removes a held object with its last finalizer', async () => {
    const namespace = await ownNamespace(server, 'released');
    const path = `${paths.configMaps(namespace)}/a`;
    await server.create(
      paths.configMaps(namespace),
      configMap('a', {}, { finalizers: [finalizer, 'e2e.example.com/two'] }),
    );
    await server.delete(path);
    await server.patch('merge', path, { metadata: { finalizers: [finalizer] } });
    assert.deepEqual((await server.get(path)).metadata.finalizers, [finalizer]);
    const last = await server.patch('merge', path, { metadata: { finalizers: null } });
    assert.equal(last.metadata.finalizers, undefined);
    await server.refused(404, 'GET', path);
  });

  it('removes a held Service when its finalizer goes through the status subresource', async () => {
    const namespace = await ownNamespace(server, 'released-by-status');
    const path = `${paths.services(namespace)}/a`;
    await server.create(paths.services(namespace), service('a', {}, { finalizers: [finalizer] }));
    await server.delete(path);
    await server.patch('strategic', `${path}/status`, {
      metadata: { '$deleteFromPrimitiveList/finalizers': [finalizer] },
    });
    await server.refused(404, 'GET', path);
  });

  it('shows a watcher MODIFIED when a held object is marked and DELETED when it goes', async () => {
    const namespace = await ownNamespace(server, 'watched-deletion');
    const path = `${paths.configMaps(namespace)}/a`;
    const created = await server.create(paths.configMaps(namespace), configMap('a', {}, { finalizers: [finalizer] }));
    await using watch = await server.watch(paths.configMaps(namespace), {
      resourceVersion: created.metadata.resourceVersion,
    });
    await server.delete(path);
    const [marked] = await watch.take(1);
    assert.equal(marked?.type, 'MODIFIED');
    assert.notEqual(marked?.object.metadata.deletionTimestamp, undefined);
    await server.patch('merge', path, { metadata: { finalizers: null } });
    const [gone] = await watch.take(1);
    assert.equal(gone?.type, 'DELETED');
    assert.ok(BigInt(gone.object.metadata.resourceVersion) > BigInt(marked.object.metadata.resourceVersion));
  });

  it('shows a watcher the last state of a deleted object with the resourceVersion of the deletion', async () => {
    const namespace = await ownNamespace(server, 'last-state');
    const created = await server.create(paths.configMaps(namespace), configMap('a', { key: 'value' }));
    await using watch = await server.watch(paths.configMaps(namespace), {
      resourceVersion: created.metadata.resourceVersion,
    });
    await server.delete(`${paths.configMaps(namespace)}/a`);
    const [gone] = await watch.take(1);
    assert.equal(gone?.type, 'DELETED');
    assert.deepEqual(gone.object.data, { key: 'value' });
    assert.equal(gone.object.metadata.uid, created.metadata.uid);
    assert.ok(BigInt(gone.object.metadata.resourceVersion) > BigInt(created.metadata.resourceVersion));
  });

  it('deletes a collection by selector', async () => {
    const namespace = await ownNamespace(server, 'collection');
    for (const [name, color] of [
      ['a', 'red'],
      ['b', 'blue'],
      ['c', 'red'],
    ] as const) {
      await server.create(paths.configMaps(namespace), configMap(name, {}, { labels: { color } }));
    }
    const reply = await server.send('DELETE', paths.configMaps(namespace), { query: { labelSelector: 'color=red' } });
    assert.equal(reply.status, 200);
    const left = await server.list(paths.configMaps(namespace));
    assert.deepEqual(
      left.items.map((item) => item.metadata.name),
      ['b'],
    );
  });
});

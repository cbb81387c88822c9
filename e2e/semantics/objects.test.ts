import assert from 'node:assert/strict';
import { describe, it } from '../harness/node-test.ts';
import { configMap, connectToServer, lease, node, ownNamespace, paths, service, uniqueName } from './wire/fixture.ts';

describe('objects', () => {
  const server = connectToServer();

  it('taints a new Node as not ready until somebody judges it', async () => {
    const created = await server.create(paths.nodes, node(uniqueName('tainted')));
    assert.deepEqual(created.spec.taints, [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]);
  });

  it('answers a create with 201 and the metadata that only a server can give', async () => {
    const name = uniqueName('created');
    const reply = await server.send('POST', paths.nodes, { body: node(name) });
    assert.equal(reply.status, 201);
    const created = await server.get(`${paths.nodes}/${name}`);
    assert.deepEqual(reply.body, created);
    assert.equal(created.kind, 'Node');
    assert.equal(created.apiVersion, 'v1');
    assert.match(created.metadata.uid, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.match(created.metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.match(created.metadata.resourceVersion, /^[1-9]\d*$/);
  });

  it('ignores the uid, creation time and deletion time that a creator sends', async () => {
    const name = uniqueName('forged');
    const created = await server.create(
      paths.nodes,
      node(
        name,
        {},
        { uid: 'mine', creationTimestamp: '2001-01-01T00:00:00Z', deletionTimestamp: '2001-01-01T00:00:00Z' },
      ),
    );
    assert.notEqual(created.metadata.uid, 'mine');
    assert.notEqual(created.metadata.creationTimestamp, '2001-01-01T00:00:00Z');
    assert.equal(created.metadata.deletionTimestamp, undefined);
  });

  it('puts an object into the namespace of the path', async () => {
    const namespace = await ownNamespace(server, 'placed');
    const created = await server.create(paths.configMaps(namespace), configMap('a'));
    assert.equal(created.metadata.namespace, namespace);
  });

  it('refuses a namespace in the body that is not the one of the path', async () => {
    const namespace = await ownNamespace(server, 'misplaced');
    const status = await server.refused(400, 'POST', paths.configMaps(namespace), {
      body: configMap('a', {}, { namespace: 'default' }),
    });
    assert.equal(status.reason, 'BadRequest');
  });

  it('refuses to create in a namespace that does not exist', async () => {
    const namespace = uniqueName('nowhere');
    const status = await server.refused(404, 'POST', paths.configMaps(namespace), { body: configMap('a') });
    assert.equal(status.reason, 'NotFound');
    assert.deepEqual(status.details, { name: namespace, kind: 'namespaces' });
  });

  it('refuses a second object of the same name with AlreadyExists', async () => {
    const name = uniqueName('twice');
    await server.create(paths.nodes, node(name));
    const status = await server.refused(409, 'POST', paths.nodes, { body: node(name) });
    assert.equal(status.reason, 'AlreadyExists');
    assert.deepEqual(status.details, { name, kind: 'nodes' });
    assert.equal(status.message, `nodes "${name}" already exists`);
  });

  it('names group and kind in the Status of a grouped resource', async () => {
    const namespace = await ownNamespace(server, 'grouped');
    const status = await server.refused(404, 'GET', `${paths.leases(namespace)}/absent`);
    assert.deepEqual(status.details, { name: 'absent', group: 'coordination.k8s.io', kind: 'leases' });
    assert.equal(status.message, 'leases.coordination.k8s.io "absent" not found');
  });

  it('answers 404 NotFound for reads, updates, patches and deletes of what is not there', async () => {
    const name = uniqueName('absent');
    const path = `${paths.nodes}/${name}`;
    const replies = [
      await server.refused(404, 'GET', path),
      await server.refused(404, 'DELETE', path),
      await server.refusedPatch(404, 'merge', { path, body: { metadata: { labels: { a: 'b' } } } }),
      await server.refusedPatch(404, 'strategic', { path, body: { metadata: { labels: { a: 'b' } } } }),
    ];
    for (const status of replies) {
      assert.equal(status.reason, 'NotFound');
      assert.deepEqual(status.details, { name, kind: 'nodes' });
    }
  });

  it('refuses an invalid name with 422 Invalid that points at the field', async () => {
    const namespace = await ownNamespace(server, 'naming');
    const status = await server.refused(422, 'POST', paths.configMaps(namespace), { body: configMap('Not_Allowed') });
    assert.equal(status.reason, 'Invalid');
    assert.equal(status.details?.kind, 'ConfigMap');
    assert.equal(status.details?.name, 'Not_Allowed');
    assert.deepEqual(
      status.details?.causes?.map((cause) => [cause.reason, cause.field]),
      [['FieldValueInvalid', 'metadata.name']],
    );
  });

  it('refuses an object without a name', async () => {
    const namespace = await ownNamespace(server, 'nameless');
    const status = await server.refused(422, 'POST', paths.configMaps(namespace), {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} },
    });
    assert.equal(status.details?.causes?.[0]?.field, 'metadata.name');
    assert.equal(status.details?.causes?.[0]?.reason, 'FieldValueRequired');
  });

  it('completes generateName with five characters of its own', async () => {
    const namespace = await ownNamespace(server, 'generated');
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'some-' } };
    const first = await server.create(paths.configMaps(namespace), body);
    const second = await server.create(paths.configMaps(namespace), body);
    assert.match(first.metadata.name, /^some-[a-z0-9]{5}$/);
    assert.equal(first.metadata.generateName, 'some-');
    assert.notEqual(first.metadata.name, second.metadata.name);
  });

  it('refuses a body that is not JSON with 400', async () => {
    const status = await server.refused(400, 'POST', paths.nodes, { body: '{"kind":' });
    assert.equal(status.reason, 'BadRequest');
  });

  it('refuses a body of another kind with 400', async () => {
    const namespace = await ownNamespace(server, 'wrong-kind');
    const status = await server.refused(400, 'POST', paths.configMaps(namespace), { body: node('a') });
    assert.equal(status.reason, 'BadRequest');
  });

  it('refuses a media type that it does not know with 415', async () => {
    const status = await server.refused(415, 'POST', paths.nodes, { body: 'x', contentType: 'text/plain' });
    assert.equal(status.reason, 'UnsupportedMediaType');
  });

  it('answers a route that it does not have with 404', async () => {
    const reply = await server.send('GET', '/apis/nobody.example.com/v1/things');
    assert.equal(reply.status, 404);
  });

  it('answers a verb that a resource does not have with 405', async () => {
    const status = await server.refused(405, 'POST', `${paths.nodes}/${uniqueName('verb')}`, { body: node('x') });
    assert.equal(status.reason, 'MethodNotAllowed');
  });

  it('raises the resourceVersion with every write, over all resources', async () => {
    const namespace = await ownNamespace(server, 'rising');
    const written = [
      await server.create(paths.configMaps(namespace), configMap('a')),
      await server.create(paths.nodes, node(uniqueName('rising'))),
      await server.create(paths.leases(namespace), lease('a')),
      await server.patch('merge', `${paths.configMaps(namespace)}/a`, { data: { key: 'value' } }),
    ];
    const versions = written.map((object) => BigInt(object.metadata.resourceVersion));
    for (const [index, version] of versions.entries()) {
      assert.ok(index === 0 || version > (versions[index - 1] ?? version), versions.join(' '));
    }
  });

  it('replaces on PUT, and gives the object a new resourceVersion but no new identity', async () => {
    const namespace = await ownNamespace(server, 'put');
    const created = await server.create(paths.configMaps(namespace), configMap('a', { old: '1' }));
    const updated = await server.update(`${paths.configMaps(namespace)}/a`, {
      ...configMap('a', { new: '2' }),
      metadata: created.metadata,
    });
    assert.deepEqual(updated.data, { new: '2' });
    assert.equal(updated.metadata.uid, created.metadata.uid);
    assert.equal(updated.metadata.creationTimestamp, created.metadata.creationTimestamp);
    assert.notEqual(updated.metadata.resourceVersion, created.metadata.resourceVersion);
  });

  it('refuses a PUT with an old resourceVersion with 409 Conflict', async () => {
    const namespace = await ownNamespace(server, 'stale');
    const path = `${paths.configMaps(namespace)}/a`;
    const created = await server.create(paths.configMaps(namespace), configMap('a'));
    await server.patch('merge', path, { data: { by: 'another' } });
    const status = await server.refused(409, 'PUT', path, { body: created });
    assert.equal(status.reason, 'Conflict');
    assert.deepEqual(status.details, { name: 'a', kind: 'configmaps' });
    assert.deepEqual((await server.get(path)).data, { by: 'another' });
  });

  it('takes a PUT without resourceVersion where the resource allows blind updates', async () => {
    const namespace = await ownNamespace(server, 'blind');
    await server.create(paths.configMaps(namespace), configMap('a'));
    const updated = await server.update(`${paths.configMaps(namespace)}/a`, configMap('a', { key: 'value' }));
    assert.deepEqual(updated.data, { key: 'value' });
  });

  it('refuses a PUT without resourceVersion on a Lease', async () => {
    const namespace = await ownNamespace(server, 'unblind');
    await server.create(paths.leases(namespace), lease('a'));
    const status = await server.refused(422, 'PUT', `${paths.leases(namespace)}/a`, { body: lease('a') });
    assert.equal(status.details?.causes?.[0]?.field, 'metadata.resourceVersion');
  });

  it('refuses a PUT whose name is not that of the path', async () => {
    const namespace = await ownNamespace(server, 'renamed');
    await server.create(paths.configMaps(namespace), configMap('a'));
    const status = await server.refused(400, 'PUT', `${paths.configMaps(namespace)}/a`, { body: configMap('b') });
    assert.equal(status.reason, 'BadRequest');
  });

  it('refuses a PUT with the uid of another object with 409', async () => {
    const namespace = await ownNamespace(server, 'foreign-uid');
    await server.create(paths.configMaps(namespace), configMap('a'));
    const status = await server.refused(409, 'PUT', `${paths.configMaps(namespace)}/a`, {
      body: configMap('a', {}, { uid: '11111111-2222-3333-4444-555555555555' }),
    });
    assert.equal(status.reason, 'Conflict');
  });

  it('does not write what changes nothing', async () => {
    const namespace = await ownNamespace(server, 'no-op');
    const path = `${paths.services(namespace)}/a`;
    const created = await server.create(paths.services(namespace), service('a', {}, { labels: { app: 'a' } }));
    const updated = await server.update(path, created);
    assert.equal(updated.metadata.resourceVersion, created.metadata.resourceVersion);
    const merged = await server.patch('merge', path, { metadata: { labels: { app: 'a' } } });
    assert.equal(merged.metadata.resourceVersion, created.metadata.resourceVersion);
    const strategic = await server.patch('strategic', path, { metadata: { labels: { app: 'a', other: null } } });
    assert.equal(strategic.metadata.resourceVersion, created.metadata.resourceVersion);
  });

  it('writes nothing on a dry run, but answers as if it had', async () => {
    const namespace = await ownNamespace(server, 'dry');
    const path = `${paths.configMaps(namespace)}/a`;
    const dryRun = { query: { dryRun: 'All' } };
    const created = await server.send('POST', paths.configMaps(namespace), { body: configMap('a'), ...dryRun });
    assert.equal(created.status, 201);
    await server.refused(404, 'GET', path);

    const real = await server.create(paths.configMaps(namespace), configMap('a', { key: 'old' }));
    const put = await server.send('PUT', path, { body: configMap('a', { key: 'new' }), ...dryRun });
    assert.equal(put.status, 200);
    assert.deepEqual((put.body as { data: unknown }).data, { key: 'new' });
    assert.equal((await server.send('DELETE', path, dryRun)).status, 200);
    assert.deepEqual(await server.get(path), real);
  });

  it('refuses a dry run of an unknown kind', async () => {
    await server.refused(422, 'POST', paths.nodes, { body: node(uniqueName('dry')), query: { dryRun: 'Some' } });
  });

  it('counts the generation of a Service up with its spec only', async () => {
    const namespace = await ownNamespace(server, 'generation');
    const path = `${paths.services(namespace)}/a`;
    const created = await server.create(paths.services(namespace), service('a'));
    const labelled = await server.patch('merge', path, { metadata: { labels: { a: 'b' } } });
    const status = await server.patch('merge', `${path}/status`, {
      status: {
        conditions: [
          { type: 'A', status: 'True', reason: 'R', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
        ],
      },
    });
    assert.equal(labelled.metadata.generation, created.metadata.generation);
    assert.equal(status.metadata.generation, created.metadata.generation);
  });
});

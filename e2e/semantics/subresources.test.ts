import assert from 'node:assert/strict';
import { describe, it } from '../harness/node-test.ts';
import { connectToServer, node, ownNamespace, ownTaints, paths, service, uniqueName } from './wire/fixture.ts';

describe('subresources', () => {
  const server = connectToServer();

  it('a write to a Node leaves its status alone', async () => {
    const name = uniqueName('isolated');
    const path = `${paths.nodes}/${name}`;
    await server.create(paths.nodes, node(name, { status: { addresses: [{ type: 'Hostname', address: 'h' }] } }));
    const patched = await server.patch('merge', path, {
      metadata: { labels: { a: 'b' } },
      status: { addresses: [{ type: 'Hostname', address: 'changed' }] },
    });
    assert.equal(patched.metadata.labels?.a, 'b');
    assert.deepEqual(patched.status.addresses, [{ type: 'Hostname', address: 'h' }]);
  });

  it('a write to nodes/status leaves the spec alone', async () => {
    const name = uniqueName('isolated');
    await server.create(paths.nodes, node(name, { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }));
    const patched = await server.patch('merge', `${paths.nodes}/${name}/status`, {
      spec: { taints: null, providerID: 'sim://x' },
      status: { addresses: [{ type: 'Hostname', address: 'h' }] },
    });
    assert.deepEqual(ownTaints(patched), [{ key: 'a', effect: 'NoSchedule' }]);
    assert.equal(patched.spec.providerID, undefined);
    assert.deepEqual(patched.status.addresses, [{ type: 'Hostname', address: 'h' }]);
  });

  it('a write to nodes/status reaches labels and annotations', async () => {
    const name = uniqueName('isolated');
    await server.create(paths.nodes, node(name));
    const patched = await server.patch('merge', `${paths.nodes}/${name}/status`, {
      metadata: { labels: { a: 'b' }, annotations: { c: 'd' } },
    });
    assert.equal(patched.metadata.labels?.a, 'b');
    assert.equal(patched.metadata.annotations?.c, 'd');
  });

  it('reads a Node through its status subresource', async () => {
    const name = uniqueName('read');
    const created = await server.create(paths.nodes, node(name));
    assert.deepEqual(await server.get(`${paths.nodes}/${name}/status`), created);
  });

  it('a Service is created without the status that its creator sent', async () => {
    const namespace = await ownNamespace(server, 'status-on-create');
    const created = await server.create(paths.services(namespace), {
      ...service('a', { type: 'LoadBalancer' }),
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
    });
    assert.deepEqual(created.status, { loadBalancer: {} });
  });

  it('a Node keeps the status that its creator sent', async () => {
    const created = await server.create(
      paths.nodes,
      node(uniqueName('status-on-create'), { status: { addresses: [{ type: 'Hostname', address: 'h' }] } }),
    );
    assert.deepEqual(created.status.addresses, [{ type: 'Hostname', address: 'h' }]);
  });

  it('a write to a Service leaves its status alone, a write to its status the spec', async () => {
    const namespace = await ownNamespace(server, 'isolated');
    const path = `${paths.services(namespace)}/a`;
    const created = await server.create(paths.services(namespace), service('a', { type: 'LoadBalancer' }));
    const withStatus = await server.patch('merge', `${path}/status`, {
      spec: { sessionAffinity: 'ClientIP' },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
    });
    assert.deepEqual(withStatus.spec, created.spec);
    assert.deepEqual(withStatus.status.loadBalancer, { ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }] });
    const withSpec = await server.patch('merge', path, {
      spec: { sessionAffinity: 'ClientIP' },
      status: { loadBalancer: null },
    });
    assert.equal(withSpec.spec.sessionAffinity, 'ClientIP');
    assert.deepEqual(withSpec.status, withStatus.status);
  });

  it('finalizers of a Service can be written through services/status', async () => {
    const namespace = await ownNamespace(server, 'finalizers');
    const path = `${paths.services(namespace)}/a`;
    await server.create(paths.services(namespace), service('a', { type: 'LoadBalancer' }));
    const patched = await server.patch('strategic', `${path}/status`, {
      metadata: { finalizers: ['service.kubernetes.io/load-balancer-cleanup'] },
    });
    assert.deepEqual(patched.metadata.finalizers, ['service.kubernetes.io/load-balancer-cleanup']);
  });

  it('a PUT to a status replaces the status only', async () => {
    const namespace = await ownNamespace(server, 'put-status');
    const path = `${paths.services(namespace)}/a`;
    const created = await server.create(paths.services(namespace), service('a', { type: 'LoadBalancer' }));
    const updated = await server.update(`${path}/status`, {
      ...created,
      spec: { ...created.spec, sessionAffinity: 'ClientIP' },
      status: { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } },
    });
    assert.deepEqual(updated.spec, created.spec);
    assert.deepEqual(updated.status, { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } });
  });

  it('refuses an ingress address that is none', async () => {
    const namespace = await ownNamespace(server, 'bad-status');
    const path = `${paths.services(namespace)}/a`;
    await server.create(paths.services(namespace), service('a', { type: 'LoadBalancer' }));
    const status = await server.refusedPatch(422, 'merge', {
      path: `${path}/status`,
      body: { status: { loadBalancer: { ingress: [{ ip: 'not-an-address' }] } } },
    });
    assert.equal(status.details?.causes?.[0]?.field, 'status.loadBalancer.ingress[0].ip');
  });

  it('answers a subresource that there is not with 404', async () => {
    const namespace = await ownNamespace(server, 'no-status');
    const reply = await server.send('GET', `${paths.configMaps(namespace)}/a/status`);
    assert.equal(reply.status, 404);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from '../harness/node-test.ts';
import { connectToServer, ownNamespace, paths, service } from './wire/fixture.ts';

interface Port {
  readonly name?: string;
  readonly port: number;
  readonly protocol: string;
  readonly targetPort: number | string;
  readonly nodePort?: number;
}

function portsOf(object: { readonly spec: Readonly<Record<string, unknown>> }): readonly Port[] {
  return object.spec.ports as readonly Port[];
}

describe('services', () => {
  const server = connectToServer();

  async function create(spec: Readonly<Record<string, unknown>>) {
    const collection = paths.services(await ownNamespace(server, 'service'));
    return { path: `${collection}/a`, created: await server.create(collection, service('a', spec)) };
  }

  it('completes a Service of type ClusterIP', async () => {
    const { created } = await create({ selector: { app: 'a' } });
    const { clusterIP, clusterIPs, ...spec } = created.spec;
    assert.match(String(clusterIP), /^10\.\d+\.\d+\.\d+$/);
    assert.deepEqual(clusterIPs, [clusterIP]);
    assert.deepEqual(spec, {
      selector: { app: 'a' },
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
    });
    assert.deepEqual(created.status, { loadBalancer: {} });
  });

  it('gives Services different addresses', async () => {
    const [one, two] = [await create({}), await create({})];
    assert.notEqual(one.created.spec.clusterIP, two.created.spec.clusterIP);
  });

  it('completes a Service of type LoadBalancer with node ports and policies', async () => {
    const { created } = await create({
      type: 'LoadBalancer',
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81, targetPort: 'web' },
      ],
    });
    assert.equal(created.spec.externalTrafficPolicy, 'Cluster');
    assert.equal(created.spec.allocateLoadBalancerNodePorts, true);
    assert.equal(created.spec.healthCheckNodePort, undefined);
    const ports = portsOf(created);
    assert.deepEqual(
      ports.map((port) => port.targetPort),
      [80, 'web'],
    );
    for (const { nodePort = 0 } of ports) assert.ok(nodePort >= 30000 && nodePort <= 32767, String(nodePort));
    assert.notEqual(ports[0]?.nodePort, ports[1]?.nodePort);
  });

  it('allocates no node ports when told not to', async () => {
    const { created } = await create({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false });
    assert.equal(portsOf(created)[0]?.nodePort, undefined);
  });

  it('gives a Service with local traffic a health check port, and takes it away again', async () => {
    const { path, created } = await create({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' });
    const port = Number(created.spec.healthCheckNodePort);
    assert.ok(port >= 30000 && port <= 32767, String(port));
    const cluster = await server.patch('merge', path, { spec: { externalTrafficPolicy: 'Cluster' } });
    assert.equal(cluster.spec.healthCheckNodePort, undefined);
  });

  it('keeps a node port that a creator asks for, and refuses it to the next', async () => {
    const { created } = await create({ type: 'NodePort' });
    const nodePort = portsOf(created)[0]?.nodePort;
    const collection = paths.services(await ownNamespace(server, 'taken'));
    const status = await server.refused(422, 'POST', collection, {
      body: service('a', { type: 'NodePort', ports: [{ port: 80, nodePort }] }),
    });
    assert.match(status.message ?? '', /provided port is already allocated/);
    assert.equal(status.details?.causes?.[0]?.field, 'spec.ports[0].nodePort');
  });

  it('keeps node ports over a change of the ports', async () => {
    const { path, created } = await create({ type: 'LoadBalancer', ports: [{ name: 'a', port: 80 }] });
    const patched = await server.patch('strategic', path, { spec: { ports: [{ name: 'b', port: 443 }] } });
    const [first, second] = [...portsOf(patched)].sort((a, b) => a.port - b.port);
    assert.equal(first?.nodePort, portsOf(created)[0]?.nodePort);
    assert.notEqual(second?.nodePort, undefined);
  });

  it('clears what a load balancer had when the type becomes ClusterIP', async () => {
    const { path, created } = await create({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' });
    const patched = await server.patch('merge', path, { spec: { type: 'ClusterIP' } });
    assert.equal(patched.spec.clusterIP, created.spec.clusterIP);
    assert.deepEqual(
      {
        nodePort: portsOf(patched)[0]?.nodePort,
        healthCheckNodePort: patched.spec.healthCheckNodePort,
        externalTrafficPolicy: patched.spec.externalTrafficPolicy,
        allocateLoadBalancerNodePorts: patched.spec.allocateLoadBalancerNodePorts,
      },
      {
        nodePort: undefined,
        healthCheckNodePort: undefined,
        externalTrafficPolicy: undefined,
        allocateLoadBalancerNodePorts: undefined,
      },
    );
  });

  it("keeps the status when the type becomes ClusterIP: clearing it is the manager's work", async () => {
    const { path } = await create({ type: 'LoadBalancer' });
    await server.patch('merge', `${path}/status`, { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } });
    const patched = await server.patch('merge', path, { spec: { type: 'ClusterIP' } });
    assert.deepEqual(patched.status.loadBalancer, {});
  });

  it('keeps the address over updates, and refuses another', async () => {
    const { path, created } = await create({});
    const updated = await server.update(path, {
      ...created,
      spec: { ...created.spec, clusterIP: undefined, clusterIPs: undefined },
    });
    assert.equal(updated.spec.clusterIP, created.spec.clusterIP);
    const status = await server.refusedPatch(422, 'merge', {
      path,
      body: { spec: { clusterIP: '10.0.250.250', clusterIPs: ['10.0.250.250'] } },
    });
    assert.equal(status.reason, 'Invalid');
  });

  it('gives an address back when its Service goes', async () => {
    const { path, created } = await create({});
    await server.delete(path);
    const collection = path.slice(0, -2);
    const second = await server.create(collection, service('b', { clusterIP: created.spec.clusterIP }));
    assert.equal(second.spec.clusterIP, created.spec.clusterIP);
  });

  it('leaves a headless Service without an address', async () => {
    const { created } = await create({ clusterIP: 'None' });
    assert.deepEqual(created.spec.clusterIPs, ['None']);
  });

  it('does not let the load balancer class be changed', async () => {
    const { path } = await create({ type: 'LoadBalancer', loadBalancerClass: 'example.com/one' });
    const status = await server.refusedPatch(422, 'merge', {
      path,
      body: { spec: { loadBalancerClass: 'example.com/two' } },
    });
    assert.equal(status.details?.causes?.[0]?.field, 'spec.loadBalancerClass');
  });

  for (const [title, spec, field] of [
    ['several ports without names', { ports: [{ port: 80 }, { port: 81 }] }, 'spec.ports[0].name'],
    ['a port out of range', { ports: [{ port: 70000 }] }, 'spec.ports[0].port'],
    ['no ports', { ports: [] }, 'spec.ports'],
    ['an unknown type', { type: 'Balanced' }, 'spec.type'],
    ['an unknown protocol', { ports: [{ port: 80, protocol: 'QUIC' }] }, 'spec.ports[0].protocol'],
    [
      'a source range that is none',
      { type: 'LoadBalancer', loadBalancerSourceRanges: ['x'] },
      'spec.LoadBalancerSourceRanges[0]',
    ],
  ] as const) {
    it(`refuses ${title}`, async () => {
      const collection = paths.services(await ownNamespace(server, 'refused'));
      const status = await server.refused(422, 'POST', collection, { body: service('a', spec) });
      assert.equal(status.reason, 'Invalid');
      const fields = status.details?.causes?.map((cause) => cause.field) ?? [];
      assert.ok(fields.includes(field), fields.join(' '));
    });
  }
});

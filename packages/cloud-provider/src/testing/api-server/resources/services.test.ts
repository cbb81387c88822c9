import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startApiServer } from '../api-server.ts';
import type { ApiServer } from '../api-server.ts';
import { RawClient } from '../raw-client.ts';

const services = '/api/v1/namespaces/default/services';
const port = { port: 80 };

describe('services', () => {
  let server: ApiServer;
  let client: RawClient;

  beforeEach(async () => {
    server = await startApiServer();
    client = new RawClient(server);
  });
  afterEach(() => server[Symbol.asyncDispose]());

  it('fills in a plain Service', () => {
    const { spec, status } = server.store.create('services', { metadata: { name: 's' }, spec: { ports: [port] } });
    expect(spec).toEqual({
      ports: [{ protocol: 'TCP', port: 80, targetPort: 80 }],
      clusterIP: expect.stringMatching(/^10\.0\.\d+\.\d+$/),
      clusterIPs: [spec.clusterIP],
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
    });
    expect(status).toEqual({ loadBalancer: {} });
  });

  it('gives a load balancer its ports, one number for two protocols', () => {
    const { spec, status } = server.store.create('services', {
      metadata: { name: 's' },
      spec: {
        type: 'LoadBalancer',
        externalTrafficPolicy: 'Local',
        sessionAffinity: 'ClientIP',
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80, protocol: 'UDP', targetPort: 'web' },
        ],
      },
      status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
    });
    const nodePort = spec.ports?.[0]?.nodePort ?? 0;
    expect(nodePort).toBeGreaterThanOrEqual(30_000);
    expect(spec.ports?.[1]).toEqual({ name: 'b', protocol: 'UDP', port: 80, targetPort: 'web', nodePort });
    expect(spec.healthCheckNodePort).toBeGreaterThanOrEqual(30_000);
    expect(spec.healthCheckNodePort).not.toBe(nodePort);
    expect(spec).toMatchObject({
      allocateLoadBalancerNodePorts: true,
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
    });
    expect(status).toEqual({ loadBalancer: {} });
  });

  it('allocates nothing for headless and external Services', () => {
    const headless = server.store.create('services', { metadata: { name: 'h' }, spec: { clusterIP: 'None' } });
    expect(headless.spec).toMatchObject({
      clusterIPs: ['None'],
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'RequireDualStack',
    });
    const external = server.store.create('services', {
      metadata: { name: 'e' },
      spec: { type: 'ExternalName', externalName: 'a.b' },
    });
    expect(external.spec).toEqual({ type: 'ExternalName', sessionAffinity: 'None', externalName: 'a.b' });
  });

  it('drops what a plain Service has no use for when the type changes, and frees it', () => {
    const before = server.store.create('services', {
      metadata: { name: 's' },
      spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', loadBalancerClass: 'x.io/c', ports: [port] },
    });
    server.store.patch(
      'services',
      { name: 's', subresource: 'status' },
      { status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } },
    );
    const after = server.store.patch('services', 's', { spec: { type: 'ClusterIP' } });
    expect(after.spec).toEqual({
      ports: [{ protocol: 'TCP', port: 80, targetPort: 80 }],
      clusterIP: before.spec.clusterIP,
      clusterIPs: before.spec.clusterIPs,
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
    });
    expect(after.status).toEqual({ loadBalancer: {} });
    const nodePort = before.spec.ports?.[0]?.nodePort ?? 0;
    const other = server.store.create('services', {
      metadata: { name: 't' },
      spec: { type: 'NodePort', ports: [{ port: 80, nodePort }] },
    });
    expect(other.spec.ports?.[0]?.nodePort).toBe(nodePort);
  });

  it('keeps allocated values that an update leaves out', async () => {
    const before = server.store.create('services', {
      metadata: { name: 's' },
      spec: { type: 'NodePort', ports: [{ ...port, name: 'a' }] },
    });
    await client.put(`${services}/s`, {
      metadata: { name: 's' },
      spec: { type: 'NodePort', ports: [{ name: 'a', port: 81 }] },
    });
    const after = server.store.get('services', 's');
    expect(after?.spec.clusterIP).toBe(before.spec.clusterIP);
    expect(after?.spec.ports?.[0]).toMatchObject({ port: 81, nodePort: before.spec.ports?.[0]?.nodePort });
  });

  it.each([
    ['no ports', { type: 'ClusterIP' }, 'spec.ports: Required value'],
    ['an unknown type', { type: 'Foo', ports: [port] }, 'spec.type: Unsupported value: "Foo"'],
    ['a port out of range', { ports: [{ port: 0 }] }, 'spec.ports[0].port: Invalid value: 0'],
    ['two ports without names', { ports: [port, { port: 81 }] }, 'spec.ports[1].name: Required value'],
    [
      'a port twice',
      {
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80 },
        ],
      },
      'spec.ports[1]: Duplicate value',
    ],
    ['an unknown protocol', { ports: [{ port: 80, protocol: 'X' }] }, 'spec.ports[0].protocol: Unsupported value: "X"'],
    [
      'a node port that it may not have',
      { ports: [{ port: 80, nodePort: 30_001 }] },
      'spec.ports[0].nodePort: Forbidden',
    ],
    [
      'a node port out of range',
      { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] },
      'provided port is not in the valid range',
    ],
    [
      'a node port that is taken',
      { type: 'NodePort', ports: [{ port: 80, nodePort: 30_500 }] },
      'provided port is already allocated',
    ],
    ['an address that is taken', { clusterIP: '10.0.0.1', ports: [port] }, 'provided IP is already allocated'],
    ['an address out of range', { clusterIP: '1.2.3.4', ports: [port] }, 'not in the valid range'],
    ['a class without a load balancer', { loadBalancerClass: 'a', ports: [port] }, 'spec.loadBalancerClass: Forbidden'],
    [
      'source ranges without a load balancer',
      { loadBalancerSourceRanges: ['1.0.0.0/8'], ports: [port] },
      'LoadBalancerSourceRanges: Forbidden',
    ],
    [
      'a bad source range',
      { type: 'LoadBalancer', loadBalancerSourceRanges: ['1.0.0.0/33'], ports: [port] },
      'must be a valid CIDR',
    ],
    ['two address families', { ipFamilyPolicy: 'RequireDualStack', ports: [port] }, 'not configured for dual-stack'],
    [
      'a headless load balancer',
      { type: 'LoadBalancer', clusterIP: 'None', ports: [port] },
      "may not be set to 'None'",
    ],
  ])('refuses %s', async (_title, spec, message) => {
    server.store.create('services', {
      metadata: { name: 'taken' },
      spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30_500 }] },
    });
    const reply = await client.post(services, { metadata: { name: 's' }, spec });
    expect(reply.body).toMatchObject({ code: 422, reason: 'Invalid', message: expect.stringContaining(message) });
  });

  it.each([
    ['a class', { loadBalancerClass: 'x.io/other' }, 'may not change once set'],
    ['an address', { clusterIP: '10.0.200.200', clusterIPs: ['10.0.200.200'] }, 'may not change once set'],
    ['a health check port', { healthCheckNodePort: 30_777 }, 'field is immutable'],
  ])('refuses to change %s', async (_title, spec, message) => {
    server.store.create('services', {
      metadata: { name: 's' },
      spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', loadBalancerClass: 'x.io/c', ports: [port] },
    });
    const reply = await client.mergePatch(`${services}/s`, { spec });
    expect(reply.body).toMatchObject({ code: 422, message: expect.stringContaining(message) });
  });

  it('takes ingress of load balancers alone', async () => {
    server.store.create('services', { metadata: { name: 's' }, spec: { ports: [port] } });
    const change = { status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } };
    expect((await client.mergePatch(`${services}/s/status`, change)).code).toBe(422);
    server.store.patch('services', 's', { spec: { type: 'LoadBalancer' } });
    const reply = await client.mergePatch(`${services}/s/status`, change);
    expect(reply.body).toMatchObject({ status: { loadBalancer: { ingress: [{ ip: '1.2.3.4', ipMode: 'VIP' }] } } });
    const bad = { status: { loadBalancer: { ingress: [{ hostname: '1.2.3.4' }] } } };
    expect((await client.mergePatch(`${services}/s/status`, bad)).code).toBe(422);
  });

  it('is deterministic with a seeded source of randomness', async () => {
    const draft = { metadata: { name: 's' }, spec: { type: 'NodePort', ports: [port] } };
    await using one = await startApiServer({ random: () => 0.25 });
    await using other = await startApiServer({ random: () => 0.25 });
    expect(one.store.create('services', draft).spec).toEqual(other.store.create('services', draft).spec);
  });
});

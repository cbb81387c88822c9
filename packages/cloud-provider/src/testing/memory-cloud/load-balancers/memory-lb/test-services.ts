import type { Service, ServicePort } from '../../../../api/service.ts';
import type { BackendNode, ServiceRequest } from '../../../../cloud/load-balancer-kind.ts';

/** Services as the tests of this kind need them. */
export const testCluster = { uid: 'cluster-blue', name: 'kubernetes' };
export const testServiceUID = '0b9d2f1e-5a7c-4d3b-9e8f-112233445566';

export function testPort(change: Partial<ServicePort> = {}): ServicePort {
  return { name: 'web', protocol: 'TCP', port: 80, targetPort: '8080', nodePort: 30_080, appProtocol: '', ...change };
}

export function testService(spec: Partial<Service['spec']> = {}, metadata: Partial<Service['metadata']> = {}): Service {
  return {
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: testServiceUID,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      deletionTimestamp: '',
      labels: {},
      annotations: {},
      finalizers: [],
      ...metadata,
    },
    spec: {
      type: 'LoadBalancer',
      ports: [testPort()],
      clusterIPs: ['10.96.0.10'],
      externalIPs: [],
      sessionAffinity: 'None',
      sessionAffinityTimeout: 0,
      loadBalancerIP: '',
      loadBalancerSourceRanges: [],
      externalTrafficPolicy: 'Cluster',
      healthCheckNodePort: 0,
      ipFamilies: ['IPv4'],
      loadBalancerClass: undefined,
      allocateLoadBalancerNodePorts: undefined,
      ...spec,
    },
    status: { loadBalancer: { ingress: [] }, conditions: [] },
  };
}

export function testBackend(name: string, machineID: string): BackendNode {
  return { name, providerID: `memory:///memory-1a/${machineID}`, labels: {}, addresses: [] };
}

export function testRequest(change: Partial<ServiceRequest> = {}): ServiceRequest {
  return { service: testService(), cluster: testCluster, backends: [], ...change };
}

import {
  type BackendNode,
  type ClusterIdentity,
  type Member,
  type Service,
  type ServicePort,
  type ServiceRequest,
  adoptAnnotation,
} from '@ccm-ts/cloud-provider';
import { formatProviderID } from '../provider-id.ts';

export const testCluster: ClusterIdentity = { uid: '00000000-0000-0000-0000-00000000c1a5', name: 'judge' };

export interface TestServiceOptions {
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: Partial<Service['spec']>;
  readonly hostname?: string;
}

/** A Service with the annotation for a network load balancer and one port, 80 at the node port 30080. */
export function testService(options: TestServiceOptions = {}): Service {
  const { namespace = 'default', name = 'web', uid = '12345678-1234-1234-1234-123456789abc' } = options;
  return {
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      deletionTimestamp: '',
      labels: {},
      annotations: { 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb', ...options.annotations },
      finalizers: [],
    },
    spec: {
      type: 'LoadBalancer',
      ports: [tcpPort(80, 30080)],
      clusterIPs: ['10.96.0.1'],
      externalIPs: [],
      sessionAffinity: 'None',
      sessionAffinityTimeout: 0,
      loadBalancerIP: '',
      loadBalancerSourceRanges: [],
      externalTrafficPolicy: 'Cluster',
      healthCheckNodePort: 0,
      ipFamilies: ['IPv4'],
      loadBalancerClass: undefined,
      allocateLoadBalancerNodePorts: true,
      ...options.spec,
    },
    status: {
      loadBalancer: {
        ingress: options.hostname === undefined ? [] : [{ ip: '', hostname: options.hostname, ipMode: '' }],
      },
      conditions: [],
    },
  };
}

export function tcpPort(port: number, nodePort: number): ServicePort {
  return { name: `p${port}`, protocol: 'TCP', port, targetPort: '8080', nodePort, appProtocol: '' };
}

export function testBackends(instanceIDs: readonly string[]): BackendNode[] {
  return instanceIDs.map((id) => ({
    name: `node-${id}`,
    providerID: formatProviderID('eu-test-1a', id),
    labels: {},
    addresses: [],
  }));
}

export function testRequest(service: Service, instanceIDs: readonly string[]): ServiceRequest {
  return { service, cluster: testCluster, backends: testBackends(instanceIDs) };
}

export function memberOf(service: Service, cluster: ClusterIdentity = testCluster): Member {
  const adopts = new Set(service.metadata.annotations[adoptAnnotation]?.split(','));
  return { uid: service.metadata.uid, service, cluster, adopts };
}

import { clusterStampKey } from '../../cloud/ownership.ts';
import { serviceUIDTag } from '../memory-cloud/load-balancers/memory-lb/desired.ts';
import type { ProofGround } from './ground.ts';

/**
 * Puts objects into cloud and cluster that no manager of this cluster may touch. Returns what tells them, byte for byte:
 * the API server's versions are in it, so that even a write that changes nothing shows.
 */
export function plantForeignObjects({ cloud, server }: Pick<ProofGround, 'cloud' | 'server'>): () => string {
  const machine = cloud.operator.launch({ name: 'mail-server', zone: 'memory-1a' });
  const common = {
    networkID: 'net-main',
    scheme: 'public',
    allowedRanges: ['0.0.0.0/0'],
    healthCheck: { protocol: 'tcp', port: 25, path: '' },
    listeners: [{ protocol: 'TCP', port: 25, backendPort: 25, affinity: 'none' }],
    backends: [machine.id],
  };
  const stamp = { [clusterStampKey]: 'another-cluster', [serviceUIDTag]: '5c000000-another-service' };
  cloud.operator.plantLoadBalancer({ ...common, name: 'mail', tags: {} }, 'a person');
  cloud.operator.plantLoadBalancer({ ...common, name: 'a5c000000anotherservice', tags: stamp }, 'another-cluster');
  cloud.operator.plantRoute({ cidr: '192.168.7.0/24', instanceID: machine.id, tags: {} }, 'a person');
  cloud.operator.plantRoute({ cidr: '10.244.201.0/24', instanceID: machine.id, tags: {} }, 'a person');
  cloud.operator.plantRoute(
    { cidr: '10.244.200.0/24', instanceID: machine.id, tags: { [clusterStampKey]: 'another-cluster' } },
    'another-cluster',
  );

  // A node of another cloud that is not ready, and a Service for another load balancer.
  server.store.create('nodes', {
    metadata: { name: 'foreign' },
    spec: { providerID: 'elsewhere:///x/1', podCIDR: '10.244.250.0/24', podCIDRs: ['10.244.250.0/24'] },
    status: { conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady' }] },
  });
  server.store.create('services', {
    metadata: { name: 'foreign', namespace: 'default' },
    spec: { type: 'LoadBalancer', loadBalancerClass: 'example.org/other', ports: [{ port: 80 }] },
  });
  const clusterUID = server.store.get('namespaces', 'kube-system')?.metadata.uid;
  return () => {
    const snapshot = cloud.snapshot();
    return JSON.stringify([
      snapshot.instances.filter(({ id }) => id === machine.id).map((record) => ({ ...record, state: 'any' })),
      snapshot.loadBalancers.filter(({ tags }) => tags[clusterStampKey] !== clusterUID),
      snapshot.routes.filter(({ instanceID }) => instanceID === machine.id),
      server.store.get('nodes', 'foreign'),
      server.store.get('services', 'foreign'),
    ]);
  };
}

import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { clusterStampKey } from '../../cloud/ownership.ts';
import { MemoryCloud } from '../memory-cloud/cloud/memory-cloud.ts';
import type { CloudSettings } from '../memory-cloud/cloud/settings.ts';

/** What a cloud of middling temper grants. */
const usualRates: CloudSettings['rateLimits'] = {
  'instances-read': { rate: 20, burst: 40 },
  'load-balancers-read': { rate: 100, burst: 100 },
  'load-balancers-write': { rate: 100, burst: 100 },
};

/** A bad day: one request in five seconds. */
const tightRates: CloudSettings['rateLimits'] = {
  'instances-read': { rate: 0.2, burst: 1 },
  'load-balancers-read': { rate: 0.2, burst: 1 },
  'load-balancers-write': { rate: 0.2, burst: 1 },
};

/** A memory cloud that takes its time, with objects of other people in it. */
export function createDemoCloud(options: { readonly clock: Clock; readonly seed: number }): MemoryCloud {
  const cloud = new MemoryCloud({
    ...options,
    ownerTag: clusterStampKey,
    settings: {
      latency: Duration.milliseconds(20),
      latencyJitter: 0.5,
      readLag: Duration.milliseconds(50),
      provisioning: Duration.milliseconds(400),
      updating: Duration.milliseconds(100),
      deleting: Duration.milliseconds(300),
      machineTransition: Duration.milliseconds(200),
      rateLimits: usualRates,
    },
  });
  plantForeignObjects(cloud);
  return cloud;
}

export function tightenRates(cloud: MemoryCloud): void {
  cloud.configure({ rateLimits: tightRates });
}

export function relaxRates(cloud: MemoryCloud): void {
  cloud.configure({ rateLimits: usualRates });
}

/** Objects that no manager of this cluster may touch: of another cluster, and of a person. */
function plantForeignObjects(cloud: MemoryCloud): void {
  const machine = cloud.operator.launch({ name: 'mail-server', zone: 'memory-1a' });
  const common = {
    networkID: 'net-main',
    scheme: 'public',
    allowedRanges: ['0.0.0.0/0'],
    healthCheck: { protocol: 'tcp', port: 25, path: '' },
    listeners: [{ protocol: 'TCP', port: 25, backendPort: 25, affinity: 'none' }],
    backends: [machine.id],
  };
  const stamped = { [clusterStampKey]: 'another-cluster', 'kubernetes.io/service-uid': 'another-service' };
  cloud.operator.plantLoadBalancer({ ...common, name: 'mail', tags: {} }, 'a person');
  cloud.operator.plantLoadBalancer(
    { ...common, name: 'a00000000000000000000000000000000'.slice(0, 32), tags: stamped },
    'another-cluster',
  );
  cloud.operator.plantRoute({ cidr: '192.168.0.0/24', instanceID: machine.id, tags: {} }, 'a person');
}

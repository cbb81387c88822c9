import { Duration } from '../../../base/duration.ts';
import type { Clock } from '../../../base/clock.ts';
import type { ClusterIdentity } from '../../../cloud/cluster-identity.ts';
import type { InventoryItem, InventoryKind, OwnerClaim } from '../../../cloud/inventory.ts';
import { type Ownership, clusterStampKey, judgeOwnership } from '../../../cloud/ownership.ts';
import type { Balancer } from '../client/balancer.ts';
import type { MemoryClient } from '../client/memory-client.ts';
import { RecentCreates } from '../client/recent-creates.ts';
import { applyOperation, foldOperation } from '../load-balancers/memory-lb/apply.ts';
import { serviceNameTag, serviceUIDTag } from '../load-balancers/memory-lb/desired.ts';
import type { MemoryLBObserved } from '../load-balancers/memory-lb/observe.ts';
import type { MemoryLBOperation } from '../load-balancers/memory-lb/operations.ts';
import { planBalancer } from '../load-balancers/memory-lb/plan.ts';

export interface InventoryOptions {
  readonly client: MemoryClient;
  readonly clock: Clock;
  readonly cluster: ClusterIdentity;
}

/** The load balancers that carry our stamp, or none and the UID of a Service. */
export function balancerInventory(options: InventoryOptions): InventoryKind<MemoryLBObserved, MemoryLBOperation> {
  const { client, clock, cluster } = options;
  const { scope } = client;
  // Nothing is created here, so nothing is ever in doubt.
  const recentCreates = new RecentCreates(clock, Duration.zero);
  const itemOf = ({ id, name, tags }: Pick<Balancer, 'id' | 'name' | 'tags'>): InventoryItem => ({
    id,
    name,
    scope,
    ownership: judgeStamp(cluster, tags),
    claim: claimOf(tags),
    createdAt: '',
  });
  return {
    name: 'LoadBalancer',
    async list(call) {
      const items = (await client.listBalancers(call)).map(itemOf);
      return items.filter(({ claim, ownership }) => ownership.kind === 'ours' || claim.kind !== 'none');
    },
    async observe(item, call) {
      const { name } = item;
      const balancer = await client.getBalancer(name, call);
      // Names are used again, ids are not.
      if (balancer?.id !== item.id) return { kind: 'absent', name, scope, doubtFor: Duration.zero };
      return { kind: 'present', name, scope, balancer, ownership: judgeStamp(cluster, balancer.tags) };
    },
    itemIn: (observed) => (observed.kind === 'present' ? itemOf(observed.balancer) : undefined),
    plan: (observed) => planBalancer({ kind: 'gone' }, observed),
    apply: (operation, observed, call) => applyOperation(operation, { client, recentCreates, observed, call }),
    fold: foldOperation,
  };
}

/** The stamp alone counts: there is no Service by which anything else could be proven. */
export function judgeStamp(cluster: ClusterIdentity, tags: Readonly<Record<string, string>>): Ownership {
  return judgeOwnership(cluster, {
    stamp: tags[clusterStampKey],
    holdsServiceUID: false,
    isRecorded: false,
    isAdopted: false,
  });
}

function claimOf(tags: Readonly<Record<string, string>>): OwnerClaim {
  const { [serviceUIDTag]: uid = '', [serviceNameTag]: name = '' } = tags;
  return uid === '' && name === '' ? { kind: 'none' } : { kind: 'service', uid, name };
}

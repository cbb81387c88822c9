import type { Clock } from '../../../../base/clock.ts';
import type { Duration } from '../../../../base/duration.ts';
import { loadBalancerCleanupFinalizer } from '../../../../api/well-known.ts';
import type { LoadBalancerKind, Member } from '../../../../cloud/load-balancer-kind.ts';
import { FactsCache } from '../../client/facts-cache.ts';
import type { MemoryClient } from '../../client/memory-client.ts';
import { RecentCreates } from '../../client/recent-creates.ts';
import { applyOperation, foldOperation } from './apply.ts';
import { desire, type MemoryLBDesired, type MemoryLBFacts } from './desired.ts';
import { type MemoryLBObserved, observeBalancer } from './observe.ts';
import type { MemoryLBOperation } from './operations.ts';
import { planBalancer } from './plan.ts';

export interface MemoryLBOptions {
  readonly client: MemoryClient;
  readonly clock: Clock;
  /** How far reads may lag behind writes. */
  readonly consistencyWindow: Duration;
  readonly factsMaxAge: Duration;
}

export type MemoryLB = LoadBalancerKind<MemoryLBFacts, MemoryLBDesired, MemoryLBObserved, MemoryLBOperation>;

/** The cloud's only kind of load balancer: one for each Service, forwarding to the Service's node ports. */
export function memoryLB(options: MemoryLBOptions): MemoryLB {
  const { client, clock, consistencyWindow, factsMaxAge } = options;
  const recentCreates = new RecentCreates(clock, consistencyWindow);
  const facts = new FactsCache({ clock, maxAge: factsMaxAge, read: (call) => client.describeNetwork(call) });
  return {
    name: 'memory-lb',
    finalizer: loadBalancerCleanupFinalizer,
    inputs: ['nodes'],
    claims: (service) => service.spec.loadBalancerClass === undefined,
    async traces(member, call) {
      const observed = await observeBalancer(client, member, { call, recentCreates });
      if (observed.kind === 'absent') return observed.doubtFor.milliseconds > 0 ? 'unknown' : 'none';
      return observed.ownership.kind === 'foreign' ? 'none' : 'present';
    },
    group: (request) => `service/${request.service.metadata.uid}`,
    facts: (_request, call) => facts.get(call),
    desire,
    observe: (group, members, call) => observeBalancer(client, onlyMember(group, members), { call, recentCreates }),
    plan(wishes, observed) {
      const [wish] = wishes.values();
      return wish ? planBalancer(wish, observed) : { operations: [], next: { kind: 'converged' } };
    },
    apply: (operation, observed, call) => applyOperation(operation, { client, recentCreates, observed, call }),
    fold: foldOperation,
    result(observed) {
      if (observed.kind === 'absent') return { status: { ingress: [] } };
      const { balancer, ownership } = observed;
      if (ownership.kind !== 'ours' || balancer.status !== 'active') return {};
      return { status: { ingress: [{ ip: balancer.address, hostname: '', ipMode: 'VIP' }] } };
    },
  };
}

/** A group of this kind is one Service. */
function onlyMember(group: string, members: readonly Member[]): Member {
  const [member] = members;
  if (!member) throw new RangeError(`the group ${group} has no member`);
  return member;
}

import type { Clock } from '../../../../base/clock.ts';
import type { Duration } from '../../../../base/duration.ts';
import { loadBalancerCleanupFinalizer } from '../../../../api/well-known.ts';
import type { LoadBalancerKind, Member } from '../../../../cloud/load-balancer-kind.ts';
import { FactsCache } from '../../client/facts-cache.ts';
import type { MemoryClient } from '../../client/memory-client.ts';
import { RecentCreates } from '../../client/recent-creates.ts';
import { applyOperation, foldOperation } from './apply.ts';
import { balancerName, desire, kindAnnotation, type MemoryLBDesired, type MemoryLBFacts } from './desired.ts';
import { type MemoryLBObserved, observeBalancer } from './observe.ts';
import type { MemoryLBOperation } from './operations.ts';
import { planBalancer } from './plan.ts';

export interface MemoryLBOptions {
  readonly client: MemoryClient;
  readonly clock: Clock;
  /** How far reads may lag behind writes. */
  readonly consistencyWindow: Duration;
  readonly factsMaxAge: Duration;
  /** `express` is for Services that ask for it by annotation. @default usual, which serves every Service */
  readonly kind?: 'usual' | 'express';
  /** `endpoints` sends traffic of Services with the policy `Local` only to nodes that have a pod for it. @default nodes */
  readonly backends?: 'nodes' | 'endpoints';
}

export type MemoryLB = LoadBalancerKind<MemoryLBFacts, MemoryLBDesired, MemoryLBObserved, MemoryLBOperation>;

/**
 * The cloud's kind of load balancer: one for each Service, forwarding to the Service's node ports. A second kind, `express`,
 * differs in nothing but its name, so that Services can change from one to the other.
 */
export function memoryLB(options: MemoryLBOptions): MemoryLB {
  const { client, clock, consistencyWindow, factsMaxAge, kind = 'usual', backends = 'nodes' } = options;
  const initial = kind === 'express' ? 'x' : 'a';
  const recentCreates = new RecentCreates(clock, consistencyWindow);
  const facts = new FactsCache({ clock, maxAge: factsMaxAge, read: (call) => client.describeNetwork(call) });
  return {
    name: kind === 'express' ? 'memory-express-lb' : 'memory-lb',
    finalizer: loadBalancerCleanupFinalizer,
    inputs: backends === 'endpoints' ? ['nodes', 'endpointSlices'] : ['nodes'],
    claims: ({ metadata }) => kind === 'usual' || metadata.annotations[kindAnnotation] === kind,
    async traces(member, call) {
      const observed = await observeBalancer(client, member, { call, recentCreates, initial });
      if (observed.kind === 'absent') return observed.doubtFor.milliseconds > 0 ? 'unknown' : 'none';
      return observed.ownership.kind === 'foreign' ? 'none' : 'present';
    },
    group: (request) => `service/${request.service.metadata.uid}`,
    facts: (_request, call) => facts.get(call),
    desire: (request, known) => desire(request, known, initial),
    observe: (group, members, call) =>
      observeBalancer(client, onlyMember(group, members), { call, recentCreates, initial }),
    // Creates under a name that is taken fail.
    untouched(_group, member) {
      const name = balancerName(member.uid, initial);
      return { kind: 'absent', name, scope: client.scope, doubtFor: recentCreates.doubtFor(name) };
    },
    async listUnchanged(groups, call) {
      const revisions = new Map((await client.listBalancers(call)).map(({ id, revision }) => [id, revision]));
      const isUnchanged = (observed: MemoryLBObserved): boolean =>
        observed.kind === 'present' && revisions.get(observed.balancer.id) === observed.balancer.revision;
      return new Set([...groups].filter(([, observed]) => isUnchanged(observed)).map(([group]) => group));
    },
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

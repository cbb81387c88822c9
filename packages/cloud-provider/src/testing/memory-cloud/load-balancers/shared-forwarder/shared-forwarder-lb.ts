import { loadBalancerCleanupFinalizer } from '../../../../api/well-known.ts';
import type { LoadBalancerKind, Member, ServiceRequest } from '../../../../cloud/load-balancer-kind.ts';
import type { Refusal } from '../../../../cloud/refusal.ts';
import { memoryAnnotations } from '../../annotations.ts';
import { applyForwarder, foldForwarders } from '../forwarder/apply.ts';
import type { ObserveOptions } from '../forwarder/observe.ts';
import type { ForwarderOperation } from '../forwarder/plan.ts';
import { refuseUnforwarded } from '../forwarder/forwarder-lb.ts';
import { internalAnnotation, kindAnnotation } from '../memory-lb/desired.ts';
import { type SharedObserved, observeShared, sharesIn } from './observe.ts';
import { type Share, planShared } from './plan.ts';

/** Services of this kind with the same value, in whatever namespace, are on one forwarder. @default each has its own */
export const groupAnnotation = memoryAnnotations.keyOf('group');

export type SharedForwarderLB = LoadBalancerKind<undefined, Share, SharedObserved, ForwarderOperation>;

/**
 * A kind whose load balancers several Services share. A forwarder's ports are written as one list, so that a pass needs one
 * write for all members; which of them are whose is in the forwarder's tags.
 */
export function sharedForwarderLB(options: ObserveOptions): SharedForwarderLB {
  const { client } = options;
  return {
    name: 'memory-shared',
    finalizer: loadBalancerCleanupFinalizer,
    inputs: [],
    claims: ({ metadata, spec }) =>
      spec.loadBalancerClass === undefined && metadata.annotations[kindAnnotation] === 'shared',
    async traces(member, call) {
      const groups = [ownGroup(member.uid), groupOf(member.service.metadata)];
      for (const group of new Set(groups)) {
        const { doubtFor, forwarders } = await observeShared({ group, members: [member] }, options, call);
        const isThere = forwarders.some(
          ({ ownership, tags }) =>
            sharesIn(tags).has(member.uid) || (ownership.kind === 'ours' && ownership.proof === 'journal'),
        );
        if (isThere || doubtFor.milliseconds > 0) return 'present';
      }
      return 'none';
    },
    group: ({ service }) => groupOf(service.metadata),
    formerGroups: ({ service }) => [ownGroup(service.metadata.uid)],
    facts: () => Promise.resolve(undefined),
    desire,
    observe: (group, members, call) => observeShared({ group, members }, options, call),
    plan: planShared,
    apply: (operation, _observed, call) => applyForwarder(operation, client, call),
    fold: (observed, operation, outputs) => ({
      ...observed,
      forwarders: foldForwarders(observed.forwarders, operation, outputs),
    }),
    result({ forwarders: [kept] }, { uid }: Member) {
      const isServed = kept !== undefined && sharesIn(kept.tags).has(uid);
      return { status: { ingress: isServed ? [{ ip: kept.address, hostname: '', ipMode: 'VIP' }] : [] } };
    },
  };
}

function desire(request: ServiceRequest): { readonly kind: 'desired'; readonly desired: Share } | Refusal {
  const { cluster, service } = request;
  const refusal = refuseUnforwarded(request);
  if (refusal) return refusal;
  const { [internalAnnotation]: internal = 'false' } = service.metadata.annotations;
  if (internal !== 'false') {
    const fix = 'a forwarder has a public address: remove it';
    return { kind: 'refusal', reason: 'NotInternal', field: internalAnnotation, value: internal, fix };
  }
  const ports = service.spec.ports.map(({ protocol, port, nodePort }) => `${protocol}/${port}/${nodePort}`);
  return { kind: 'desired', desired: { clusterUID: cluster.uid, ports } };
}

function groupOf(metadata: { readonly uid: string; readonly annotations: Readonly<Record<string, string>> }): string {
  const { [groupAnnotation]: group } = metadata.annotations;
  return group === undefined ? ownGroup(metadata.uid) : `shared/${group}`;
}

function ownGroup(uid: string): string {
  return `service/${uid}`;
}

import { loadBalancerCleanupFinalizer } from '../../../../api/well-known.ts';
import type { LoadBalancerKind, Member, ServiceRequest } from '../../../../cloud/load-balancer-kind.ts';
import { clusterStampKey } from '../../../../cloud/ownership.ts';
import type { Refusal } from '../../../../cloud/refusal.ts';
import { refuseSourceRanges } from '../../../../cloud/source-ranges.ts';
import { kindAnnotation, serviceNameTag, serviceUIDTag } from '../memory-lb/desired.ts';
import { applyForwarder, foldForwarder } from './apply.ts';
import { type ForwarderObserved, type ObserveOptions, observeForwarders } from './observe.ts';
import { type ForwarderDesired, type ForwarderOperation, planForwarders } from './plan.ts';

export type ForwarderLB = LoadBalancerKind<undefined, ForwarderDesired, ForwarderObserved, ForwarderOperation>;

/**
 * A kind whose load balancers nothing leads back to until they are tagged, which is a second request: what dies in between is
 * found by what was written down on the Service. It relies on whole lists: a forwarder has no name to be asked for by.
 */
export function forwarderLB(options: ObserveOptions): ForwarderLB {
  const { client } = options;
  return {
    name: 'memory-forwarder',
    finalizer: loadBalancerCleanupFinalizer,
    inputs: [],
    claims: ({ metadata, spec }) =>
      spec.loadBalancerClass === undefined && metadata.annotations[kindAnnotation] === 'forwarder',
    async traces(member, call) {
      const { doubtFor, forwarders } = await observeForwarders(member, options, call);
      return forwarders.length > 0 || doubtFor.milliseconds > 0 ? 'present' : 'none';
    },
    group: ({ service }) => `service/${service.metadata.uid}`,
    facts: () => Promise.resolve(undefined),
    desire: (request) => refuseUnforwarded(request) ?? { kind: 'desired', desired: desire(request) },
    observe: (group, members, call) => observeForwarders(onlyMember(group, members), options, call),
    plan(wishes, observed) {
      const [wish] = wishes.values();
      return wish ? planForwarders(wish, observed) : { operations: [], next: { kind: 'converged' } };
    },
    apply: (operation, _observed, call) => applyForwarder(operation, client, call),
    fold: foldForwarder,
    result({ forwarders: [kept] }) {
      const ingress = kept ? [{ ip: kept.address, hostname: '', ipMode: 'VIP' }] : [];
      return { status: { ingress } };
    },
  };
}

/** What no forwarder can do. Pure. */
export function refuseUnforwarded({ service }: ServiceRequest): Refusal | undefined {
  return refuseSourceRanges(service, 'a forwarder lets everybody in: remove it, or take the kind usual');
}

function desire({ cluster, service }: ServiceRequest): ForwarderDesired {
  const { namespace, name, uid } = service.metadata;
  return {
    ports: service.spec.ports.map(({ protocol, port, nodePort }) => `${protocol}/${port}/${nodePort}`),
    tags: { [clusterStampKey]: cluster.uid, [serviceUIDTag]: uid, [serviceNameTag]: `${namespace}/${name}` },
  };
}

function onlyMember(group: string, members: readonly Member[]): Member {
  const [member] = members;
  if (!member) throw new RangeError(`the group ${group} has no member`);
  return member;
}

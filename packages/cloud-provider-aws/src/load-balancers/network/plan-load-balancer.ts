import { clusterStampKey } from '@ccm-ts/cloud-provider';
import type { Attributes } from '../../client/elbv2-port.ts';
import type { Tags } from '../../cluster-tags.ts';
import { attributeChanges, chunks, difference, isSameSet } from './comparison.ts';
import type { NetworkDesired } from './desired.ts';
import type { Draft } from './draft.ts';
import type { NetworkObserved } from './observe.ts';
import { subnetsAfterwards, takesGroups } from './plan-access.ts';

/** As many ARNs as one AddTags takes. */
const tagsPerRequest = 20;

/** What AWS gives every new load balancer, of that which is looked after. */
const newAttributes: Attributes = { 'load_balancing.cross_zone.enabled': 'false', 'access_logs.s3.enabled': 'false' };

/** Nothing when there is one of ours. One that is not ours makes a create that is refused with the reason. */
export function createLoadBalancer(desired: NetworkDesired, observed: NetworkObserved): readonly Draft[] {
  const { loadBalancer } = observed;
  if (loadBalancer?.ownership.kind === 'ours') return [];
  const { name, scheme, subnets, securityGroups, addresses, tags } = desired;
  const securityGroupIDs = securityGroups.kind === 'given' ? securityGroups.ids : [];
  const create: Draft = {
    verb: 'create',
    object: { kind: 'LoadBalancer', name, ownership: loadBalancer?.ownership ?? { kind: 'new' } },
    changes: [
      { field: 'scheme', to: scheme },
      { field: 'subnets', to: subnets.mappings.map(({ subnetID }) => subnetID).join(', ') },
    ],
    operation: 'CreateLoadBalancer',
    action: {
      kind: 'create-load-balancer',
      input: {
        name,
        scheme,
        subnets: subnets.mappings,
        securityGroupIDs,
        ...(addresses.kind === 'dualstack' ? { addressType: 'dualstack' } : {}),
        tags,
      },
      groups: securityGroups.kind === 'managed' ? 'own' : 'given',
    },
  };
  return [create, ...modifyAttributes(desired, { ...observed, attributes: newAttributes })];
}

/** What of an existing load balancer can be changed. */
export function modifyLoadBalancer(desired: NetworkDesired, observed: NetworkObserved): readonly Draft[] {
  if (observed.loadBalancer === undefined) return [];
  return [
    ...setSubnets(desired, observed),
    ...setAddressType(desired, observed),
    ...setSecurityGroups(desired, observed),
    ...modifyAttributes(desired, observed),
  ];
}

function setSubnets(desired: NetworkDesired, observed: NetworkObserved): readonly Draft[] {
  const { loadBalancer } = observed;
  const subnetIDs = subnetsAfterwards(desired, observed);
  if (loadBalancer === undefined || isSameSet(subnetIDs, loadBalancer.subnetIDs)) return [];
  return [
    {
      verb: 'update',
      object: objectOf(observed),
      changes: [{ field: 'subnets', from: loadBalancer.subnetIDs.join(', '), to: subnetIDs.join(', ') }],
      operation: 'SetSubnets',
      action: { kind: 'set-subnets', arn: loadBalancer.arn, subnets: desired.subnets.mappings },
    },
  ];
}

function setAddressType(desired: NetworkDesired, observed: NetworkObserved): readonly Draft[] {
  const { addresses } = desired;
  const { loadBalancer } = observed;
  if (loadBalancer === undefined || addresses.kind === 'left-alone') return [];
  const { addressType: from = 'ipv4' } = loadBalancer;
  const hasIPv6 = from !== 'ipv4';
  if (hasIPv6 === (addresses.kind === 'dualstack') || familyTrouble(desired, observed) !== undefined) return [];
  return [
    {
      verb: 'update',
      object: objectOf(observed),
      changes: [{ field: 'addressType', from, to: addresses.kind }],
      operation: 'SetIpAddressType',
      action: { kind: 'set-address-type', arn: loadBalancer.arn, addressType: addresses.kind },
    },
  ];
}

/** Why an existing load balancer can't be given IPv6 addresses. */
export function familyTrouble(desired: NetworkDesired, observed: NetworkObserved): string | undefined {
  const { addresses } = desired;
  const { addressType = 'ipv4' } = observed.loadBalancer ?? {};
  if (addresses.kind !== 'dualstack' || addressType !== 'ipv4') return undefined;
  const lacking = subnetsAfterwards(desired, observed).find((id) => !addresses.ipv6SubnetIDs.includes(id));
  if (lacking !== undefined) {
    return `the load balancer has no IPv6 addresses, as its subnet ${lacking} has no IPv6 range: give it one, or name subnets`;
  }
  if (addresses.needsOwnGroup === undefined || takesGroups(observed)) return undefined;
  return (
    'the load balancer has no IPv6 addresses, as it was made without a security group, which alone can enforce the source ' +
    'ranges then: remove them, or delete the Service and make it again'
  );
}

function setSecurityGroups({ securityGroups }: NetworkDesired, observed: NetworkObserved): readonly Draft[] {
  const { loadBalancer, ownGroup } = observed;
  if (loadBalancer === undefined || securityGroups.kind === 'none' || !takesGroups(observed)) return [];
  const wanted = securityGroups.kind === 'given' ? securityGroups.ids : [ownGroup?.id ?? securityGroups.group.name];
  if (isSameSet(wanted, loadBalancer.securityGroupIDs)) return [];
  return [
    {
      verb: 'update',
      object: objectOf(observed),
      changes: [{ field: 'securityGroups', from: loadBalancer.securityGroupIDs.join(', '), to: wanted.join(', ') }],
      operation: 'SetSecurityGroups',
      action: {
        kind: 'set-security-groups',
        arn: loadBalancer.arn,
        groups: securityGroups.kind === 'given' ? securityGroups : { kind: 'own' },
      },
    },
  ];
}

function modifyAttributes(desired: NetworkDesired, observed: NetworkObserved): readonly Draft[] {
  if (observed.attributes === undefined) return [];
  // An attribute that the answer leaves out has its default.
  const present = { ...newAttributes, ...observed.attributes };
  const attributes = difference(desired.attributes, present);
  if (Object.keys(attributes).length === 0) return [];
  return [
    {
      verb: 'update',
      object: objectOf(observed),
      changes: attributeChanges(attributes, present),
      operation: 'ModifyLoadBalancerAttributes',
      action: { kind: 'modify-load-balancer-attributes', attributes },
    },
  ];
}

/**
 * What lacks tags gets them all, the stamp too; the stamp alone is no reason to write. Tags that nobody asks for any more stay:
 * whether they were ours or somebody else's can't be told.
 */
export function addTags(desired: NetworkDesired, observed: NetworkObserved): readonly Draft[] {
  const { loadBalancer, listeners, targetGroups, tags } = observed;
  if (loadBalancer === undefined) return [];
  const wantedGroups = new Set(desired.ports.map(({ targetGroup }) => targetGroup));
  const kept = listeners.filter((listener) =>
    desired.ports.some(({ port, protocol }) => port === listener.port && protocol === listener.protocol),
  );
  const groups = targetGroups.filter(({ name, ownership }) => wantedGroups.has(name) && ownership.kind === 'ours');
  const missing = (arn: string): Tags => difference(desired.tags, tags.get(arn) ?? {});
  const arns = [loadBalancer, ...kept, ...groups]
    .map(({ arn }) => arn)
    .filter((arn) => Object.keys(missing(arn)).some((key) => key !== clusterStampKey));
  return [...chunks(arns, tagsPerRequest)].map((some) => {
    const written = new Map(some.flatMap((arn) => Object.entries(missing(arn))));
    return {
      verb: 'update',
      object: objectOf(observed),
      changes: [...written].map(([key, to]) => ({ field: `tags.${key}`, to })),
      operation: 'AddTags',
      action: { kind: 'add-tags', arns: some, tags: desired.tags },
    };
  });
}

/** Without one there will be: an earlier operation of the plan makes it. */
function objectOf({ loadBalancer, name }: NetworkObserved): Draft['object'] {
  const ownership = loadBalancer?.ownership ?? { kind: 'ours', proof: 'stamp' };
  return { kind: 'LoadBalancer', name, ownership };
}

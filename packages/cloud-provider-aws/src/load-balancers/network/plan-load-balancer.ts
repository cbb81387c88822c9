import { clusterStampKey } from '@ccm-ts/cloud-provider';
import type { AddressType, Attributes, SourceNat, SubnetMapping } from '../../client/elbv2-port.ts';
import type { Tags } from '../../cluster-tags.ts';
import { attributeChanges, chunks, difference, isSameSet } from './comparison.ts';
import type { DesiredAddresses } from './choose-families.ts';
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
        ...(needsSourceNat(addresses) ? { ipv6SourceNat: 'on' } : {}),
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
    ...setSecurityGroups(desired, observed),
    ...modifyAttributes(desired, observed),
  ];
}

/**
 * Where the load balancer is, and by which addresses. Alone the type of the addresses has a request of its own; ranges to
 * translate by come and go with the subnets, in one step with the type: AWS takes neither UDP without them nor IPv4 with them.
 */
function setSubnets(desired: NetworkDesired, observed: NetworkObserved): readonly Draft[] {
  const { loadBalancer } = observed;
  if (loadBalancer === undefined) return [];
  const subnetIDs = subnetsAfterwards(desired, observed);
  const isMoved = !isSameSet(subnetIDs, loadBalancer.subnetIDs);
  const addressType = nextAddressType(desired, observed);
  const ipv6SourceNat = nextSourceNat(desired, observed);
  const { addressType: typeBefore = 'ipv4', ipv6SourceNat: natBefore = 'off', arn } = loadBalancer;
  const ofType = addressType === undefined ? [] : [{ field: 'addressType', from: typeBefore, to: addressType }];
  const setType: Draft[] =
    addressType === undefined || ipv6SourceNat !== undefined
      ? []
      : [
          {
            verb: 'update',
            object: objectOf(observed),
            changes: ofType,
            operation: 'SetIpAddressType',
            action: { kind: 'set-address-type', arn, addressType },
          },
        ];
  if (!isMoved && ipv6SourceNat === undefined) return setType;
  const wanted = new Map(desired.subnets.mappings.map((mapping) => [mapping.subnetID, mapping]));
  return [
    {
      verb: 'update',
      object: objectOf(observed),
      changes: [
        ...(isMoved ? [{ field: 'subnets', from: loadBalancer.subnetIDs.join(', '), to: subnetIDs.join(', ') }] : []),
        ...(ipv6SourceNat === undefined
          ? []
          : [{ field: 'ipv6SourceNat', from: natBefore, to: ipv6SourceNat }, ...ofType]),
      ],
      operation: 'SetSubnets',
      action: {
        kind: 'set-subnets',
        arn,
        change: {
          subnets: subnetIDs.map((id) => wanted.get(id) ?? plainMapping(id)),
          ...(ipv6SourceNat === undefined ? {} : { ipv6SourceNat }),
          ...(ipv6SourceNat === undefined || addressType === undefined ? {} : { addressType }),
        },
      },
    },
    ...setType,
  ];
}

function plainMapping(subnetID: string): SubnetMapping {
  return { subnetID, allocationID: '', privateAddress: '' };
}

/** Undefined when it is to stay, or can't be had. */
function nextAddressType(desired: NetworkDesired, observed: NetworkObserved): AddressType | undefined {
  const { kind } = desired.addresses;
  if (kind === 'left-alone' || familyTrouble(desired, observed) !== undefined) return undefined;
  const hasIPv6 = observed.loadBalancer?.addressType !== undefined && observed.loadBalancer.addressType !== 'ipv4';
  return hasIPv6 === (kind === 'dualstack') ? undefined : kind;
}

/** Undefined when it is to stay: nothing is lost by ranges that nobody needs. */
function nextSourceNat(desired: NetworkDesired, observed: NetworkObserved): SourceNat | undefined {
  const { ipv6SourceNat = 'off' } = observed.loadBalancer ?? {};
  if (nextAddressType(desired, observed) === 'ipv4') return ipv6SourceNat === 'on' ? 'off' : undefined;
  if (!needsSourceNat(desired.addresses) || familyTrouble(desired, observed) !== undefined) return undefined;
  return ipv6SourceNat === 'on' ? undefined : 'on';
}

function needsSourceNat(addresses: DesiredAddresses): boolean {
  return addresses.kind === 'dualstack' && addresses.needsSourceNat === true;
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

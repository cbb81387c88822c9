import type { Refusal, Remark, Service } from '@ccm-ts/cloud-provider';
import type { TargetAddressType } from '../../client/elbv2-port.ts';
import { areEverybody, everybody } from '../surroundings/source-ranges.ts';
import type { SubnetFact } from '../surroundings/facts.ts';
import type { DesiredSecurityGroups } from './desired.ts';

/** Which addresses a load balancer is to have. */
export type DesiredAddresses =
  /** The Service asks for IPv4 alone: what was set by hand stays, as the Go manager sets nothing. */
  | { readonly kind: 'left-alone' }
  | { readonly kind: 'ipv4' }
  | {
      readonly kind: 'dualstack';
      /** Those where it can have IPv6 addresses. */
      readonly ipv6SubnetIDs: readonly string[];
      /** Set when clients would get around the source ranges without a group of its own. */
      readonly needsOwnGroup?: true;
      /** Set when there is UDP. */
      readonly needsSourceNat?: true;
    };

export interface ChosenFamilies {
  readonly kind: 'families';
  readonly addresses: DesiredAddresses;
  /** Of the targets: AWS translates for the clients of the other family. */
  readonly targets: TargetAddressType;
  /** Who may reach the load balancer. */
  readonly listenerSources: readonly string[];
  /** Whom the nodes see. */
  readonly nodeSources: readonly string[];
  /** Whether the nodes see load balancers' own addresses in the place of some clients'. */
  readonly isTranslated: boolean;
  readonly remarks: readonly Remark[];
}

export interface FamilyInput {
  /** Those of the VPC. */
  readonly all: readonly SubnetFact[];
  readonly chosenIDs: readonly string[];
  readonly sources: readonly string[];
  readonly groups: DesiredSecurityGroups['kind'];
}

/**
 * The families that the Service has. The first decides how nodes are reached: their ports are open in the families of the
 * Service alone. A load balancer of IPv6 always has IPv4 addresses too.
 */
export function chooseFamilies(service: Service, input: FamilyInput): ChosenFamilies | Refusal {
  const { ipFamilies } = service.spec;
  const { all, sources } = input;
  const targets = ipFamilies[0] === 'IPv6' ? 'ipv6' : 'ipv4';
  const single = { targets, listenerSources: sources, nodeSources: sources, isTranslated: false } as const;
  if (!ipFamilies.includes('IPv6')) {
    return { kind: 'families', addresses: { kind: 'left-alone' }, ...single, remarks: [] };
  }
  const obstacle = findObstacle(input);
  if (obstacle !== undefined) {
    const value = ipFamilies.join(', ');
    if (targets === 'ipv6') {
      return { kind: 'refusal', reason: 'UnsupportedFamily', field: 'spec.ipFamilies', value, fix: obstacle };
    }
    const text = `spec.ipFamilies: "${value}" is served by IPv4 alone: ${obstacle}`;
    const remarks = [{ reason: 'IPv6NotServed', text }];
    return { kind: 'families', addresses: { kind: 'ipv4' }, ...single, remarks };
  }
  const isOpen = areEverybody(sources);
  const hasUdp = service.spec.ports.some(({ protocol }) => protocol === 'UDP');
  const ipv6SubnetIDs = all.flatMap(({ id, ipv6Cidr }) => (ipv6Cidr === undefined ? [] : [id]));
  return {
    kind: 'families',
    addresses: {
      kind: 'dualstack',
      ipv6SubnetIDs,
      ...(isOpen ? {} : { needsOwnGroup: true }),
      ...(hasUdp ? { needsSourceNat: true } : {}),
    },
    targets,
    listenerSources: isOpen ? [everybody.ipv4, everybody.ipv6] : sources,
    nodeSources: isOpen ? [everybody[targets]] : sources.filter((cidr) => cidr.includes(':') === (targets === 'ipv6')),
    isTranslated: !isOpen,
    remarks: [],
  };
}

function findObstacle({ all, chosenIDs, sources, groups }: FamilyInput): string | undefined {
  const lacking = all.find(({ id, ipv6Cidr }) => chosenIDs.includes(id) && ipv6Cidr === undefined);
  if (lacking !== undefined) return `give the subnet ${lacking.id} an IPv6 range, or name subnets that have one`;
  if (areEverybody(sources) || groups === 'managed') return undefined;
  return 'nodes do not see who comes by the other family, so nothing would enforce the source ranges: set NLBSecurityGroupMode = Managed in the cloud-config, or remove them';
}

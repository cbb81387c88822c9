import { type Cidr, addressWidth, parseCidr } from '../base/cidr.ts';
import type { ConfigFault } from '../base/config-error.ts';
import type { Duration } from '../base/duration.ts';
import { maxBlockBits } from '../controllers/node-ipam/cidr-set.ts';
import type { ClusterRange } from '../controllers/node-ipam/range-allocator.ts';
import { isControllerEnabled } from './controller-names.ts';
import type { ManagerFlags } from './flags/manager-flags.ts';

/** What the flags say to the controllers of routes and of the ranges of nodes. */
export interface NetworkSettings {
  readonly clusterCIDRs: readonly Cidr[];
  readonly configureCloudRoutes: boolean;
  /** Undefined leaves it to the controller. */
  readonly routeResyncPeriod: Duration | undefined;
  /** Undefined when nodes don't get their ranges here. */
  readonly nodeIpam: NodeIpamSettings | undefined;
}

export interface NodeIpamSettings {
  /** Whether nodes get parts of `--cluster-cidr`, or what the cloud gave to their machines. @default cluster */
  readonly source?: 'cluster' | 'cloud';
  readonly ranges: readonly ClusterRange[];
  readonly serviceCIDRs: readonly Cidr[];
}

const rangeAllocator = 'RangeAllocator';
/** The name in k8s.io/kubernetes pkg/controller/nodeipam/ipam. */
const cloudAllocator = 'CloudAllocator';

/**
 * The settings of flags that {@link validateNetworkFlags} finds no fault with.
 *
 * @param given the names of the flags that somebody set
 */
export function networkSettings(flags: ManagerFlags, given: ReadonlySet<string>): NetworkSettings {
  const clusterCIDRs = readRanges(flags, 'cluster-cidr').cidrs;
  const period = flags['route-reconciliation-period'];
  return {
    clusterCIDRs,
    configureCloudRoutes: flags['configure-cloud-routes'],
    // Go's default of ten seconds is how often it asks the cloud because it does not know what changed.
    routeResyncPeriod: given.has('route-reconciliation-period') ? period : undefined,
    nodeIpam: flags['allocate-node-cidrs']
      ? {
          source: flags['cidr-allocator-type'] === cloudAllocator ? 'cloud' : 'cluster',
          ranges: clusterCIDRs.map((cidr) => ({ cidr, nodePrefix: nodePrefix(flags, cidr) })),
          serviceCIDRs: readRanges(flags, 'service-cluster-ip-range').cidrs,
        }
      : undefined,
  };
}

/**
 * What is wrong with the flags of those of the two controllers that will run; the flags of the others are not judged.
 *
 * @param has whether the provider has routes
 */
export function validateNetworkFlags(flags: ManagerFlags, has: { readonly routes: boolean }): readonly ConfigFault[] {
  const runsRoutes =
    has.routes && flags['configure-cloud-routes'] && isControllerEnabled('node-route-controller', flags.controllers);
  const runsIpam = flags['allocate-node-cidrs'] && isControllerEnabled('node-ipam-controller', flags.controllers);
  if (!runsRoutes && !runsIpam) return [];
  const { cidrs, faults } = readRanges(flags, 'cluster-cidr');
  if (!runsIpam) return faults;
  return [...faults, ...validateIpam(flags, cidrs, faults.length === 0)];
}

/** What somebody may have expected of these flags and does not get. */
export function networkWarnings(flags: ManagerFlags): readonly string[] {
  if (!flags['allocate-node-cidrs'] || isControllerEnabled('node-ipam-controller', flags.controllers)) return [];
  return [
    '--allocate-node-cidrs gives nodes no ranges here, unless --controllers names node-ipam-controller; write --controllers=*,node-ipam-controller if no other program, such as kube-controller-manager, gives them ranges',
  ];
}

function validateIpam(
  flags: ManagerFlags,
  clusterCIDRs: readonly Cidr[],
  areRangesGood: boolean,
): readonly ConfigFault[] {
  const faults: ConfigFault[] = [];
  const type = flags['cidr-allocator-type'];
  if (type === cloudAllocator) return faults;
  if (type !== rangeAllocator) {
    const fix = `write ${rangeAllocator} or ${cloudAllocator}, or leave it out`;
    faults.push(fault('cidr-allocator-type', type, fix));
  }
  faults.push(...readRanges(flags, 'service-cluster-ip-range').faults);
  if (!areRangesGood) return faults;
  if (clusterCIDRs.length === 0) {
    const fix =
      'write the range of addresses for pods, such as 10.244.0.0/16: --allocate-node-cidrs gives nodes parts of it';
    return [...faults, fault('cluster-cidr', flags['cluster-cidr'], fix)];
  }
  return [...faults, ...validateMasks(flags, clusterCIDRs)];
}

const maskFlags = { IPv4: 'node-cidr-mask-size-ipv4', IPv6: 'node-cidr-mask-size-ipv6' } as const;
/** Source: k8s.io/kubernetes cmd/cloud-controller-manager/nodeipamcontroller.go. */
const defaultPrefixes = { IPv4: 24, IPv6: 64 } as const;

function nodePrefix(flags: ManagerFlags, range: Cidr): number {
  return flags['node-cidr-mask-size'] || flags[maskFlags[range.family]] || defaultPrefixes[range.family];
}

function validateMasks(flags: ManagerFlags, clusterCIDRs: readonly Cidr[]): readonly ConfigFault[] {
  const faults: ConfigFault[] = [];
  const general = flags['node-cidr-mask-size'];
  if (general !== 0 && clusterCIDRs.length > 1) {
    const fix =
      'leave it out and write --node-cidr-mask-size-ipv4 and --node-cidr-mask-size-ipv6: there are two families';
    faults.push(fault('node-cidr-mask-size', String(general), fix));
  }
  for (const family of ['IPv4', 'IPv6'] as const) {
    const own = flags[maskFlags[family]];
    if (own === 0) continue;
    if (general !== 0 && clusterCIDRs.length === 1) {
      faults.push(
        fault(maskFlags[family], String(own), 'leave it out, or --node-cidr-mask-size: they say the same thing'),
      );
    } else if (!clusterCIDRs.some((cidr) => cidr.family === family)) {
      const fix = `leave it out, or add a range of ${family} to --cluster-cidr`;
      faults.push(fault(maskFlags[family], String(own), fix));
    }
  }
  if (faults.length > 0) return faults;
  return clusterCIDRs.flatMap((cidr) => validatePrefix(flags, cidr));
}

function validatePrefix(flags: ManagerFlags, cidr: Cidr): readonly ConfigFault[] {
  const flag = flags['node-cidr-mask-size'] === 0 ? maskFlags[cidr.family] : 'node-cidr-mask-size';
  const prefix = nodePrefix(flags, cidr);
  const longest = Math.min(addressWidth(cidr.family), cidr.prefix + maxBlockBits(cidr));
  if (prefix >= cidr.prefix && prefix <= longest) return [];
  const fix = `write a length from ${cidr.prefix} to ${longest}: the range of pods is ${cidr.text}`;
  return [fault(flag, String(prefix), fix)];
}

/** Reads one range, or two of different families. An empty flag is no range and no fault. */
function readRanges(
  flags: ManagerFlags,
  name: 'cluster-cidr' | 'service-cluster-ip-range',
): { readonly cidrs: readonly Cidr[]; readonly faults: readonly ConfigFault[] } {
  const value = flags[name];
  if (value.trim() === '') return { cidrs: [], faults: [] };
  const parts = value.split(',').map((part) => part.trim());
  const cidrs = parts.map(parseCidr).filter((cidr) => cidr !== undefined);
  const bad = parts.find((part) => !parseCidr(part));
  if (bad !== undefined) {
    const fix = `write ranges such as 10.244.0.0/16 or 10.244.0.0/16,fd00:10::/48; ${JSON.stringify(bad)} is none`;
    return { cidrs: [], faults: [fault(name, value, fix)] };
  }
  const areTwoOfAKind = cidrs.length === 2 && cidrs[0]?.family === cidrs[1]?.family;
  if (cidrs.length > 2 || areTwoOfAKind) {
    return { cidrs: [], faults: [fault(name, value, 'write one range, or one of IPv4 and one of IPv6')] };
  }
  return { cidrs, faults: [] };
}

function fault(flag: string, value: string, fix: string): ConfigFault {
  return { file: '', field: `--${flag}`, value, fix };
}

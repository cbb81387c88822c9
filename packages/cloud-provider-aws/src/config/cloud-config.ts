import { type CloudScope, ConfigError, type ConfigFault, type ProviderConfigInput } from '@ccm-ts/cloud-provider';
import { type RoleToAssume, readRole } from './assumed-role.ts';
import { version } from '../version.ts';
import { parseGcfg } from './gcfg.ts';
import { type GlobalEntries, type GlobalKey, didYouMean, lastValue, readGlobalEntries } from './global-section.ts';
import { type AwsEndpoint, type AwsService, type ServiceOverride, readServiceOverrides } from './service-overrides.ts';

export type { AwsEndpoint } from './service-overrides.ts';

export type IPFamily = 'ipv4' | 'ipv6';

/** How objects are tagged as the cluster's. */
export interface ClusterTagging {
  /** Empty only under `--allow-untagged-cloud`: everything then counts as the cluster's. */
  readonly id: string;
  /** The ID comes from KubernetesClusterTag: the legacy tag is written as well. */
  readonly isLegacy: boolean;
}

/** The whole configuration, judged. */
export interface CloudConfig {
  /** Ours, for the user agent. */
  readonly version: string;
  readonly scope: CloudScope;
  readonly endpoints: {
    readonly ec2?: AwsEndpoint;
    readonly elb?: AwsEndpoint;
    readonly elbv2?: AwsEndpoint;
    /** Only its URL counts. */
    readonly imds?: AwsEndpoint;
    /** Only from the environment. */
    readonly sts?: AwsEndpoint;
  };
  /** Undefined to use the credentials as they are found. */
  readonly role: RoleToAssume | undefined;
  readonly tagging: ClusterTagging;
  /** Empty when it is to be learnt from the cluster's instances. */
  readonly vpcID: string;
  /** The subnet for load balancers when the VPC has none of the cluster's; empty when there is no such fallback. */
  readonly fallbackSubnetID: string;
  /** The security group of all classic load balancers; empty when each gets its own. */
  readonly elbSecurityGroupID: string;
  /** The table for routes of pods; empty when the cluster's tag is on it. */
  readonly routeTableID: string;
  /** The instance types that must have a place in the network's topology. */
  readonly topologyTypes: RegExp;
  /** What neither the file nor the environment says; the instance metadata service is asked for it. */
  readonly missing: readonly MissingFact[];
  /** Whether the instance metadata service may be asked at all. */
  readonly instanceMetadata: 'available' | 'switched-off';
  /** Whether the rules of the nodes' security groups are looked after. */
  readonly nodeSecurityGroups: 'managed' | 'left-alone';
  /** In the order in which addresses are listed. */
  readonly nodeIPFamilies: readonly IPFamily[];
  /** Which private IPv4 addresses of each interface are the node's: secondary ones are often those of pods. */
  readonly nodePrivateIPs: 'all' | 'primary';
  /** Whether new network load balancers get a security group of their own (`NLBSecurityGroupMode = Managed`). */
  readonly networkSecurityGroups: 'none' | 'managed';
  /** How load balancers check the nodes of Services whose traffic goes to all nodes (`ClusterServiceLoadBalancerHealthProbeMode`). */
  readonly clusterHealthProbe: ClusterHealthProbe;
  /**
   * Why no network load balancer can be had; undefined when nothing is in the way. Told on the Services that want one, as in
   * the Go manager (v1.36), so that nodes and classic load balancers are served all the same.
   */
  readonly networkFault: Omit<ConfigFault, 'file'> | undefined;
  /** What has no effect, for the log. */
  readonly warnings: readonly string[];
}

export type MissingFact = 'region' | 'cluster-id';

/** What was learnt from the machine that the manager runs on. */
export interface DiscoveredFacts {
  readonly region?: string;
  /** Without an ID when the machine carries no cluster's tag. */
  readonly tagging?: ClusterTagging;
  readonly vpcID?: string;
}

/** The node port of each Service, or one port of the node that all Services share, usually kube-proxy's. */
export type ClusterHealthProbe =
  | { readonly kind: 'node-port' }
  | { readonly kind: 'shared'; readonly port: number; readonly path: string };

/**
 * Reads the cloud-config and the variables that AWS's own tools read. Judges everything before it gives up.
 *
 * @param facts what was learnt about the machine; undefined before anything was, and what is not written is `missing` then
 * @throws ConfigError with all faults
 */
export function readCloudConfig(input: ProviderConfigInput, facts?: DiscoveredFacts): CloudConfig {
  const file = input.file?.path ?? '';
  const faults: ConfigFault[] = [];
  const warnings: string[] = [];
  const warn = (warning: string): void => void warnings.push(warning);
  const fault = (found: Omit<ConfigFault, 'file'>): void => void faults.push({ file, ...found });

  const parsed = parseGcfg(input.file?.text ?? '');
  for (const { line, text, problem } of parsed.faults) fault({ field: `line ${line}`, value: text, fix: problem });
  const sections = Map.groupBy(parsed.sections, (section) => section.name.toLowerCase());
  for (const section of parsed.sections) {
    if (section.name.toLowerCase() === 'global' || section.name.toLowerCase() === 'serviceoverride') continue;
    const hint = didYouMean(section.name, ['Global', 'ServiceOverride']);
    warn(`line ${section.line}: [${section.name}] is not known and has no effect${hint}`);
  }
  const global = readGlobalEntries(
    (sections.get('global') ?? []).flatMap((section) => section.entries),
    warn,
  );
  const overrides = readServiceOverrides(sections.get('serviceoverride') ?? [], { warn, fault });

  const networkFaults: Omit<ConfigFault, 'file'>[] = [];
  const networkFault = (found: Omit<ConfigFault, 'file'>): void => {
    networkFaults.push(found);
    warn(`${found.field} = ${found.value}: no Service gets a network load balancer: ${found.fix}`);
  };
  const missing: MissingFact[] = [];
  const gaps: Gaps = { facts, missing };
  const region = readRegion(global, input.environment, { ...gaps, fault });
  const config: CloudConfig = {
    version,
    scope: { account: 'default', region },
    endpoints: readEndpoints(overrides, region, input.environment),
    role: readRole(global, fault),
    tagging: readTagging(global, input, { ...gaps, fault }),
    vpcID: lastValue(global, 'VPC') || (facts?.vpcID ?? ''),
    fallbackSubnetID: lastValue(global, 'SubnetID'),
    elbSecurityGroupID: lastValue(global, 'ElbSecurityGroup'),
    routeTableID: lastValue(global, 'RouteTableID'),
    topologyTypes: readTopologyTypes(global, fault),
    missing,
    instanceMetadata:
      input.environment.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true' ? 'switched-off' : 'available',
    nodeSecurityGroups: readBoolean(global, 'DisableSecurityGroupIngress', fault) ? 'left-alone' : 'managed',
    nodeIPFamilies: readFamilies(global, warn),
    nodePrivateIPs: readPrivateIPs(global, fault),
    networkSecurityGroups: readSecurityGroupMode(global, networkFault),
    clusterHealthProbe: readHealthProbe(global, { fault, networkFault }),
    networkFault: networkFaults[0],
    warnings,
  };
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

type Report = (found: Omit<ConfigFault, 'file'>) => void;
type Environment = ProviderConfigInput['environment'];

interface Gaps {
  readonly facts: DiscoveredFacts | undefined;
  /** Is added to. */
  readonly missing: MissingFact[];
}

function readRegion(
  global: GlobalEntries,
  environment: Environment,
  { facts, missing, fault }: Gaps & { readonly fault: Report },
): string {
  const zone = lastValue(global, 'Zone');
  if (zone !== '') {
    // The legacy key; it beats Region, as in the Go manager.
    const region = /^(?:[a-zA-Z]+-)+\d+/.exec(zone)?.[0];
    if (region === undefined) {
      fault({ field: '[Global] Zone', value: zone, fix: 'write a zone such as us-east-1a, or use Region instead' });
    }
    return region ?? '';
  }
  const written = lastValue(global, 'Region') || environment.AWS_REGION || environment.AWS_DEFAULT_REGION || '';
  const region = written || (facts?.region ?? '');
  if (region === '') {
    missing.push('region');
    if (facts === undefined) return region;
    const fix = 'say which region, such as us-east-1, here or in the variable AWS_REGION';
    fault({ field: '[Global] Region', value: '', fix });
  } else if (!/^[a-z0-9-]+$/.test(region)) {
    fault({ field: '[Global] Region', value: region, fix: 'write a region such as us-east-1' });
  }
  return region;
}

function readTagging(
  global: GlobalEntries,
  input: ProviderConfigInput,
  { facts, missing, fault }: Gaps & { readonly fault: Report },
): ClusterTagging {
  const legacy = lastValue(global, 'KubernetesClusterTag');
  const id = lastValue(global, 'KubernetesClusterID');
  if (legacy !== '' && id !== '' && legacy !== id) {
    const fix = `KubernetesClusterTag says ${JSON.stringify(legacy)}: make both equal or remove one`;
    fault({ field: '[Global] KubernetesClusterID', value: id, fix });
  }
  if (legacy === '' && id === '') {
    if (facts?.tagging !== undefined && facts.tagging.id !== '') return facts.tagging;
    missing.push('cluster-id');
    if (facts !== undefined && input.allowUntaggedCloud === 'no') {
      const fix =
        'say which ID the tags kubernetes.io/cluster/<ID> of the cluster carry, or run with --allow-untagged-cloud';
      fault({ field: '[Global] KubernetesClusterID', value: '', fix });
    }
  }
  return { id: id || legacy, isLegacy: legacy !== '' };
}

/** Source: kubernetes/cloud-provider-aws v1.36, pkg/providers/v1/topology.go. */
const defaultTopologyTypes = /^(hpc|trn|p)[0-9]+[a-z]*(-[a-z0-9]+)?(\.[0-9a-z]*)$/;

function readTopologyTypes(global: GlobalEntries, fault: Report): RegExp {
  const key = 'SupportedTopologyInstanceTypePattern';
  const pattern = lastValue(global, key);
  if (pattern === '') return defaultTopologyTypes;
  try {
    return new RegExp(pattern);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    fault({ field: `[Global] ${key}`, value: pattern, fix: `write a regular expression (${reason})` });
    return defaultTopologyTypes;
  }
}

function readEndpoints(
  overrides: readonly ServiceOverride[],
  region: string,
  environment: Environment,
): CloudConfig['endpoints'] {
  const ignoresVariables = environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === 'true';
  const choose = (service: AwsService, variable: string): AwsEndpoint | undefined => {
    const matching = overrides.filter((each) => each.services.includes(service) && each.region === region);
    // Of two that match, the one that is for this service alone is meant.
    const override = matching.toSorted((a, b) => a.services.length - b.services.length)[0];
    if (override !== undefined) return override.endpoint;
    const url = ignoresVariables ? '' : environment[variable] || environment.AWS_ENDPOINT_URL || '';
    return url === '' ? undefined : { url };
  };
  const ec2 = choose('ec2', 'AWS_ENDPOINT_URL_EC2');
  const elb = choose('elb', 'AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING');
  const elbv2 = choose('elbv2', 'AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2');
  const stsURL = ignoresVariables ? '' : environment.AWS_ENDPOINT_URL_STS || environment.AWS_ENDPOINT_URL || '';
  // The address of the instance metadata service is the same in all regions.
  const imdsURL =
    overrides.find((each) => each.services.includes('imds'))?.endpoint.url ??
    environment.AWS_EC2_METADATA_SERVICE_ENDPOINT ??
    (environment.AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE?.toLowerCase() === 'ipv6' ? 'http://[fd00:ec2::254]' : '');
  return {
    ...(ec2 === undefined ? {} : { ec2 }),
    ...(elb === undefined ? {} : { elb }),
    ...(elbv2 === undefined ? {} : { elbv2 }),
    ...(stsURL === '' ? {} : { sts: { url: stsURL } }),
    ...(imdsURL === '' ? {} : { imds: { url: imdsURL } }),
  };
}

function readBoolean(global: GlobalEntries, key: GlobalKey, fault: Report): boolean {
  const entry = global.get(key)?.at(-1);
  if (entry === undefined) return false;
  // A key without a value stands for true.
  const text = entry.value?.trim().toLowerCase() ?? 'true';
  if (['true', 'yes', 'on', '1'].includes(text)) return true;
  if (!['false', 'no', 'off', '0'].includes(text)) {
    fault({ field: `[Global] ${key}`, value: entry.value ?? '', fix: 'write true or false' });
  }
  return false;
}

function readFamilies(global: GlobalEntries, warn: (warning: string) => void): readonly IPFamily[] {
  const families: IPFamily[] = [];
  for (const entry of global.get('NodeIPFamilies') ?? []) {
    const family = (entry.value ?? '').trim();
    if (family !== 'ipv4' && family !== 'ipv6') {
      warn(`line ${entry.line}: [Global] NodeIPFamilies ${JSON.stringify(family)} has no effect; write ipv4 or ipv6`);
    } else if (!families.includes(family)) families.push(family);
  }
  return families.length > 0 ? families : ['ipv4'];
}

function readPrivateIPs(global: GlobalEntries, fault: Report): CloudConfig['nodePrivateIPs'] {
  const value = lastValue(global, 'NodePrivateIPs');
  if (value === 'Primary') return 'primary';
  if (value !== '' && value !== 'All') fault({ field: '[Global] NodePrivateIPs', value, fix: 'write All or Primary' });
  return 'all';
}

function readSecurityGroupMode(global: GlobalEntries, fault: Report): CloudConfig['networkSecurityGroups'] {
  const value = lastValue(global, 'NLBSecurityGroupMode');
  if (value === 'Managed') return 'managed';
  if (value !== '') fault({ field: '[Global] NLBSecurityGroupMode', value, fix: 'write Managed or remove it' });
  return 'none';
}

/** kube-proxy's health port and path, which the Go manager takes by default too. */
const defaultProbePort = 10256;
const defaultProbePath = '/healthz';

function readHealthProbe(
  global: GlobalEntries,
  { fault, networkFault }: { readonly fault: Report; readonly networkFault: Report },
): ClusterHealthProbe {
  const mode = lastValue(global, 'ClusterServiceLoadBalancerHealthProbeMode');
  if (mode === '' || mode === 'ServiceNodePort') return { kind: 'node-port' };
  if (mode !== 'Shared') {
    const fix = 'write ServiceNodePort or Shared, or remove it';
    networkFault({ field: '[Global] ClusterServiceLoadBalancerHealthProbeMode', value: mode, fix });
    return { kind: 'node-port' };
  }
  const text = lastValue(global, 'ClusterServiceSharedLoadBalancerHealthProbePort');
  const port = text === '' || text === '0' ? defaultProbePort : Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    const fix = 'write a port from 1 to 65535';
    fault({ field: '[Global] ClusterServiceSharedLoadBalancerHealthProbePort', value: text, fix });
  }
  const path = lastValue(global, 'ClusterServiceSharedLoadBalancerHealthProbePath') || defaultProbePath;
  return { kind: 'shared', port, path };
}

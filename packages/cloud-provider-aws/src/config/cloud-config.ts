import { type CloudScope, ConfigError, type ConfigFault, type ProviderConfigInput } from '@ccm-ts/cloud-provider';
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
  readonly endpoints: { readonly ec2?: AwsEndpoint; readonly elbv2?: AwsEndpoint };
  readonly tagging: ClusterTagging;
  /** Empty when it is to be learnt from the cluster's instances. */
  readonly vpcID: string;
  /** The subnet for load balancers when the VPC has none of the cluster's; empty when there is no such fallback. */
  readonly fallbackSubnetID: string;
  /** Whether the rules of the nodes' security groups are looked after. */
  readonly nodeSecurityGroups: 'managed' | 'left-alone';
  /** In the order in which addresses are listed. */
  readonly nodeIPFamilies: readonly IPFamily[];
  /** Settings that ask for what this release can't do for load balancers; each refuses Services, not nodes. */
  readonly unsupported: readonly UnsupportedSetting[];
  /** What has no effect, for the log. */
  readonly warnings: readonly string[];
}

export interface UnsupportedSetting {
  readonly field: string;
  readonly value: string;
  readonly fix: string;
}

/**
 * Reads the cloud-config and the variables that AWS's own tools read. Judges everything before it gives up.
 * @throws ConfigError with all faults
 */
export function readCloudConfig(input: ProviderConfigInput): CloudConfig {
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

  const region = readRegion(global, input.environment, fault);
  if (lastValue(global, 'RoleARN') !== '' || lastValue(global, 'SourceARN') !== '') {
    const key = lastValue(global, 'RoleARN') !== '' ? 'RoleARN' : 'SourceARN';
    const fix = 'assuming a role is not supported yet: remove it and let a profile or a web identity assume the role';
    fault({ field: `[Global] ${key}`, value: lastValue(global, key), fix });
  }
  const config: CloudConfig = {
    version,
    scope: { account: 'default', region },
    endpoints: readEndpoints(overrides, region, input.environment),
    tagging: readTagging(global, input, fault),
    vpcID: lastValue(global, 'VPC'),
    fallbackSubnetID: lastValue(global, 'SubnetID'),
    nodeSecurityGroups: readBoolean(global, 'DisableSecurityGroupIngress', fault) ? 'left-alone' : 'managed',
    nodeIPFamilies: readFamilies(global, warn),
    unsupported: readUnsupported(global, fault),
    warnings,
  };
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

type Report = (found: Omit<ConfigFault, 'file'>) => void;
type Environment = ProviderConfigInput['environment'];

function readRegion(global: GlobalEntries, environment: Environment, fault: Report): string {
  const zone = lastValue(global, 'Zone');
  if (zone !== '') {
    // The legacy key; it beats Region, as in the Go manager.
    const region = /^(?:[a-zA-Z]+-)+\d+/.exec(zone)?.[0];
    if (region === undefined) {
      fault({ field: '[Global] Zone', value: zone, fix: 'write a zone such as us-east-1a, or use Region instead' });
    }
    return region ?? '';
  }
  const region = lastValue(global, 'Region') || environment.AWS_REGION || environment.AWS_DEFAULT_REGION || '';
  if (region === '') {
    const fix = 'say which region, such as us-east-1, here or in the variable AWS_REGION';
    fault({ field: '[Global] Region', value: '', fix });
  } else if (!/^[a-z0-9-]+$/.test(region)) {
    fault({ field: '[Global] Region', value: region, fix: 'write a region such as us-east-1' });
  }
  return region;
}

function readTagging(global: GlobalEntries, input: ProviderConfigInput, fault: Report): ClusterTagging {
  const legacy = lastValue(global, 'KubernetesClusterTag');
  const id = lastValue(global, 'KubernetesClusterID');
  if (legacy !== '' && id !== '' && legacy !== id) {
    const fix = `KubernetesClusterTag says ${JSON.stringify(legacy)}: make both equal or remove one`;
    fault({ field: '[Global] KubernetesClusterID', value: id, fix });
  }
  if (legacy === '' && id === '' && input.allowUntaggedCloud === 'no') {
    const fix =
      'say which ID the tags kubernetes.io/cluster/<ID> of the cluster carry, or run with --allow-untagged-cloud';
    fault({ field: '[Global] KubernetesClusterID', value: '', fix });
  }
  return { id: id || legacy, isLegacy: legacy !== '' };
}

function readEndpoints(
  overrides: readonly ServiceOverride[],
  region: string,
  environment: Environment,
): CloudConfig['endpoints'] {
  const ignoresVariables = environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === 'true';
  const choose = (service: AwsService, variable: string): AwsEndpoint | undefined => {
    const override = overrides.find((candidate) => candidate.service === service && candidate.region === region);
    if (override !== undefined) return override.endpoint;
    const url = ignoresVariables ? '' : environment[variable] || environment.AWS_ENDPOINT_URL || '';
    return url === '' ? undefined : { url };
  };
  const ec2 = choose('ec2', 'AWS_ENDPOINT_URL_EC2');
  const elbv2 = choose('elbv2', 'AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2');
  return { ...(ec2 === undefined ? {} : { ec2 }), ...(elbv2 === undefined ? {} : { elbv2 }) };
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

function readUnsupported(global: GlobalEntries, fault: Report): UnsupportedSetting[] {
  const choices = [
    { key: 'ClusterServiceLoadBalancerHealthProbeMode', supported: 'ServiceNodePort', other: 'Shared' },
    { key: 'NLBSecurityGroupMode', supported: '', other: 'Managed' },
  ] as const;
  return choices.flatMap(({ key, supported, other }) => {
    const value = lastValue(global, key);
    const field = `[Global] ${key}`;
    const otherwise = supported === '' ? 'remove it' : `write ${supported} or remove it`;
    if (value === '' || value === supported) return [];
    if (value === other) return [{ field, value, fix: `it is not supported yet: ${otherwise}` }];
    fault({ field, value, fix: otherwise });
    return [];
  });
}

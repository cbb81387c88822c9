import { suggest } from '@ccm-ts/cloud-provider';
import type { GcfgEntry } from './gcfg.ts';

/** The keys of `[Global]`, as the Go manager v1.36 spells them, and one of ours, `NodePrivateIPs`; keys are read without regard to case. */
export const globalKeys = [
  'Zone',
  'Region',
  'VPC',
  'SubnetID',
  'RouteTableID',
  'RoleARN',
  'SourceARN',
  'KubernetesClusterTag',
  'KubernetesClusterID',
  'DisableSecurityGroupIngress',
  'ElbSecurityGroup',
  'NodeIPFamilies',
  'NodePrivateIPs',
  'ClusterServiceLoadBalancerHealthProbeMode',
  'ClusterServiceSharedLoadBalancerHealthProbePort',
  'ClusterServiceSharedLoadBalancerHealthProbePath',
  'SupportedTopologyInstanceTypePattern',
  'NLBSecurityGroupMode',
] as const;
export type GlobalKey = (typeof globalKeys)[number];

/** `[Global]` by key; a repeated key has several entries. */
export type GlobalEntries = ReadonlyMap<GlobalKey, readonly GcfgEntry[]>;

/** Sorts entries under their keys. What is not known is only warned about, as the Go manager does not refuse it. */
export function readGlobalEntries(entries: readonly GcfgEntry[], warn: (warning: string) => void): GlobalEntries {
  const byKey = new Map<GlobalKey, GcfgEntry[]>();
  for (const entry of entries) {
    const key = globalKeys.find((known) => known.toLowerCase() === entry.key.toLowerCase());
    if (key === undefined) {
      warn(
        `line ${entry.line}: [Global] ${entry.key} is not known and has no effect${didYouMean(entry.key, globalKeys)}`,
      );
      continue;
    }
    const same = byKey.get(key);
    if (same === undefined) byKey.set(key, [entry]);
    else same.push(entry);
  }
  return byKey;
}

/** `; did you mean Region?`, or nothing. */
export function didYouMean(written: string, known: readonly string[]): string {
  const byLowerCase = new Map(known.map((name) => [name.toLowerCase(), name]));
  const nearest = byLowerCase.get(suggest(written.toLowerCase(), byLowerCase.keys()) ?? '');
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

/** The last value of a key, trimmed; empty when it is not there. */
export function lastValue(entries: GlobalEntries, key: GlobalKey): string {
  return (entries.get(key)?.at(-1)?.value ?? '').trim();
}

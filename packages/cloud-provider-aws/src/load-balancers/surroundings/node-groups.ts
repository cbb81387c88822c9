import type { Refusal } from '@ccm-ts/cloud-provider';
import type { CloudConfig } from '../../config/cloud-config.ts';
import type { NetworkFacts } from './facts.ts';

/** All of them; an empty value demands only that the label is there. */
export function hasLabels(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => key in labels && (value === '' || labels[key] === value));
}

/** One group of each instance: the one that is tagged for the cluster, or its only one. */
export function chooseNodeGroups(
  instanceIDs: readonly string[],
  facts: NetworkFacts,
  config: CloudConfig,
): { readonly kind: 'groups'; readonly ids: readonly string[] } | Refusal {
  if (config.nodeSecurityGroups === 'left-alone') return { kind: 'groups', ids: [] };
  const ids = new Set<string>();
  for (const id of instanceIDs) {
    const worn = facts.instances.get(id)?.securityGroupIDs ?? [];
    const tagged = worn.filter((group) => facts.taggedSecurityGroups.has(group));
    const [group, ...others] = tagged.length > 0 ? tagged : worn;
    if (group === undefined) continue;
    if (others.length > 0) {
      const value = `${id}: ${[group, ...others].join(', ')}`;
      const fix = `tag exactly one security group of each instance with kubernetes.io/cluster/${config.tagging.id}`;
      const field = 'security groups of the instance';
      return { kind: 'refusal', reason: 'AmbiguousSecurityGroup', field, value, fix };
    }
    ids.add(group);
  }
  return { kind: 'groups', ids: [...ids].sort() };
}

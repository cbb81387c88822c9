import type { Operation, PlannedWrites, QuotaUse } from '@ccm-ts/cloud-provider';
import type { ClassicObserved } from '../load-balancers/classic/observe.ts';
import type { NetworkObserved } from '../load-balancers/network/observe.ts';
import { type ObservedSecurityGroup, ruleKey } from '../load-balancers/surroundings/security-group-ledger.ts';
import { defaultLimits } from './default-limits.ts';
import { useOf } from './use-of.ts';

type Observed = ClassicObserved | NetworkObserved;

/** What all the writes together do to each security group: load balancers share those of the nodes. Pure. */
export function ruleUses(writes: readonly PlannedWrites[]): readonly QuotaUse[] {
  const present = new Map<string, ObservedSecurityGroup>();
  const added = new Map<string, Set<string>>();
  const removed = new Map<string, Set<string>>();
  for (const { observed, operations } of writes) {
    const { securityGroups = new Map<string, ObservedSecurityGroup>() } = observed as Observed;
    for (const group of securityGroups.values()) present.set(group.id, group).set(group.name, group);
    for (const operation of operations.filter(({ object }) => object.kind === 'SecurityGroupRules')) {
      const into = operation.verb === 'create' ? added : removed;
      const group = groupOf(operation);
      const keys = operation.changes.map(({ from, to }) => to ?? from ?? '');
      into.set(group, new Set([...(into.get(group) ?? []), ...keys]));
    }
  }
  return [...new Set([...added.keys(), ...removed.keys()])].toSorted().flatMap((group) => {
    const before = (present.get(group)?.rules ?? []).map(ruleKey);
    const gone = removed.get(group) ?? new Set();
    const after = [...new Set([...before.filter((key) => !gone.has(key)), ...(added.get(group) ?? [])])];
    const count = (keys: readonly string[], isCounted: (key: string) => boolean): number =>
      keys.filter(isCounted).length;
    return [
      ...useOf(defaultLimits.ipv4Rules, { of: group, now: count(before, isIPv4), then: count(after, isIPv4) }),
      ...useOf(defaultLimits.ipv6Rules, { of: group, now: count(before, isIPv6), then: count(after, isIPv6) }),
    ];
  });
}

/** Of groups of nodes the id, of a load balancer's own group the name. */
function groupOf({ object }: Operation): string {
  const [id = ''] = object.name.split('/');
  return id.startsWith('sg-') ? id : object.name;
}

/** The source is the last word of a rule's key. */
function sourceOf(key: string): string {
  return key.slice(key.lastIndexOf(' ') + 1);
}

function isIPv4(key: string): boolean {
  return !sourceOf(key).includes(':');
}

function isIPv6(key: string): boolean {
  const source = sourceOf(key);
  return source.includes(':') || !source.includes('/');
}

import { clusterStampKey } from '@ccm-ts/cloud-provider';
import type { IngressRule } from '../../client/ec2-port.ts';
import type { HealthCheck, LoadBalancer, TargetGroup } from '../../client/elbv2-port.ts';
import { type SecurityGroups, ruleKey } from '../surroundings/security-group-ledger.ts';
import { isSameSet } from './comparison.ts';
import { isClientRule, isHealthRule, isOwnRule } from './names.ts';
import type { NetworkObserved, ObservedTargetGroup } from './observe.ts';

/** What AWS tells of all load balancers at once. */
export interface NetworkLists {
  /** By ARN. */
  readonly loadBalancers: ReadonlyMap<string, LoadBalancer>;
  readonly targetGroups: readonly TargetGroup[];
  /** Undefined when no security groups are looked after. */
  readonly securityGroups: SecurityGroups | undefined;
  /** The port of the health check that load balancers share; undefined when each has its own. */
  readonly sharedHealthPort: number | undefined;
}

/**
 * Whether the lists show the load balancer as it was observed, with its target groups and everything in security groups that
 * is there for it. What the lists do not show is not judged: the settings of listeners, targets, attributes and tags. Pure.
 */
export function isAsListed(observed: NetworkObserved, lists: NetworkLists): boolean {
  const { loadBalancer } = observed;
  const listed = loadBalancer && lists.loadBalancers.get(loadBalancer.arn);
  if (loadBalancer === undefined || listed === undefined) return false;
  return (
    isSameLoadBalancer(loadBalancer, listed) &&
    areSameTargetGroups(observed, loadBalancer.arn, lists.targetGroups) &&
    areSameRules(observed, lists)
  );
}

function isSameLoadBalancer(observed: LoadBalancer, listed: LoadBalancer): boolean {
  const values = ['name', 'type', 'scheme', 'state', 'dnsName', 'vpcID'] as const;
  const sets = ['subnetIDs', 'allocationIDs', 'privateAddresses', 'securityGroupIDs'] as const;
  return (
    values.every((field) => observed[field] === listed[field]) &&
    (observed.addressType ?? 'ipv4') === (listed.addressType ?? 'ipv4') &&
    (observed.ipv6SourceNat ?? 'off') === (listed.ipv6SourceNat ?? 'off') &&
    sets.every((field) => isSameSet(observed[field], listed[field]))
  );
}

/** A listener that goes, comes or is pointed elsewhere shows in the load balancers of its target group. */
function areSameTargetGroups(observed: NetworkObserved, arn: string, listed: readonly TargetGroup[]): boolean {
  const present = new Map(listed.map((group) => [group.arn, group]));
  const isSame = (group: ObservedTargetGroup): boolean => {
    const found = present.get(group.arn);
    return found !== undefined && isSameTargetGroup(group, found);
  };
  // Tags were read of all that served the load balancer, whosever they are.
  const isKnown = (group: TargetGroup): boolean => observed.tags.has(group.arn);
  return (
    observed.targetGroups.every(isSame) &&
    listed.every((group) => !group.loadBalancerArns.includes(arn) || isKnown(group))
  );
}

function isSameTargetGroup(observed: TargetGroup, listed: TargetGroup): boolean {
  const values = ['name', 'port', 'protocol', 'vpcID'] as const;
  return (
    values.every((field) => observed[field] === listed[field]) &&
    isSameSet(observed.loadBalancerArns, listed.loadBalancerArns) &&
    isSameCheck(observed.healthCheck, listed.healthCheck)
  );
}

function isSameCheck(observed: HealthCheck, listed: HealthCheck): boolean {
  const fields = [
    'protocol',
    'port',
    'path',
    'intervalSeconds',
    'timeoutSeconds',
    'healthyThreshold',
    'unhealthyThreshold',
  ] as const;
  return fields.every((field) => observed[field] === listed[field]);
}

function areSameRules(observed: NetworkObserved, lists: NetworkLists): boolean {
  const { ownGroup, securityGroups } = observed;
  if (securityGroups === undefined) return lists.securityGroups === undefined;
  const listed = lists.securityGroups ?? new Map<string, never>();
  if (ownGroup !== undefined && !isSameOwnGroup(ownGroup.id, securityGroups, listed)) return false;
  for (const id of new Set([...securityGroups.keys(), ...listed.keys()])) {
    if (id === ownGroup?.id) continue;
    const before = securityGroups.get(id)?.rules ?? [];
    const now = listed.get(id)?.rules ?? [];
    if (lacking(before, now).some((rule) => mayBeNeeded(rule, observed.name, lists))) return false;
    if (lacking(now, before).some((rule) => isOwnRule(rule, observed.name))) return false;
  }
  return true;
}

function isSameOwnGroup(id: string, observed: SecurityGroups, listed: SecurityGroups): boolean {
  const [before, now] = [observed.get(id), listed.get(id)];
  return (
    before !== undefined &&
    now !== undefined &&
    before.name === now.name &&
    before.tags[clusterStampKey] === now.tags[clusterStampKey] &&
    lacking(before.rules, now.rules).length === 0 &&
    lacking(now.rules, before.rules).length === 0
  );
}

/** The rules that only the first has. */
function lacking(these: readonly IngressRule[], those: readonly IngressRule[]): readonly IngressRule[] {
  const known = new Set(those.map(ruleKey));
  return these.filter((rule) => !known.has(ruleKey(rule)));
}

/** A rule serves whoever made it; those for the ports of another load balancer, and between groups, serve nobody here. */
function mayBeNeeded(rule: IngressRule, loadBalancer: string, { sharedHealthPort }: NetworkLists): boolean {
  if (isOwnRule(rule, loadBalancer)) return true;
  if (rule.cidr.startsWith('sg-')) return false;
  const { description, fromPort } = rule;
  return !isClientRule(description) && !(isHealthRule(description) && fromPort !== sharedHealthPort);
}

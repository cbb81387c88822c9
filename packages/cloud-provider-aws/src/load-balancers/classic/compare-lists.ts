import { clusterStampKey } from '@ccm-ts/cloud-provider';
import type { ClassicHealthCheck, ClassicLoadBalancer } from '../../client/classic-elb-port.ts';
import { ruleKey, type SecurityGroups } from '../surroundings/security-group-ledger.ts';
import { isSameCheck } from './compare.ts';
import { type ClassicObserved, groupsOfOthers } from './observe.ts';
import { sourceRule } from './source-rule.ts';

/** What AWS tells of all load balancers at once. */
export interface ClassicLists {
  readonly loadBalancers: readonly ClassicLoadBalancer[];
  readonly securityGroups: SecurityGroups;
}

/**
 * Whether the lists show the load balancer as it was observed, with its own security group and the rules that let it reach
 * the nodes. Attributes and tags are in no list and are not judged. Pure.
 */
export function isAsListed(observed: ClassicObserved, lists: ClassicLists): boolean {
  const { loadBalancer, name } = observed;
  const listed = lists.loadBalancers.find((one) => one.name === name);
  return (
    loadBalancer !== undefined &&
    listed !== undefined &&
    describe(loadBalancer) === describe(listed) &&
    isSameHealthCheck(loadBalancer.healthCheck, listed.healthCheck) &&
    isSharedAsBefore(observed, lists.loadBalancers) &&
    isOwnGroupSame(observed, lists.securityGroups) &&
    areSourcesSame(observed, lists.securityGroups)
  );
}

/** Everything but the health check; sets in one order. */
function describe(loadBalancer: ClassicLoadBalancer): string {
  const { dnsName, scheme, vpcID, subnetIDs, securityGroupIDs, instanceIDs, policies } = loadBalancer;
  const listeners = loadBalancer.listeners.map((one) => {
    const protocols = [one.protocol.toLowerCase(), one.instanceProtocol.toLowerCase()];
    return JSON.stringify([one.port, ...protocols, one.instancePort, one.certificate, one.policies.toSorted()]);
  });
  const backends = loadBalancer.backends
    .filter((one) => one.policies.length > 0)
    .map((one) => JSON.stringify([one.port, one.policies.toSorted()]));
  const sets = [subnetIDs, securityGroupIDs, instanceIDs, policies, listeners, backends].map((set) => set.toSorted());
  return JSON.stringify([dnsName, scheme, vpcID, ...sets]);
}

function isSameHealthCheck(observed: ClassicHealthCheck | undefined, listed: ClassicHealthCheck | undefined): boolean {
  return observed !== undefined && listed !== undefined && isSameCheck(observed, listed);
}

function isSharedAsBefore(observed: ClassicObserved, all: readonly ClassicLoadBalancer[]): boolean {
  const { loadBalancer, name, ownGroup, sharedGroupIDs } = observed;
  const others = groupsOfOthers(name, all);
  const used = loadBalancer?.securityGroupIDs.filter((id) => id !== ownGroup?.id) ?? [];
  return used.every((id) => others.has(id) === sharedGroupIDs.has(id));
}

function isOwnGroupSame({ ownGroup }: ClassicObserved, groups: SecurityGroups): boolean {
  if (ownGroup === undefined) return true;
  const listed = groups.get(ownGroup.id);
  const keys = (rules: readonly Parameters<typeof ruleKey>[0][]): string => rules.map(ruleKey).toSorted().join();
  return (
    listed?.name === ownGroup.name &&
    listed.tags[clusterStampKey] === ownGroup.tags[clusterStampKey] &&
    keys(listed.rules) === keys(ownGroup.rules)
  );
}

/** Which groups let everything in that comes from the load balancer. */
function areSourcesSame({ sourceGroupID, ownGroup, securityGroups }: ClassicObserved, groups: SecurityGroups): boolean {
  const sources = [sourceGroupID, ownGroup?.id ?? ''].filter((id) => id !== '');
  const openTo = (source: string, all: SecurityGroups): string => {
    const key = ruleKey(sourceRule(source));
    const open = [...all.values()].filter(({ rules }) => rules.some((rule) => ruleKey(rule) === key));
    return open
      .map(({ id }) => id)
      .toSorted()
      .join();
  };
  return sources.every((source) => openTo(source, securityGroups) === openTo(source, groups));
}

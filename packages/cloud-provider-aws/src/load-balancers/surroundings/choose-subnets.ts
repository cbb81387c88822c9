import type { Scheme } from '../../client/elbv2-port.ts';
import { hasAnyClusterTag, hasClusterTag } from '../../cluster-tags.ts';
import type { ClusterTagging } from '../../config/cloud-config.ts';
import type { SubnetFact } from './facts.ts';

/** The tags that mark subnets as meant for load balancers; their values do not matter. */
export const roleTags: Readonly<Record<Scheme, string>> = {
  'internet-facing': 'kubernetes.io/role/elb',
  internal: 'kubernetes.io/role/internal-elb',
};

export interface SubnetWish {
  readonly scheme: Scheme;
  readonly tagging: ClusterTagging;
  /** Used when no subnet is the cluster's; empty for none. */
  readonly fallbackSubnetID: string;
}

/**
 * One subnet for each zone, in the order of the zones' names. Of the subnets that carry the cluster's tag or no cluster's at
 * all, those that lead to the internet serve a public load balancer; among several of a zone the role's tag decides, then
 * the cluster's, then the smallest id. Source: kubernetes/cloud-provider-aws v1.36, findELBSubnets.
 */
export function chooseSubnets(subnets: readonly SubnetFact[], wish: SubnetWish): SubnetFact[] {
  const candidates = candidateSubnets(subnets, wish);
  const role = roleTags[wish.scheme];
  // Lower is better.
  const rank = (subnet: SubnetFact): number =>
    (role in subnet.tags ? 0 : 2) + (hasClusterTag(subnet.tags, wish.tagging) ? 0 : 1);
  const best = new Map<string, SubnetFact>();
  for (const subnet of candidates.toSorted((a, b) => rank(a) - rank(b) || compare(a.id, b.id))) {
    if (!best.has(subnet.zone)) best.set(subnet.zone, subnet);
  }
  return [...best.values()].sort((a, b) => compare(a.zone, b.zone));
}

/** Those that could hold the load balancer, in no order. */
export function candidateSubnets(subnets: readonly SubnetFact[], wish: SubnetWish): readonly SubnetFact[] {
  const usable = subnets.filter(({ tags }) => hasClusterTag(tags, wish.tagging) || !hasAnyClusterTag(tags));
  const considered = usable.length > 0 ? usable : subnets.filter(({ id }) => id === wish.fallbackSubnetID);
  return considered.filter(
    ({ isPublic, zoneType }) => zoneType === 'availability-zone' && (wish.scheme === 'internal' || isPublic === true),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

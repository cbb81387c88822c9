import { type Cidr, containsCidr, parseCidr } from '../base/cidr.ts';
import type { ObservedRoute, RouteDifference, TargetedRoute } from './routes.ts';

/** What is wanted of every table. */
export interface RouteWishes {
  /** At most one for each range; ranges in canonical form. */
  readonly wanted: readonly TargetedRoute[];
  /** Ranges, in canonical form, whose routes are not touched whatever they are: of nodes that are not ours, or not known well enough. */
  readonly reserved: ReadonlySet<string>;
  /** The ranges of the cluster's pods: nothing is written outside of them. */
  readonly clusterCIDRs: readonly Cidr[];
}

/**
 * Whether a route to that range may be one of the cluster's: all of it is in one of the cluster's ranges. Pure.
 * Source: k8s.io/cloud-provider controllers/route, isResponsibleForRoute, which is content with the first or the last address.
 */
export function isInCluster(cidr: Cidr, clusterCIDRs: readonly Cidr[]): boolean {
  return clusterCIDRs.some((range) => containsCidr(range, cidr));
}

/** What has to be done with one table, the same for every cloud. Linear in the number of routes. Pure. */
export function compareRoutes(wishes: RouteWishes, observed: Iterable<ObservedRoute>): RouteDifference {
  const { wanted, reserved, clusterCIDRs } = wishes;
  const difference = {
    served: [] as TargetedRoute[],
    missing: [] as TargetedRoute[],
    wrong: [] as { wanted: TargetedRoute; present: ObservedRoute }[],
    unwanted: [] as ObservedRoute[],
    blocked: [] as { wanted: TargetedRoute; present: ObservedRoute }[],
    outside: [] as TargetedRoute[],
  };
  const wishOf = new Map(wanted.map((route) => [route.cidr, route]));
  const presentOf = new Map<string, ObservedRoute[]>();
  for (const route of observed) {
    const cidr = parseCidr(route.cidr);
    if (!cidr) continue;
    const rivals = presentOf.get(cidr.text);
    if (rivals) rivals.push(route);
    else presentOf.set(cidr.text, [route]);
    if (wishOf.has(cidr.text) || reserved.has(cidr.text)) continue;
    if (route.ownership.kind === 'ours' && isInCluster(cidr, clusterCIDRs)) difference.unwanted.push(route);
  }
  for (const route of wanted) {
    const present = presentOf.get(route.cidr) ?? [];
    const right = present.find(({ state, target }) => state === 'active' && target === route.target);
    const cidr = parseCidr(route.cidr);
    if (right) {
      difference.served.push(route);
      if (!cidr || !isInCluster(cidr, clusterCIDRs)) continue;
      // A second route to the same range would draw packets away from the right one.
      difference.unwanted.push(...present.filter((rival) => rival !== right && rival.ownership.kind === 'ours'));
      continue;
    }
    if (!cidr || !isInCluster(cidr, clusterCIDRs)) difference.outside.push(route);
    else {
      const other = present.find(({ ownership }) => ownership.kind !== 'ours') ?? present[0];
      if (!other) difference.missing.push(route);
      else if (other.ownership.kind === 'ours') difference.wrong.push({ wanted: route, present: other });
      else difference.blocked.push({ wanted: route, present: other });
    }
  }
  return difference;
}

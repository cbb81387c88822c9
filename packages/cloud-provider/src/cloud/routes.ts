import type { NodeAddress } from '../api/node.ts';
import type { CallContext } from './call-context.ts';
import type { Operation, OperationOutputs, OperationResult, ResourceKey } from './operation.ts';
import type { Ownership } from './ownership.ts';
import type { Plan } from './plan.ts';

/** Pods of `cidr` are reached through the machine of `node`. */
export interface Route {
  readonly node: string;
  /** The UID of the Node; the Go managers hand it to clouds as the hint for a route's name. */
  readonly nodeUID: string;
  readonly providerID: string;
  /** In canonical form. */
  readonly cidr: string;
  /** The node's addresses, for clouds whose routes point at addresses. */
  readonly addresses: readonly NodeAddress[];
}

/** Where the route to a node has to lead, in the words that the cloud's table uses: an instance's id, an address. */
export type RouteTarget =
  | { readonly kind: 'known'; readonly target: string }
  /** The machine is not of this cloud: hands off. */
  | { readonly kind: 'foreign' }
  /** It can't be told yet, for example because the node has no address. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** A route with its target. */
export interface TargetedRoute extends Route {
  readonly target: string;
}

/** One entry of a table, as the cloud has it. */
export interface ObservedRoute {
  /** As the cloud spells it. */
  readonly cidr: string;
  /** In the words of {@link RouteTarget}; empty when it leads to nothing that has such words. */
  readonly target: string;
  /** `blackhole`: what it led to is gone or can't take packets. */
  readonly state: 'active' | 'blackhole';
  readonly ownership: Ownership;
}

/** What is to be done with a table, as the framework found it; see `compareRoutes`. */
export interface RouteDifference {
  /** Wanted, and there. */
  readonly served: readonly TargetedRoute[];
  /** Wanted, and to be created. */
  readonly missing: readonly TargetedRoute[];
  /** Ours, but they lead elsewhere or nowhere: to be replaced. */
  readonly wrong: readonly { readonly wanted: TargetedRoute; readonly present: ObservedRoute }[];
  /** Ours, in the ranges of the cluster, and of no node: to be deleted. */
  readonly unwanted: readonly ObservedRoute[];
  /** Wanted, but there is a route of somebody else. */
  readonly blocked: readonly { readonly wanted: TargetedRoute; readonly present: ObservedRoute }[];
  /** Wanted and not there, but outside of the cluster's ranges, where nothing is ever written. */
  readonly outside: readonly TargetedRoute[];
}

/** A write to one table. Operations of a plan don't build on one another: when one fails, the others are done all the same. */
export interface RouteOperation extends Operation {
  /**
   * The ranges of the routes that it writes, spelled as in {@link RouteDifference}; also the keys of the items of its result
   * that failed.
   */
  readonly cidrs: readonly string[];
}

/**
 * Pod routes of one cloud. One table at a time; many routes an operation where the cloud can. The framework decides which
 * routes are to be written, a provider how. Routes outside of the cluster's ranges and those of others are observed, never
 * planned.
 */
export interface Routes<Facts = unknown, Observed = unknown, Op extends RouteOperation = RouteOperation> {
  facts(call: CallContext): Promise<Facts>;
  /** The tables that the cluster's routes are in; each gets all of them. Pure. */
  tables(facts: Facts): readonly ResourceKey[];
  /** Pure. */
  targetOf(route: Route): RouteTarget;
  observe(table: ResourceKey, facts: Facts, call: CallContext): Promise<Observed>;
  /** All routes of an observed table, those of others too. Pure. */
  routesIn(observed: Observed): readonly ObservedRoute[];
  /** The writes for the difference; empty when it asks for none. `fold` of all of them leaves none to be asked for. Pure. */
  plan(difference: RouteDifference, observed: Observed): Plan<Op>;
  apply(operation: Op, observed: Observed, call: CallContext): Promise<OperationResult>;
  fold(observed: Observed, operation: Op, outputs: OperationOutputs): Observed;
}

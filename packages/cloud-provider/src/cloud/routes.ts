import type { CallContext } from './call-context.ts';
import type { Operation, OperationOutputs, OperationResult, ResourceKey } from './operation.ts';
import type { Plan } from './plan.ts';

/** Pods of `cidr` are reached through the machine of `node`. */
export interface Route {
  readonly node: string;
  readonly providerID: string;
  readonly cidr: string;
  /** The node's addresses, for clouds whose routes point at addresses. */
  readonly addresses: readonly string[];
}

/**
 * Pod routes of one cloud. One table at a time; many routes an operation where the cloud can. Routes that are not in a
 * cluster range are foreign: observed, never planned.
 */
export interface Routes<Facts = unknown, Observed = unknown, Op extends Operation = Operation> {
  facts(call: CallContext): Promise<Facts>;
  /** The tables that the cluster's routes are in. Pure. */
  tables(facts: Facts): readonly ResourceKey[];
  observe(table: ResourceKey, facts: Facts, call: CallContext): Promise<Observed>;
  /** `clusterCIDRs` bound what is ours. Pure. */
  plan(desired: readonly Route[], observed: Observed, clusterCIDRs: readonly string[]): Plan<Op>;
  apply(operation: Op, observed: Observed, call: CallContext): Promise<OperationResult>;
  fold(observed: Observed, operation: Op, outputs: OperationOutputs): Observed;
}

import type { CallContext } from './call-context.ts';
import type { CloudScope } from './cloud-scope.ts';
import type { Operation, OperationOutputs, OperationResult } from './operation.ts';
import type { Ownership } from './ownership.ts';
import type { Plan } from './plan.ts';

/** Which object of the cluster something in the cloud says that it is for. */
export type OwnerClaim =
  /** A Service. Its UID decides; the name alone only where nothing tells the UID. */
  | {
      readonly kind: 'service';
      /** The UID as the API server spells it, or its first eight characters or more; empty when nothing tells it. What is no UID proves nothing. */
      readonly uid: string;
      /** `namespace/name`; empty when nothing tells it. */
      readonly name: string;
    }
  /** A Node. */
  | {
      readonly kind: 'node';
      readonly name: string;
      /** Empty when nothing tells it; the name decides then. */
      readonly uid: string;
    }
  /** Whichever Node has the range for its pods, in canonical form. */
  | { readonly kind: 'podRange'; readonly cidr: string }
  /** It does not tell. Nothing is ever concluded from that. */
  | { readonly kind: 'none' };

/** One object in the cloud that was made for a cluster. Plain data. */
export interface InventoryItem {
  /** Unique within its kind, also over time: an id where the cloud has one. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly scope: CloudScope;
  /** By the cluster's stamp: nothing else proves whose an object is that has lost its owner. */
  readonly ownership: Ownership;
  readonly claim: OwnerClaim;
  /** RFC 3339; empty when the cloud does not tell. */
  readonly createdAt: string;
}

/**
 * One kind of object that a provider makes: how to list what there is of it, and how to be rid of one. It serves for finding
 * what has lost its owner, so what is of another kind than load balancers and routes, but made for them, belongs here too.
 *
 * `list` and `observe` read and never write. `itemIn`, `plan` and `fold` are pure.
 *
 * @typeParam Observed one object with everything that its deletion depends on
 * @typeParam Op the writes
 */
export interface InventoryKind<Observed = unknown, Op extends Operation = Operation> {
  /** The cloud's word for it, as operations have it: `LoadBalancer`. Unique within the provider. */
  readonly name: string;
  /**
   * Everything of this kind that carries the cluster's stamp, or another sign that it was made for this cluster. Follows all
   * pages. What belongs to others may be left out. Within the freshness that the call allows it may be a list that was made for
   * something else, so that one list pass of a kind serves all loops.
   *
   * @throws CloudError when the cloud does not give the whole list; a part of it must not be returned
   */
  list(call: CallContext): Promise<readonly InventoryItem[]>;
  /** Looks at one object again, and never answers out of a cache. */
  observe(item: InventoryItem, call: CallContext): Promise<Observed>;
  /** The object as it is now; undefined when the cloud says that it is gone. */
  itemIn(observed: Observed): InventoryItem | undefined;
  /** What is to be done to be rid of it; empty and `converged` when it is gone. */
  plan(observed: Observed): Plan<Op>;
  /** Idempotent; what is gone already counts as done. */
  apply(operation: Op, observed: Observed, call: CallContext): Promise<OperationResult>;
  fold(observed: Observed, operation: Op, outputs: OperationOutputs): Observed;
}

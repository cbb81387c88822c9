import type { CallContext } from './call-context.ts';
import type { CloudError } from './cloud-error.ts';
import type { NodeName, NodeRef } from './instances.ts';

/** What the cloud says about the ranges of pod addresses of one machine. */
export type PodRangesView =
  /** Its ranges: one, or one of each family, the cluster's first family first. */
  | { readonly kind: 'given'; readonly cidrs: readonly string[] }
  /** It will have some: the cloud is at it. */
  | { readonly kind: 'pending' }
  /** It has none, and will have none unless somebody does something. */
  | { readonly kind: 'none'; readonly reason: string }
  /** Not a machine of this cloud. */
  | { readonly kind: 'foreign' }
  /** Throttled, denied, no such machine yet: tried again. */
  | { readonly kind: 'unknown'; readonly reason: CloudError };

/** A cloud that gives each machine ranges of pod addresses of its own. */
export interface PodRanges {
  /** The most nodes that one request can ask about. */
  readonly maxBatch: number;
  /** A node that is missing from the answer is `unknown`. Throws a CloudError when nothing can be told about any. */
  describe(nodes: readonly NodeRef[], call: CallContext): Promise<ReadonlyMap<NodeName, PodRangesView>>;
}

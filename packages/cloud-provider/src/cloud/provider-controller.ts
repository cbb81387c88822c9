import type { CallContext } from './call-context.ts';
import type { CloudError } from './cloud-error.ts';
import type { NodeRef } from './instances.ts';

/** A loop that only one cloud has, as its factory declares it before anything is contacted. */
export interface ProviderControllerDeclaration {
  /** As `--controllers` knows it. Must not be the name of one of the framework's. */
  readonly name: string;
  /** Whether `*` switches it on. */
  readonly byDefault: 'yes' | 'no';
  /** The service account of kube-system that it uses under `--use-service-account-credentials`. */
  readonly serviceAccount: string;
}

/** A flag that only one cloud has. Values reach `configure`. */
export type ProviderFlag = { readonly help: string } & (
  | { readonly kind: 'string'; readonly default: string }
  | { readonly kind: 'bool'; readonly default: boolean }
  | { readonly kind: 'int' | 'float'; readonly default: number }
  /** Comma separated, repeatable. */
  | { readonly kind: 'list'; readonly default: readonly string[] }
  /** `key=value`, comma separated, repeatable. */
  | { readonly kind: 'map'; readonly default: Readonly<Record<string, string>> }
);

/** What became of one node. */
export type NodeAnswer =
  /** The labels are written onto the Node. */
  | { readonly kind: 'done'; readonly labels: Readonly<Record<string, string>> }
  /** Tried again with a growing delay. */
  | { readonly kind: 'failed'; readonly error: CloudError }
  /** Not tried again until the Node changes. */
  | { readonly kind: 'given-up'; readonly reason: string };

/**
 * A loop over Nodes that only one cloud has. The framework follows the Nodes, gathers, retries, writes labels and ends it; the
 * provider says what is to be done and does it in the cloud.
 */
export interface ProviderController {
  /** One that the factory declares. */
  readonly name: string;
  /** So many nodes are given to one call. */
  readonly maxBatch: number;
  /** So many calls run at once. */
  readonly concurrency: number;
  /** The most nodes a second, and at once. @default no limit but the cloud's */
  readonly limit?: { readonly perSecond: number; readonly burst: number };
  /** Whether nothing is to be done for the node. Asked whenever its Node changes. Pure. */
  isSettled(node: NodeRef): boolean;
  /** Does what is to be done, one answer for each node in their order. Idempotent. */
  settle(nodes: readonly NodeRef[], call: CallContext): Promise<readonly NodeAnswer[]>;
  /** Undoes it for Nodes that were deleted, one answer for each in their order. Idempotent. */
  release(nodes: readonly NodeRef[], call: CallContext): Promise<readonly NodeAnswer[]>;
}

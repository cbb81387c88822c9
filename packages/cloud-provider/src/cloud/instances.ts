import type { NodeAddress } from '../api/node.ts';
import type { CallContext } from './call-context.ts';
import type { CloudError } from './cloud-error.ts';
import type { CloudScope } from './cloud-scope.ts';
import type { Operation, OperationResult } from './operation.ts';
import type { Plan } from './plan.ts';

export type NodeName = string;

/** What a provider gets to know about a Node when it looks for the machine. */
export interface NodeRef {
  readonly name: NodeName;
  readonly uid: string;
  /** `spec.providerID`; empty when not set yet. */
  readonly providerID: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * How much must be known. Each includes the one before: `existence` decides deletion, `power` the shutdown taint, `metadata`
 * initialisation and upkeep.
 */
export type InstanceNeed = 'existence' | 'power' | 'metadata';

/**
 * - `running`: also while starting or rebooting.
 * - `stopped`: off, but it can be started again; the Node stays and is tainted.
 * - `terminating`: on its way out, not yet gone; never a proof of absence.
 */
export type InstanceState = 'running' | 'stopped' | 'terminating';

/** What is written onto a Node, at its initialisation and to keep it true. Empty strings and lists mean "leave alone". */
export interface InstanceMetadata {
  readonly providerID: string;
  readonly instanceType: string;
  readonly addresses: readonly NodeAddress[];
  readonly zone: string;
  readonly region: string;
  /**
   * Labels of the vendor's own domain: all of them each time, those that the Node has already among them, as a label that was
   * given once and is left out later is taken away. Keys under kubernetes.io and k8s.io are dropped by the framework.
   */
  readonly additionalLabels: Readonly<Record<string, string>>;
}

/** Positive proof from the cloud that a machine is gone. */
export interface Evidence {
  /** What the cloud said, for example `InvalidInstanceID.NotFound` or `state terminated`. */
  readonly statement: string;
  /** The operation that was asked. */
  readonly operation: string;
  /** The cloud's request id; empty when it gives none. */
  readonly requestId: string;
}

/** What the cloud knows about the machine of one Node. */
export type InstanceView =
  | { readonly kind: 'present'; readonly state: InstanceState; readonly metadata?: InstanceMetadata }
  /** A machine of the Node's name exists, but it is not the one that the Node's providerID names. */
  | { readonly kind: 'replaced'; readonly providerID: string }
  /** Several machines fit the Node. */
  | { readonly kind: 'ambiguous'; readonly ids: readonly string[] }
  | { readonly kind: 'absent'; readonly evidence: Evidence }
  /**
   * Not a machine of this cloud: hands off. What can be told without asking belongs into {@link Instances.claim}, which loops
   * that don't ask the cloud go by as well.
   */
  | { readonly kind: 'foreign' }
  /** Throttled, denied, partial list, cache miss: never leads to a deletion. */
  | { readonly kind: 'unknown'; readonly reason: CloudError };

/** Whether a Node's machine can be one of this provider's, by what the Node says. `open`: the cloud has to be asked. */
export type NodeClaim = 'open' | 'foreign';

/** Cloud writes that a node needs before it is untainted, by the same mechanism as every other write. */
export interface PreparePort<Op extends Operation = Operation> {
  /**
   * What is to be written for these nodes. The annotations of a node hold the intents of creates with the identity `journal`
   * that may have been done for it, those of processes that ended among them.
   */
  plan(nodes: readonly NodeRef[], call: CallContext): Promise<Plan<Op>>;
  apply(operation: Op, call: CallContext): Promise<OperationResult>;
}

/**
 * The machines behind Nodes. Batch-first: the framework coalesces what waits, budgets and caches; an implementation turns one
 * `describe` into as few requests as its cloud allows.
 */
export interface Instances {
  /** The most nodes that one `describe` can handle with one request to the cloud. The framework batches up to it. */
  readonly maxBatch: number;
  /** Where to look for the machine; `any` when the Node does not tell. Pure. */
  scopeOf(node: NodeRef): CloudScope | 'any';
  /**
   * `foreign` for Nodes that say of themselves that their machine is of an account or region that this provider does not
   * serve: hands off, in every loop. For what the scheme of a providerID alone does not tell. Pure, and cheap: it is asked
   * with each heartbeat. @default open, for every Node
   */
  claim?(node: NodeRef): NodeClaim;
  /**
   * Looks for the machines of the given nodes. A node that is missing from the answer counts as `unknown`. Throws a
   * {@link CloudError} only when nothing at all is known; every node is `unknown` then. `absent` is only ever returned for a
   * positive statement of the cloud about that very machine.
   */
  describe(
    nodes: readonly NodeRef[],
    need: InstanceNeed,
    call: CallContext,
  ): Promise<ReadonlyMap<NodeName, InstanceView>>;
  readonly prepare?: PreparePort;
}

import type { Node } from '../../api/node.ts';
import { Duration } from '../../base/duration.ts';
import type { Evidence } from '../../cloud/instances.ts';
import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import type { GuardState, Suspect } from './deletion-guard.ts';
import { type DeletionLimits, type DeletionPolicy, allowanceOf } from './deletion-limits.ts';
import { clusterReference } from '../cluster-reference.ts';
import { nodeReference } from '../node-reference.ts';

/** So many examples stand in an Event about many nodes; there is room for 1024 bytes. */
const examples = 3;

/**
 * Tells the users what the controller decided and by what evidence. `DeletingNode` and `DeletingNodeFailed` are the Go
 * managers' (k8s.io/cloud-provider controllers/nodelifecycle), the others ours.
 */
export class DeletionAnnouncer {
  readonly #recorder: EventRecorder;
  readonly #limits: DeletionLimits;
  /** The UID of kube-system. */
  readonly #clusterUID: string;

  constructor(options: {
    readonly recorder: EventRecorder;
    readonly limits: DeletionLimits;
    readonly clusterUID: string;
  }) {
    this.#recorder = options.recorder;
    this.#limits = options.limits;
    this.#clusterUID = options.clusterUID;
  }

  permitted(node: Node, suspect: Suspect, policy: DeletionPolicy): void {
    const proof = describeProof(suspect);
    const { name } = node.metadata;
    switch (policy) {
      case 'delete':
        this.#normal(node, 'DeletingNode', `Deleting node ${name} because it does not exist in the cloud: ${proof}`);
        return;
      case 'taint':
        this.#normal(node, 'TaintingNode', `Tainting node ${name} because it does not exist in the cloud: ${proof}`);
        return;
      case 'observe':
        this.#normal(
          node,
          'NodeDeletionWithheld',
          `Node ${name} does not exist in the cloud, and would be deleted under another --node-deletion-policy: ${proof}`,
        );
        return;
    }
  }

  failed(node: Node, policy: DeletionPolicy, reason: string): void {
    const verb = policy === 'delete' ? 'delete' : 'taint';
    this.#recorder.event(nodeReference(node), {
      type: 'Warning',
      reason: policy === 'delete' ? 'DeletingNodeFailed' : 'TaintingNodeFailed',
      action: 'DeleteNode',
      note: `Unable to ${verb} node ${node.metadata.name}, will try again: ${reason}`,
    });
  }

  /** Tells of a breaker that has opened or closed between the two. One Event for all nodes, on the namespace kube-system. */
  breakerMoved(before: GuardState, after: GuardState): void {
    if (before.breaker.kind === after.breaker.kind) return;
    if (after.breaker.kind === 'closed') {
      this.#onCluster('Normal', 'NodeDeletionResumed', `Nodes are deleted again: ${this.#held()}`);
      return;
    }
    const { absent, nodes } = after.breaker;
    const { allowance, window } = this.#limits.breaker;
    const shown = [...after.suspects.values()]
      .slice(0, examples)
      .map(({ node, last }) => `${node.name}: ${describeEvidence(last.evidence)}`);
    this.#onCluster(
      'Warning',
      'NodeDeletionSuspended',
      `No node is deleted: the machines of ${absent} of ${nodes} nodes were found absent within ${window.toString()}, ` +
        `more than ${allowanceOf(allowance, nodes)}. Deletion goes on when ${this.#held()}. For example ${shown.join('; ')}`,
    );
  }

  #held(): string {
    return `the cloud has said the same for ${this.#limits.breaker.hold.toString()}`;
  }

  #normal(node: Node, reason: string, note: string): void {
    this.#recorder.event(nodeReference(node), { type: 'Normal', reason, action: 'DeleteNode', note });
  }

  #onCluster(type: 'Normal' | 'Warning', reason: string, note: string): void {
    this.#recorder.event(clusterReference(this.#clusterUID), { type, reason, action: 'DeleteNode', note });
  }
}

/** Both proofs, for people and for a support case. */
export function describeProof(suspect: Suspect): string {
  const { first, last } = suspect;
  const apart = Duration.seconds(Math.round((last.at - first.at) / 1000)).toString();
  return `${describeEvidence(last.evidence)}; first seen ${apart} before: ${describeEvidence(first.evidence)}`;
}

function describeEvidence(evidence: Evidence): string {
  const { statement, operation, requestId } = evidence;
  return `${statement} (${operation}${requestId === '' ? '' : `, request ${requestId}`})`;
}

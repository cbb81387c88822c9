import type { Node } from '../../api/node.ts';
import { isConflict, isNotFound } from '../../kube/client/api-error.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import { type WriteFence, isFenced } from '../../kube/client/write-fence.ts';
import { nodes as nodeResource } from '../../kube/resources.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import { taintsWhenGone } from './choose-taints.ts';
import { type DeletionAnnouncer, describeProof } from './deletion-announcer.ts';
import type { Suspect } from './deletion-guard.ts';
import type { DeletionPolicy } from './deletion-limits.ts';
import type { TaintWriter } from './taint-writer.ts';

export interface NodeRemoverOptions {
  readonly client: KubeClient;
  readonly fence?: WriteFence;
  readonly taints: TaintWriter;
  readonly announcer: DeletionAnnouncer;
  readonly policy: DeletionPolicy;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
}

/** Does with a permitted Node what the policy says, and tells it. */
export class NodeRemover {
  readonly #options: NodeRemoverOptions;
  #deleted = 0;

  constructor(options: NodeRemoverOptions) {
    this.#options = options;
  }

  /** How many Nodes were deleted. */
  get deleted(): number {
    return this.#deleted;
  }

  /**
   * Never throws; a failure is told and counted.
   *
   * @param node the version that was judged: a DELETE is bound to it
   * @returns `failed` when it has to be permitted again
   */
  async remove(node: Node, suspect: Suspect, signal: AbortSignal): Promise<'done' | 'failed'> {
    const { announcer, logger, policy } = this.#options;
    // Said once for each machine that is gone, not once for each attempt.
    if (suspect.permits === 1) announcer.permitted(node, suspect, policy);
    logger.info('The machine of a node is gone', { node: node.metadata.name, policy, proof: describeProof(suspect) });
    try {
      await this.#execute(node, signal);
      return 'done';
    } catch (error) {
      if (isNotFound(error)) return 'done';
      if (!signal.aborted && !isFenced(error)) this.#tellFailure(node, error);
      return 'failed';
    }
  }

  async #execute(node: Node, signal: AbortSignal): Promise<void> {
    const { client, fence, policy, taints } = this.#options;
    const { name, namespace, uid, resourceVersion } = node.metadata;
    switch (policy) {
      case 'observe':
        this.#count('observed');
        return;
      case 'taint':
        await taints.write(node, taintsWhenGone, signal);
        this.#count('tainted');
        return;
      case 'delete':
        // The version is the one that was judged: a heartbeat that comes in between must win.
        await client.delete(
          nodeResource,
          { name, namespace },
          { signal, ...(fence && { fence }), preconditions: { uid, resourceVersion } },
        );
        this.#deleted++;
        this.#count('deleted');
        return;
    }
  }

  #tellFailure(node: Node, error: unknown): void {
    const { announcer, logger, policy } = this.#options;
    const { name } = node.metadata;
    if (isConflict(error)) {
      this.#count('conflict');
      logger.info('A node changed before it could be deleted, so it is judged again', { node: name });
      return;
    }
    this.#count('failed');
    announcer.failed(node, policy, error instanceof Error ? error.message : String(error));
    logger.error('A node whose machine is gone could not be dealt with, will retry', {
      node: name,
      policy,
      err: error,
    });
  }

  #count(outcome: 'deleted' | 'tainted' | 'observed' | 'conflict' | 'failed'): void {
    this.#options.metrics.counter('ccm_node_deletions_total', { outcome }).increment();
  }
}

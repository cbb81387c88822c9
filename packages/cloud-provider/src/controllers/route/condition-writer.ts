import type { Node } from '../../api/node.ts';
import type { Clock } from '../../base/clock.ts';
import { Semaphore } from '../../base/semaphore.ts';
import { isNotFound } from '../../kube/client/api-error.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { WriteFence } from '../../kube/client/write-fence.ts';
import { nodes } from '../../kube/resources.ts';
import { OwnWrites } from '../../reconcile/own-writes.ts';
import {
  type NetworkCondition,
  type RouteState,
  decideNetworkCondition,
  findNetworkCondition,
  networkConditionPatch,
} from './network-condition.ts';

export interface ConditionWriterOptions {
  readonly client: KubeClient;
  readonly fence: WriteFence | undefined;
  readonly clock: Clock;
}

/** Writes that are under way at once: many nodes change together when a cluster starts. */
const concurrency = 16;

/** Keeps the condition of nodes true, with a write only where it is not. */
export class ConditionWriter {
  readonly #options: ConditionWriterOptions;
  readonly #versions = new OwnWrites();
  readonly #written = new Map<string, NetworkCondition>();

  constructor(options: ConditionWriterOptions) {
    this.#options = options;
  }

  /** @throws the first failure, after all were tried */
  async writeAll(states: ReadonlyMap<Node, RouteState>, signal: AbortSignal): Promise<void> {
    const places = new Semaphore(concurrency);
    const due = [...states].flatMap(([node, state]) => {
      const condition = decideNetworkCondition(state, this.#present(node));
      return condition ? [{ node, condition }] : [];
    });
    const writes = await Promise.allSettled(
      due.map(({ node, condition }) => places.run(() => this.#write(node, condition, signal), signal)),
    );
    signal.throwIfAborted();
    const failed = writes.find((write) => write.status === 'rejected');
    if (failed) throw failed.reason;
  }

  forget(uid: string): void {
    this.#versions.forget(uid);
    this.#written.delete(uid);
  }

  /** The cache may not show yet what was written last. */
  #present(node: Node): { readonly status: string; readonly reason: string } | undefined {
    const written = this.#written.get(node.metadata.uid);
    if (written && this.#versions.isOutdated(node)) return written;
    return findNetworkCondition(node);
  }

  async #write(node: Node, condition: NetworkCondition, signal: AbortSignal): Promise<void> {
    const { client, clock, fence } = this.#options;
    const { name, namespace } = node.metadata;
    const patch = networkConditionPatch(node, condition, clock.now());
    try {
      const { resourceVersion } = await client.patch(nodes, { name, namespace }, patch, {
        signal,
        subresource: 'status',
        ...(fence && { fence }),
      });
      this.#versions.remember(node, resourceVersion);
      this.#written.set(node.metadata.uid, condition);
    } catch (error) {
      // Deleted: the informer tells, and there is a pass for that. A conflict may be another Node of the name, but also mere
      // contention; both are over when it is tried again.
      if (!isNotFound(error)) throw error;
    }
  }
}

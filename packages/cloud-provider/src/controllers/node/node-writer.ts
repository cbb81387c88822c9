import type { Node } from '../../api/node.ts';
import type { Clock } from '../../base/clock.ts';
import { isConflict, isNotFound } from '../../kube/client/api-error.ts';
import type { KubeClient, PatchOptions } from '../../kube/client/kube-client.ts';
import type { WriteFence } from '../../kube/client/write-fence.ts';
import { nodes } from '../../kube/resources.ts';
import { nodeFieldManager } from './label-owners.ts';
import { mainPatch, statusPatch } from './node-patches.ts';
import { type NodeWrites, hasMainWrite, hasStatusWrite } from './plan-node.ts';

/** A node that changes faster than this many reads and writes can follow goes back to the queue. */
const maxAttempts = 5;

/** What became of the writes of one node. */
export type WriteOutcome<Stop> =
  | { readonly kind: 'written'; readonly resourceVersion: string; readonly writes: NodeWrites }
  /** Everything was right already. */
  | { readonly kind: 'unchanged' }
  /** The Node was deleted, or another one has its name. */
  | { readonly kind: 'gone' }
  /** The plan for the newest version of the Node says not to write. */
  | { readonly kind: 'stopped'; readonly by: Stop };

/** What to write for a version of the Node, or a reason not to. Pure; called again for a newer version after a conflict. */
export type PlanWrites<Stop> = (
  node: Node,
) => { readonly kind: 'writes'; readonly writes: NodeWrites } | { readonly kind: 'stop'; readonly by: Stop };

/** Brings planned changes onto Nodes: the addresses first, so that a node is complete before its taint falls. */
export class NodeWriter {
  readonly #client: KubeClient;
  readonly #fence: WriteFence | undefined;
  readonly #clock: Clock;

  constructor(client: KubeClient, fence: WriteFence | undefined, clock: Clock) {
    this.#client = client;
    this.#fence = fence;
    this.#clock = clock;
  }

  /**
   * At most two writes, both conditional on the version that the plan was made from, the second on what the first one made
   * of it. After a conflict the Node is read again and planned anew.
   *
   * @throws ApiError when the API server refuses or can't be reached, `conflict` after several in a row
   */
  async write<Stop>(cached: Node, plan: PlanWrites<Stop>, signal: AbortSignal): Promise<WriteOutcome<Stop>> {
    const { uid, name, namespace } = cached.metadata;
    let node = cached;
    for (let attempt = 1; ; attempt++) {
      const planned = plan(node);
      if (planned.kind === 'stop') return { kind: 'stopped', by: planned.by };
      try {
        return await this.#writeOnce(node, planned.writes, signal);
      } catch (error) {
        if (isNotFound(error)) return { kind: 'gone' };
        if (!isConflict(error) || attempt === maxAttempts) throw error;
      }
      try {
        node = await this.#client.get(nodes, { name, namespace }, { signal });
      } catch (error) {
        if (isNotFound(error)) return { kind: 'gone' };
        throw error;
      }
      if (node.metadata.uid !== uid) return { kind: 'gone' };
    }
  }

  async #writeOnce<Stop>(node: Node, writes: NodeWrites, signal: AbortSignal): Promise<WriteOutcome<Stop>> {
    const { name, namespace } = node.metadata;
    const call: PatchOptions = {
      signal,
      fieldManager: nodeFieldManager,
      ...(this.#fence && { fence: this.#fence }),
    };
    let resourceVersion = node.metadata.resourceVersion;
    if (hasStatusWrite(writes)) {
      const patch = statusPatch(node, writes, this.#clock.now());
      const result = await this.#client.patch(nodes, { name, namespace }, patch, { ...call, subresource: 'status' });
      resourceVersion = result.resourceVersion;
    }
    if (hasMainWrite(writes)) {
      const patch = mainPatch(node, writes, resourceVersion);
      resourceVersion = (await this.#client.patch(nodes, { name, namespace }, patch, call)).resourceVersion;
    } else if (!hasStatusWrite(writes)) {
      return { kind: 'unchanged' };
    }
    return { kind: 'written', resourceVersion, writes };
  }
}

import type { Node } from '../../api/node.ts';
import { isApiError, isConflict, isInvalid, isNotFound } from '../../kube/client/api-error.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { WriteFence } from '../../kube/client/write-fence.ts';
import { nodes } from '../../kube/resources.ts';

/** What became of writing ranges onto a Node. */
export type WriteResult =
  | { readonly kind: 'written' }
  /** It had ranges already, ours or others. */
  | { readonly kind: 'taken'; readonly node: Node }
  /** The Node was deleted, or another one has its name. */
  | { readonly kind: 'gone' };

/** Writes ranges onto Nodes that have none. */
export class PodCIDRWriter {
  readonly #client: KubeClient;
  readonly #fence: WriteFence | undefined;

  constructor(client: KubeClient, fence: WriteFence | undefined) {
    this.#client = client;
    this.#fence = fence;
  }

  /**
   * The API server lets ranges be set once and never changed, and the UID keeps them from another Node of that name: so the
   * patch needs no version, which a busy Node would outrun, and can be sent again when its answer was lost.
   *
   * @throws ApiError when it is unknown whether the Node has the ranges, or when it was refused though it has none
   */
  async write(node: Node, cidrs: readonly string[], signal: AbortSignal): Promise<WriteResult> {
    const { name, namespace, uid } = node.metadata;
    const body = { metadata: { uid }, spec: { podCIDR: cidrs[0], podCIDRs: cidrs } };
    try {
      await this.#client.patch(
        nodes,
        { name, namespace },
        { type: 'strategic', body },
        { signal, ...(this.#fence && { fence: this.#fence }) },
      );
      return { kind: 'written' };
    } catch (error) {
      if (isNotFound(error)) return { kind: 'gone' };
      const mayBeSet = isConflict(error) || isInvalid(error) || (isApiError(error) && error.outcome === 'unknown');
      if (!mayBeSet) throw error;
      signal.throwIfAborted();
      const present = await this.#read(node, signal);
      if (!present) return { kind: 'gone' };
      if (present.spec.podCIDRs.length === 0) throw error;
      return { kind: 'taken', node: present };
    }
  }

  /** The Node as it is now; undefined when it is not there any more. */
  async #read(node: Node, signal: AbortSignal): Promise<Node | undefined> {
    const { name, namespace, uid } = node.metadata;
    try {
      const present = await this.#client.get(nodes, { name, namespace }, { signal });
      return present.metadata.uid === uid ? present : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

import type { Node, Taint } from '../../api/node.ts';
import { isConflict, isNotFound } from '../../kube/client/api-error.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { Patch } from '../../kube/client/patch.ts';
import type { WriteFence } from '../../kube/client/write-fence.ts';
import { nodes } from '../../kube/resources.ts';
import { type TaintChanges, planTaints } from './lifecycle-taints.ts';

/** As the Go managers: k8s.io/cloud-provider node/helpers/taints.go. */
const maxAttempts = 5;

/** Changes taints of Nodes, and keeps those that others write meanwhile. */
export class TaintWriter {
  readonly #client: KubeClient;
  readonly #fence: WriteFence | undefined;

  constructor(client: KubeClient, fence: WriteFence | undefined) {
    this.#client = client;
    this.#fence = fence;
  }

  /**
   * Makes the changes, if any are needed. After a conflict the Node is read again and asked about again.
   *
   * @param changesFor what to change on this version of the Node; pure
   * @returns whether something was written
   * @throws ApiError when the API server refuses or can't be reached
   */
  async write(cached: Node, changesFor: (node: Node) => TaintChanges, signal: AbortSignal): Promise<boolean> {
    const { name, namespace, uid } = cached.metadata;
    let node = cached;
    for (let attempt = 1; ; attempt++) {
      const taints = planTaints(node.spec.taints, changesFor(node));
      if (taints === undefined) return false;
      try {
        const call = { signal, ...(this.#fence && { fence: this.#fence }) };
        await this.#client.patch(nodes, { name, namespace }, taintPatch(node, taints), call);
        return true;
      } catch (error) {
        if (isNotFound(error)) return false;
        if (!isConflict(error) || attempt === maxAttempts) throw error;
      }
      try {
        node = await this.#client.get(nodes, { name, namespace }, { signal });
      } catch (error) {
        if (isNotFound(error)) return false;
        throw error;
      }
      if (node.metadata.uid !== uid) return false;
    }
  }
}

/** Taints have no merge key, so that the list is written whole; the version keeps a taint that was added meanwhile. */
function taintPatch(node: Node, taints: readonly Taint[]): Patch {
  const { uid, resourceVersion } = node.metadata;
  return {
    type: 'strategic',
    body: {
      metadata: { uid, resourceVersion },
      spec: {
        taints:
          taints.length === 0
            ? null
            : taints.map(({ key, value, effect, timeAdded }) => ({
                key,
                ...(value !== '' && { value }),
                effect,
                ...(timeAdded !== '' && { timeAdded }),
              })),
      },
    },
  };
}

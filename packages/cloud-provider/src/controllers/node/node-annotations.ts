import type { Node } from '../../api/node.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { WriteFence } from '../../kube/client/write-fence.ts';
import { nodes } from '../../kube/resources.ts';
import { type AnnotationKeeper, withChanges } from '../../reconcile/journal.ts';
import { OwnWrites } from '../../reconcile/own-writes.ts';
import { nodeFieldManager } from './label-owners.ts';

/** The annotations of Nodes with our own writes, which the cache may not show yet. */
export class NodeAnnotations {
  readonly #client: KubeClient;
  readonly #fence: WriteFence | undefined;
  readonly #versions = new OwnWrites();
  readonly #written = new Map<string, Node['metadata']['annotations']>();

  constructor(client: KubeClient, fence: WriteFence | undefined) {
    this.#client = client;
    this.#fence = fence;
  }

  of(node: Node): Node['metadata']['annotations'] {
    const written = this.#written.get(node.metadata.uid);
    return written && this.#versions.isOutdated(node) ? written : node.metadata.annotations;
  }

  keeperOf(node: Node, signal: AbortSignal): AnnotationKeeper {
    const { name, namespace, uid } = node.metadata;
    return {
      uid,
      read: () => this.of(node),
      write: async (changes) => {
        const patch = { type: 'strategic', body: { metadata: { uid, annotations: changes } } } as const;
        const { resourceVersion } = await this.#client.patch(nodes, { name, namespace }, patch, {
          signal,
          fieldManager: nodeFieldManager,
          ...(this.#fence && { fence: this.#fence }),
        });
        this.#written.set(uid, withChanges(this.of(node), changes));
        this.#versions.remember(node, resourceVersion);
      },
    };
  }

  forget(uid: string): void {
    this.#versions.forget(uid);
    this.#written.delete(uid);
  }
}

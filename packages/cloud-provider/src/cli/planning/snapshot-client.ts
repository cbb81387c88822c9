import { type KubernetesObject, type ObjectName, nameKey, objectKey } from '../../api/object-meta.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import type { KubeClient, RawRequest, RawResponse } from '../../kube/client/kube-client.ts';
import type { Patch } from '../../kube/client/patch.ts';
import { FencedError } from '../../kube/client/write-fence.ts';
import { endpointSlices, nodes, type Resource, services } from '../../kube/resources.ts';
import type { Snapshot } from './snapshot.ts';

/** A write that a controller would have sent to the API server. */
export type ClusterWrite =
  | {
      readonly verb: 'patch';
      readonly kind: string;
      readonly name: ObjectName;
      /** Empty for the object itself. */
      readonly subresource: string;
      readonly patch: Patch;
    }
  | { readonly verb: 'delete'; readonly kind: string; readonly name: ObjectName };

export interface SnapshotClientOptions {
  readonly snapshot: Snapshot;
  /** Told of each write; none is done. */
  readonly onWrite: (write: ClusterWrite) => void;
  /** Answers what the snapshot does not hold. Only asked with GET. */
  readonly read: (request: RawRequest) => Promise<RawResponse>;
}

/**
 * A client for controllers that plan: it reads from the snapshot and can't write at all, as there is nothing behind it that
 * could. Controllers go on as if what they wrote were done.
 */
export function snapshotClient({ onWrite, read, snapshot }: SnapshotClientOptions): KubeClient {
  const objectsOf = (kind: string): readonly KubernetesObject[] => {
    switch (kind) {
      case nodes.kind:
        return snapshot.nodes;
      case services.kind:
        return snapshot.services;
      case endpointSlices.kind:
        return snapshot.endpointSlices;
      default:
        return [];
    }
  };
  // The lists hold objects of exactly the resource's kind.
  const typed = <T extends KubernetesObject>(resource: Resource<T>): readonly T[] =>
    objectsOf(resource.kind) as readonly T[];
  const find = <T extends KubernetesObject>(resource: Resource<T>, name: ObjectName): T => {
    const found = typed(resource).find((object) => objectKey(object) === nameKey(name));
    if (found) return found;
    throw new ApiError(`${resource.kind} ${nameKey(name)} is not there`, { kind: 'notFound', status: 404 });
  };
  return {
    get: async (resource, name) => find(resource, name),
    list: async (resource) => ({ items: typed(resource), resourceVersion: '1' }),
    watch: () => Promise.reject(new FencedError('a snapshot does not change')),
    create: () => Promise.reject(new FencedError('nothing is created while planning')),
    async patch(resource, name, patch, options) {
      const { resourceVersion } = find(resource, name).metadata;
      onWrite({ verb: 'patch', kind: resource.kind, name, subresource: options.subresource ?? '', patch });
      return { resourceVersion };
    },
    async delete(resource, name) {
      onWrite({ verb: 'delete', kind: resource.kind, name });
    },
    raw: (request) =>
      request.method === 'GET' ? read(request) : Promise.reject(new FencedError('nothing is written while planning')),
    close: () => Promise.resolve(),
  };
}

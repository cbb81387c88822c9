import type { Node } from '../api/node.ts';
import type { IsOwnNode } from '../controllers/own-nodes.ts';
import { ApiError } from '../kube/client/api-error.ts';
import type { KubeClient } from '../kube/client/kube-client.ts';
import { nodes } from '../kube/resources.ts';

/**
 * The same client for controllers that see their own Nodes alone: reading another one finds nothing, as their informer has
 * it. So a Node that is handed over in the middle of a write is not written again after the conflict that this makes.
 */
export function ownNodesClient(client: KubeClient, isOwn: IsOwnNode): KubeClient {
  return {
    get: async (resource, name, options) => {
      const object = await client.get(resource, name, options);
      // What is read as a Node is one.
      if (resource.kind === nodes.kind && !isOwn(object as unknown as Node)) {
        throw new ApiError(`the node ${name.name} is another manager's`, { kind: 'notFound', status: 404 });
      }
      return object;
    },
    list: (resource, options) => client.list(resource, options),
    watch: (resource, options) => client.watch(resource, options),
    create: (resource, object, options) => client.create(resource, object, options),
    patch: (resource, name, patch, options) => client.patch(resource, name, patch, options),
    delete: (resource, name, options) => client.delete(resource, name, options),
    raw: (request) => client.raw(request),
    close: () => client.close(),
  };
}

import type { KubeClient } from '../kube/client/kube-client.ts';
import type { WriteFence } from '../kube/client/write-fence.ts';

/** The same client, with a fence for every request that does not bring one of its own. */
export function fencedClient(client: KubeClient, fence: WriteFence): KubeClient {
  return {
    get: (resource, name, options) => client.get(resource, name, { fence, ...options }),
    list: (resource, options) => client.list(resource, { fence, ...options }),
    watch: (resource, options) => client.watch(resource, { fence, ...options }),
    create: (resource, object, options) => client.create(resource, object, { fence, ...options }),
    patch: (resource, name, patch, options) => client.patch(resource, name, patch, { fence, ...options }),
    delete: (resource, name, options) => client.delete(resource, name, { fence, ...options }),
    raw: (request) => client.raw({ fence, ...request }),
    close: () => client.close(),
  };
}

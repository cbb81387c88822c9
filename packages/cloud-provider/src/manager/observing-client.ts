import type { KubernetesObject } from '../api/object-meta.ts';
import { nameKey } from '../api/object-meta.ts';
import type { KubeClient } from '../kube/client/kube-client.ts';
import { FencedError, type WriteFence } from '../kube/client/write-fence.ts';
import type { Logger } from '../telemetry/logger.ts';

/** Lets nothing be written to the cloud. */
export const observingFence: WriteFence = {
  assertHeld() {
    throw new FencedError('nothing is written under --mode=observe');
  },
};

/**
 * A client that reads like the one behind it and only says what it would write: controllers go on as if it were done, and
 * meet the same object again with its next change. What can't be pretended is refused.
 */
export function observingClient(client: KubeClient, logger: Logger): KubeClient {
  const say = (verb: string, kind: string, name: string): void =>
    logger.info('Would write to the cluster', { verb, kind, name });
  return {
    get: (resource, name, options) => client.get(resource, name, options),
    list: (resource, options) => client.list(resource, options),
    watch: (resource, options) => client.watch(resource, options),
    create(resource, object) {
      const { metadata } = object;
      say('create', resource.kind, nameKey({ namespace: metadata.namespace ?? '', name: metadata.name ?? '' }));
      return Promise.reject(new FencedError('nothing is created under --mode=observe'));
    },
    async patch(resource, name, _patch, options) {
      say('patch', resource.kind, nameKey(name));
      const { metadata }: KubernetesObject = await client.get(resource, name, options);
      return { resourceVersion: metadata.resourceVersion };
    },
    delete(resource, name) {
      say('delete', resource.kind, nameKey(name));
      return Promise.resolve();
    },
    raw(request) {
      if (request.method === 'GET') return client.raw(request);
      return Promise.reject(new FencedError('nothing is written under --mode=observe'));
    },
    close: () => Promise.resolve(),
  };
}

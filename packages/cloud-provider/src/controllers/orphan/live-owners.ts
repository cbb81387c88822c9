import type { KubernetesObject } from '../../api/object-meta.ts';
import { OwnerIndex } from '../../cloud/find-orphans.ts';
import type { OwnerClaim } from '../../cloud/inventory.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import { type Resource, nodes, services } from '../../kube/resources.ts';
import type { Logger } from '../../telemetry/logger.ts';

export interface LiveOwnersOptions {
  readonly client: KubeClient;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Asks the API server's storage, and no cache, whether an owner is there: among all objects, because a name that something in
 * the cloud tells may be wrong, and only who reads all of them can say that a UID is not there. One of these serves one round,
 * in which each resource is read once at most.
 */
export class LiveOwners {
  readonly #options: LiveOwnersOptions;
  #services: Promise<OwnerIndex> | undefined;
  #nodes: Promise<OwnerIndex> | undefined;

  constructor(options: LiveOwnersOptions) {
    this.#options = options;
  }

  /** `unknown` also when the API server does not answer, or does not allow the question. Rejects only when aborted. */
  async find(claim: OwnerClaim): Promise<'present' | 'absent' | 'unknown'> {
    const { logger, signal } = this.#options;
    try {
      return (await this.#ownersFor(claim)).find(claim);
    } catch (error) {
      signal.throwIfAborted();
      logger.warn('Whether the owner of an object is there is not known', { owner: claim.kind, err: error });
      return 'unknown';
    }
  }

  #ownersFor(claim: OwnerClaim): Promise<OwnerIndex> {
    switch (claim.kind) {
      case 'service':
        this.#services ??= this.#list(services).then(
          (items) => new OwnerIndex({ kind: 'complete', services: items, nodes: [] }),
        );
        return this.#services;
      case 'node':
      case 'podRange':
        this.#nodes ??= this.#list(nodes).then(
          (items) => new OwnerIndex({ kind: 'complete', services: [], nodes: items }),
        );
        return this.#nodes;
      case 'none':
        return Promise.resolve(new OwnerIndex({ kind: 'incomplete' }));
    }
  }

  async #list<T extends KubernetesObject>(resource: Resource<T>): Promise<readonly T[]> {
    const { client, signal } = this.#options;
    return (await client.list(resource, { signal })).items;
  }
}

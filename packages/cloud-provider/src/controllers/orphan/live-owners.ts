import type { Node } from '../../api/node.ts';
import type { KubernetesObject } from '../../api/object-meta.ts';
import type { Service } from '../../api/service.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { OwnerIndex } from '../../cloud/find-orphans.ts';
import type { OwnerClaim } from '../../cloud/inventory.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import { type Resource, nodes, services } from '../../kube/resources.ts';
import type { Logger } from '../../telemetry/logger.ts';

export interface LiveOwnersOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** A round waits for clouds between two questions, and what was read at its beginning proves nothing for long. */
const freshness = Duration.seconds(30);

interface Reading {
  readonly owners: Promise<OwnerIndex>;
  /** Monotonic milliseconds. */
  readonly begun: number;
}

/**
 * Asks the API server's storage, and no cache, whether an owner is there: among all objects, because a name that something in
 * the cloud tells may be wrong, and only who reads all of them can say that a UID is not there. One of these serves one round,
 * in which each resource is read once in 30 s at most.
 */
export class LiveOwners {
  readonly #options: LiveOwnersOptions;
  readonly #readings = new Map<'service' | 'node', Reading>();

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
        return this.#reading('service', async () => ({ services: await this.#list(services), nodes: [] }));
      case 'node':
      case 'podRange':
        return this.#reading('node', async () => ({ services: [], nodes: await this.#list(nodes) }));
      case 'none':
        return Promise.resolve(new OwnerIndex({ kind: 'incomplete' }));
    }
  }

  #reading(
    kind: 'service' | 'node',
    read: () => Promise<{ readonly services: readonly Service[]; readonly nodes: readonly Node[] }>,
  ): Promise<OwnerIndex> {
    const now = this.#options.clock.monotonic();
    const known = this.#readings.get(kind);
    if (known && now - known.begun < freshness.milliseconds) return known.owners;
    const owners = read().then((present) => new OwnerIndex({ kind: 'complete', ...present }));
    this.#readings.set(kind, { owners, begun: now });
    return owners;
  }

  async #list<T extends KubernetesObject>(resource: Resource<T>): Promise<readonly T[]> {
    const { client, signal } = this.#options;
    return (await client.list(resource, { signal })).items;
  }
}

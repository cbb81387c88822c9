import { nameKey } from '../../api/object-meta.ts';
import type { Service } from '../../api/service.ts';
import type { Clock } from '../../base/clock.ts';
import { isConflict, isNotFound } from '../../kube/client/api-error.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { WriteFence } from '../../kube/client/write-fence.ts';
import type { Store } from '../../kube/informer/informer.ts';
import { services } from '../../kube/resources.ts';
import { OwnWrites } from '../../reconcile/own-writes.ts';
import type { MemberState } from './member-state.ts';
import { type ServiceWrites, servicePatch } from './service-patches.ts';

export interface ServicePublisherOptions {
  /** What the informer knows. */
  readonly store: Store<Service>;
  readonly client: KubeClient;
  readonly fence: WriteFence | undefined;
  readonly clock: Clock;
}

/** A Service that others write faster than this many patches can follow goes back to the queue. */
const maxAttempts = 5;

/** Writes onto Services, and only what is not there already. */
export class ServicePublisher {
  readonly #options: ServicePublisherOptions;
  readonly #writes = new OwnWrites();

  constructor(options: ServicePublisherOptions) {
    this.#options = options;
  }

  /** Whether the version is from before our last write to the Service. */
  isOutdated(service: Service): boolean {
    return this.#writes.isOutdated(service);
  }

  /** Whether anything was written to the Service since it was last forgotten. */
  hasWritten(uid: string): boolean {
    return this.#writes.has(uid);
  }

  /** The Service is gone for good. */
  forget(uid: string): void {
    this.#writes.forget(uid);
  }

  /**
   * Makes the writes true. `gone` when the Service is no longer there, or another one has its name; `outdated` when it is not
   * of the one version that they are for.
   *
   * @throws ApiError for everything else that the API server does not do
   */
  async write(
    member: MemberState,
    writes: ServiceWrites,
    signal: AbortSignal,
  ): Promise<'written' | 'unchanged' | 'gone' | 'outdated'> {
    const { client, clock, fence } = this.#options;
    const { service } = member;
    const patch = servicePatch(service, writes, clock.now());
    if (!patch) return 'unchanged';
    const { name, namespace } = service.metadata;
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await client.patch(services, { name, namespace }, patch, {
          signal,
          subresource: 'status',
          ...(fence && { fence }),
        });
        this.#writes.remember(service, result.resourceVersion);
        break;
      } catch (error) {
        if (isNotFound(error)) return 'gone';
        if (!isConflict(error)) throw error;
        if (!this.#isThere(service)) return 'gone';
        // Once more: the version may be right and the API server just too busy with it.
        if (writes.onlyVersion !== undefined && attempt > 1) return 'outdated';
        if (attempt === maxAttempts) throw error;
      }
    }
    // The cache brings the new version later; until then nothing is to be written twice, or forgotten.
    if (member.service === service || this.isOutdated(member.service)) {
      member.service = withWrites(member.service, writes);
    }
    return 'written';
  }

  /**
   * The patch carries no version, only the UID. The API server says conflict when that is another's, but also when others
   * write the Service faster than it can merge, and then the Service must not be taken for gone.
   */
  #isThere({ metadata }: Service): boolean {
    return this.#options.store.get(nameKey(metadata))?.metadata.uid === metadata.uid;
  }
}

/** The Service as it is after the writes, as far as they are compared with it. */
function withWrites(service: Service, writes: ServiceWrites): Service {
  const removed = new Set(writes.removeFinalizers ?? []);
  const finalizers = new Set(service.metadata.finalizers.filter((finalizer) => !removed.has(finalizer)));
  if (writes.addFinalizer !== undefined) finalizers.add(writes.addFinalizer);
  const conditions = new Map(service.status.conditions.map((condition) => [condition.type, condition]));
  for (const { type, status, reason, message } of writes.conditions ?? []) {
    const old = conditions.get(type) ?? { observedGeneration: 0, lastTransitionTime: '' };
    conditions.set(type, { ...old, type, status, reason, message });
  }
  for (const type of writes.removeConditions ?? []) conditions.delete(type);
  const annotations: Record<string, string> = { ...service.metadata.annotations, ...writes.annotations };
  for (const key of writes.removeAnnotations ?? []) delete annotations[key];
  return {
    ...service,
    metadata: { ...service.metadata, finalizers: [...finalizers], annotations },
    status: { loadBalancer: writes.loadBalancer ?? service.status.loadBalancer, conditions: [...conditions.values()] },
  };
}

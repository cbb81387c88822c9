import { type KubernetesObject, objectKey } from '../../api/object-meta.ts';
import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import { type Logger, silentLogger } from '../../telemetry/logger.ts';
import type { CounterSeries, MetricRegistry } from '../../telemetry/metrics.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { type ReflectedState, Reflector, type ReflectorTarget } from '../reflector/reflector.ts';
import { isNewer } from '../reflector/resource-version.ts';
import type { Resource } from '../resources.ts';
import type { EventHandler, Informer, Store } from './informer.ts';
import { ObjectStore } from './object-store.ts';

export interface InformerOptions {
  readonly clock: Clock;
  readonly logger?: Logger | undefined;
  readonly metrics?: MetricRegistry | undefined;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Tells handlers of every object again, as an update to itself. @default never */
  readonly resyncPeriod?: Duration | undefined;
  /** Silence after which a watch is taken for dead. @default 90s */
  readonly idleTimeout?: Duration | undefined;
  /** Uniform in [0, 1). @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** Makes an informer; it does nothing until it is started. */
export function createInformer<T extends KubernetesObject>(
  client: KubeClient,
  resource: Resource<T>,
  options: InformerOptions,
): Informer<T> {
  return new SharedInformer(client, resource, options);
}

/** The series that every event touches, looked up once. */
type EventCounters = Readonly<Record<'add' | 'update' | 'delete' | 'error', CounterSeries | undefined>>;

class SharedInformer<T extends KubernetesObject> implements Informer<T>, ReflectorTarget<T> {
  readonly resource: Resource<T>;
  readonly synced: Promise<void>;
  readonly #store = new ObjectStore<T>();
  readonly #reflector: Reflector<T>;
  readonly #options: InformerOptions;
  readonly #logger: Logger;
  readonly #counters: EventCounters;
  #handlers: readonly EventHandler<T>[] = [];
  #hasSynced = false;
  #isStarted = false;
  #resolveSynced: () => void = () => {};

  constructor(client: KubeClient, resource: Resource<T>, options: InformerOptions) {
    this.resource = resource;
    this.#options = options;
    this.#logger = (options.logger ?? silentLogger).child({ resource: resource.plural });
    this.#counters = countersOf(resource, options.metrics);
    this.#reflector = new Reflector(client, resource, {
      ...options,
      onInterrupted: (cause) => {
        options.metrics?.counter('ccm_informer_restarts_total', { resource: resource.plural, cause }).increment();
      },
    });
    this.synced = new Promise((resolve) => {
      this.#resolveSynced = resolve;
    });
    const held = options.metrics?.gauge('ccm_informer_objects', { resource: resource.plural });
    options.metrics?.onCollect(() => held?.set(this.#store.size));
  }

  get store(): Store<T> {
    return this.#store;
  }

  addHandler(handler: EventHandler<T>): () => void {
    for (const object of this.#store.list()) this.#deliver(handler, () => handler.onAdd(object, true));
    this.#handlers = [...this.#handlers, handler];
    return () => {
      this.#handlers = this.#handlers.filter((known) => known !== handler);
    };
  }

  addIndex(name: string, keys: (object: T) => readonly string[]): void {
    this.#store.addIndex(name, (object) => {
      try {
        return keys(object);
      } catch (error) {
        this.#logger.error('an index threw', { index: name, error: String(error) });
        return [];
      }
    });
  }

  start(signal: AbortSignal): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    void this.#reflector.run(this, signal);
    const { resyncPeriod } = this.#options;
    if (resyncPeriod !== undefined) void this.#resync(resyncPeriod, signal);
  }

  hasSynced(): boolean {
    return this.#hasSynced;
  }

  lastResourceVersion(): string {
    return this.#reflector.resourceVersion;
  }

  onInitial(object: T): void {
    this.#put(object, isNewer);
  }

  onReplace(state: ReflectedState<T>): void {
    // What was read from the quorum wins whatever its version; otherwise nothing goes back in time.
    const supersedes = state.isAuthoritative ? isDifferent : isNewer;
    const present = new Set<string>();
    for (const object of state.objects) {
      present.add(objectKey(object));
      this.#put(object, supersedes);
    }
    for (const key of [...this.#store.keys()]) {
      if (!present.has(key)) this.#remove(key);
    }
    if (this.#hasSynced) return;
    this.#hasSynced = true;
    this.#resolveSynced();
  }

  onChange(type: 'added' | 'modified' | 'deleted', object: T): void {
    if (type !== 'deleted') {
      this.#put(object, isNewer);
      return;
    }
    const key = objectKey(object);
    const known = this.#store.get(key);
    if (known === undefined || isNewer(known.metadata.resourceVersion, object.metadata.resourceVersion)) return;
    this.#remove(key, known.metadata.uid === object.metadata.uid ? object : known);
  }

  #put(object: T, supersedes: (version: string, known: string) => boolean): void {
    const known = this.#store.get(objectKey(object));
    if (known === undefined) {
      this.#add(object);
      return;
    }
    if (!supersedes(object.metadata.resourceVersion, known.metadata.resourceVersion)) return;
    if (known.metadata.uid !== object.metadata.uid) {
      this.#remove(objectKey(known));
      this.#add(object);
      return;
    }
    this.#store.set(object);
    this.#counters.update?.increment();
    for (const handler of this.#handlers) this.#deliver(handler, () => handler.onUpdate(known, object));
  }

  #add(object: T): void {
    const isInitial = !this.#hasSynced;
    this.#store.set(object);
    this.#counters.add?.increment();
    for (const handler of this.#handlers) this.#deliver(handler, () => handler.onAdd(object, isInitial));
  }

  #remove(key: string, last?: T): void {
    const known = this.#store.delete(key);
    if (known === undefined) return;
    this.#counters.delete?.increment();
    for (const handler of this.#handlers) this.#deliver(handler, () => handler.onDelete(last ?? known));
  }

  #deliver(handler: EventHandler<T>, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#counters.error?.increment();
      this.#logger.error('a handler threw', {
        handler: handler.constructor.name,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  }

  async #resync(period: Duration, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#options.clock.sleep(period, signal);
      } catch {
        return;
      }
      for (const object of [...this.#store.list()]) {
        if (this.#store.get(objectKey(object)) !== object) continue;
        for (const handler of this.#handlers) this.#deliver(handler, () => handler.onUpdate(object, object));
      }
    }
  }
}

function isDifferent(version: string, known: string): boolean {
  return version !== known;
}

function countersOf(resource: Resource<KubernetesObject>, metrics: MetricRegistry | undefined): EventCounters {
  const events = (type: string) => metrics?.counter('ccm_informer_events_total', { resource: resource.plural, type });
  return {
    add: events('add'),
    update: events('update'),
    delete: events('delete'),
    error: metrics?.counter('ccm_informer_handler_errors_total', { resource: resource.plural }),
  };
}

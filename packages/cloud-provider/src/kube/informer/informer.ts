import type { KubernetesObject } from '../../api/object-meta.ts';
import type { Resource } from '../resources.ts';

/**
 * Keeps a local copy of a resource and tells its handlers of each change. One informer serves many handlers.
 *
 * The copy never goes back in time. A handler sees every object it is told of in the order add, update…, delete, and again
 * from add; never two adds or two deletes in a row for one key. Transitions that happened while the connection was lost are
 * told as the difference between the last known and the present state.
 */
export interface Informer<T extends KubernetesObject> {
  readonly resource: Resource<T>;
  readonly store: Store<T>;
  /** Adds a handler; one that comes late is told of the present objects as initial adds. Returns how to remove it. */
  addHandler(handler: EventHandler<T>): () => void;
  /** Adds an index: `keys` gives the values under which an object is found by {@link Store.byIndex}. Pure. */
  addIndex(name: string, keys: (object: T) => readonly string[]): void;
  /** Starts once; the signal ends it for good. Never throws: failures are logged, counted and retried. */
  start(signal: AbortSignal): void;
  /** Resolves when the first complete state is in the store and every handler was told of it. */
  readonly synced: Promise<void>;
  hasSynced(): boolean;
  /** The newest version that the store is known to reflect; empty before the first list. */
  lastResourceVersion(): string;
}

/** The local copy. Objects are shared and must not be changed. Keys are those of `objectKey`. */
export interface Store<T extends KubernetesObject> {
  get(key: string): T | undefined;
  list(): Iterable<T>;
  readonly size: number;
  /** The objects that the index puts under the value. @throws RangeError when there is no such index */
  byIndex(name: string, value: string): readonly T[];
}

/** What a controller hears. Called synchronously; an error thrown here is logged and counted and disturbs nobody else. */
export interface EventHandler<T extends KubernetesObject> {
  /** @param initial whether the object belongs to the first complete state that this handler hears of */
  onAdd(object: T, initial: boolean): void;
  /** Never called with equal resource versions, except by a resync, where `old === next`. */
  onUpdate(old: T, next: T): void;
  /** @param last the final state, or the last known one when the deletion itself was missed */
  onDelete(last: T): void;
}

export { createInformer, type InformerOptions } from './shared-informer.ts';

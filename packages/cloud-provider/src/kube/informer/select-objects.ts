import { type KubernetesObject, objectKey } from '../../api/object-meta.ts';
import type { EventHandler, Informer, Store } from './informer.ts';

/**
 * The part of a resource that `accepts` lets through, as an informer of its own. An object that begins to be accepted is told
 * as an add, one that ceases to be as a deletion; whoever listens can't tell that from its coming and going, so that this is
 * only for those who forget what is deleted and undo nothing for it.
 *
 * @param accepts pure, and cheap: asked for each change of an object
 */
export function selectObjects<T extends KubernetesObject>(
  informer: Informer<T>,
  accepts: (object: T) => boolean,
): Informer<T> {
  return {
    resource: informer.resource,
    store: new SelectedStore(informer.store, accepts),
    addHandler: (handler) => informer.addHandler(selectedHandler(handler, accepts)),
    addIndex: (name, keys) => informer.addIndex(name, keys),
    start: (signal) => informer.start(signal),
    synced: informer.synced,
    hasSynced: () => informer.hasSynced(),
    lastResourceVersion: () => informer.lastResourceVersion(),
  };
}

function selectedHandler<T extends KubernetesObject>(
  handler: EventHandler<T>,
  accepts: (object: T) => boolean,
): EventHandler<T> {
  // What was told, not what the old version says: the final state of a deleted object may be one that was never told.
  const told = new Set<string>();
  return {
    onAdd(object, initial) {
      if (!accepts(object)) return;
      told.add(objectKey(object));
      handler.onAdd(object, initial);
    },
    onUpdate(old, next) {
      const key = objectKey(next);
      const isAccepted = accepts(next);
      if (told.has(key)) {
        if (isAccepted) handler.onUpdate(old, next);
        else {
          told.delete(key);
          handler.onDelete(old);
        }
      } else if (isAccepted) {
        told.add(key);
        handler.onAdd(next, false);
      }
    },
    onDelete(last) {
      if (told.delete(objectKey(last))) handler.onDelete(last);
    },
  };
}

class SelectedStore<T extends KubernetesObject> implements Store<T> {
  readonly #store: Store<T>;
  readonly #accepts: (object: T) => boolean;

  constructor(store: Store<T>, accepts: (object: T) => boolean) {
    this.#store = store;
    this.#accepts = accepts;
  }

  get size(): number {
    let size = 0;
    for (const object of this.#store.list()) if (this.#accepts(object)) size++;
    return size;
  }

  get(key: string): T | undefined {
    const object = this.#store.get(key);
    return object && this.#accepts(object) ? object : undefined;
  }

  *list(): Iterable<T> {
    for (const object of this.#store.list()) if (this.#accepts(object)) yield object;
  }

  byIndex(name: string, value: string): readonly T[] {
    return this.#store.byIndex(name, value).filter(this.#accepts);
  }
}

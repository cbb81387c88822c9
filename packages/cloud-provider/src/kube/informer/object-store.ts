import { type KubernetesObject, objectKey } from '../../api/object-meta.ts';
import type { Store } from './informer.ts';

interface Index<T> {
  readonly keysOf: (object: T) => readonly string[];
  readonly byValue: Map<string, Set<T>>;
}

/** Objects by key, with indexes that follow every change. */
export class ObjectStore<T extends KubernetesObject> implements Store<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): Iterable<T> {
    return this.#objects.values();
  }

  keys(): Iterable<string> {
    return this.#objects.keys();
  }

  get size(): number {
    return this.#objects.size;
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new RangeError(`there is no index ${JSON.stringify(name)}`);
    return [...(index.byValue.get(value) ?? [])];
  }

  addIndex(name: string, keysOf: (object: T) => readonly string[]): void {
    if (this.#indexes.has(name)) throw new RangeError(`there is an index ${JSON.stringify(name)} already`);
    const index: Index<T> = { keysOf, byValue: new Map() };
    for (const object of this.#objects.values()) enter(index, object);
    this.#indexes.set(name, index);
  }

  /** Gives back what stood under the object's key before. */
  set(object: T): T | undefined {
    const key = objectKey(object);
    const before = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) {
      if (before !== undefined) leave(index, before);
      enter(index, object);
    }
    return before;
  }

  /** Gives back what was removed. */
  delete(key: string): T | undefined {
    const before = this.#objects.get(key);
    if (before === undefined) return undefined;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) leave(index, before);
    return before;
  }
}

function enter<T>(index: Index<T>, object: T): void {
  for (const value of index.keysOf(object)) {
    const objects = index.byValue.get(value);
    if (objects === undefined) index.byValue.set(value, new Set([object]));
    else objects.add(object);
  }
}

function leave<T>(index: Index<T>, object: T): void {
  for (const value of index.keysOf(object)) {
    const objects = index.byValue.get(value);
    objects?.delete(object);
    if (objects?.size === 0) index.byValue.delete(value);
  }
}

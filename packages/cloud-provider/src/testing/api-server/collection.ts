import type { ApiObject } from './api-object.ts';

/** The one counter that gives every write of a server its place in the order of all writes. */
export class RevisionCounter {
  #current: number;

  constructor(first = 1) {
    this.#current = first;
  }

  get current(): number {
    return this.#current;
  }

  next(): number {
    this.#current += 1;
    return this.#current;
  }
}

/** One version of an object, with room for its encodings, so that each is made once however many clients read it. */
export interface StoredObject {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly object: ApiObject;
  readonly revision: number;
  readonly encodings: Map<string, Buffer>;
}

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One write. `current` is what is there afterwards; for a deletion the last state, with the deletion's resourceVersion. */
export interface Change {
  readonly type: ChangeType;
  readonly revision: number;
  readonly current: StoredObject;
  readonly previous: StoredObject | undefined;
  readonly encodings: Map<string, Buffer>;
}

export type ChangeListener = (change: Change) => void;

export interface CollectionOptions {
  readonly revisions: RevisionCounter;
  /** How many changes are kept for watches and consistent lists. */
  readonly historySize: number;
}

/**
 * The objects of one storage with the changes that led to them. Knows nothing of kinds, rules or HTTP. Everything is
 * synchronous, so no reader sees half a write.
 */
export class Collection {
  readonly #revisions: RevisionCounter;
  readonly #historySize: number;
  readonly #items = new Map<string, StoredObject>();
  readonly #listeners = new Set<ChangeListener>();
  #history: Change[] = [];
  #forgottenUpTo = 0;
  #sortedKeys: readonly string[] | undefined;

  constructor(options: CollectionOptions) {
    this.#revisions = options.revisions;
    this.#historySize = options.historySize;
  }

  get size(): number {
    return this.#items.size;
  }

  get(key: string): StoredObject | undefined {
    return this.#items.get(key);
  }

  /** Stores a new version; `seal` gets the version's number to write into the object. */
  put(place: { namespace: string; name: string; key: string }, seal: (revision: number) => ApiObject): StoredObject {
    const revision = this.#revisions.next();
    const previous = this.#items.get(place.key);
    const current: StoredObject = { ...place, object: seal(revision), revision, encodings: new Map() };
    this.#items.set(place.key, current);
    if (!previous) this.#sortedKeys = undefined;
    this.#record({ type: previous ? 'MODIFIED' : 'ADDED', revision, current, previous, encodings: new Map() });
    return current;
  }

  /** Removes an object; undefined when there was none. */
  remove(key: string, seal: (last: ApiObject, revision: number) => ApiObject): StoredObject | undefined {
    const previous = this.#items.get(key);
    if (!previous) return undefined;
    const revision = this.#revisions.next();
    const current: StoredObject = {
      ...previous,
      object: seal(previous.object, revision),
      revision,
      encodings: new Map(),
    };
    this.#items.delete(key);
    this.#sortedKeys = undefined;
    this.#record({ type: 'DELETED', revision, current, previous, encodings: new Map() });
    return current;
  }

  /** All objects as they are now, in the order of their keys. */
  list(): readonly StoredObject[] {
    this.#sortedKeys ??= [...this.#items.keys()].sort();
    const found: StoredObject[] = [];
    for (const key of this.#sortedKeys) {
      const item = this.#items.get(key);
      if (item) found.push(item);
    }
    return found;
  }

  /** All objects as they were at a revision, or undefined when that is no longer known. */
  snapshot(revision: number): readonly StoredObject[] | undefined {
    if (revision < this.#forgottenUpTo) return undefined;
    const later = this.#changesAfter(revision);
    if (later.length === 0) return this.list();
    const items = new Map(this.#items);
    for (const change of later.toReversed()) {
      if (change.previous) items.set(change.previous.key, change.previous);
      else items.delete(change.current.key);
    }
    return [...items.values()].sort((left, right) => (left.key < right.key ? -1 : 1));
  }

  /** The changes after a revision in order, or undefined when some of them are no longer known. */
  changesAfter(revision: number): readonly Change[] | undefined {
    return revision < this.#forgottenUpTo ? undefined : this.#changesAfter(revision);
  }

  /** Calls back for every change from now on, within the write. The returned function ends it. */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets the changes up to and including a revision, as a compaction of etcd does. */
  compact(revision: number): void {
    this.#history = this.#history.filter((change) => change.revision > revision);
    this.#forgottenUpTo = Math.max(this.#forgottenUpTo, revision);
  }

  #changesAfter(revision: number): readonly Change[] {
    let low = 0;
    let high = this.#history.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const change = this.#history[middle];
      if (change && change.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#history.slice(low);
  }

  #record(change: Change): void {
    this.#history.push(change);
    // Trimmed in large steps, so that a write costs the same whether or not the history is full.
    if (this.#history.length >= this.#historySize * 2) {
      const dropped = this.#history.splice(0, this.#history.length - this.#historySize);
      this.#forgottenUpTo = dropped.at(-1)?.revision ?? this.#forgottenUpTo;
    }
    for (const listener of [...this.#listeners]) listener(change);
    // Encodings are for those who read the newest version; the past is kept small.
    change.encodings.clear();
    change.previous?.encodings.clear();
  }
}

interface Version<Value> {
  readonly since: number;
  /** Undefined while the key is absent. */
  readonly value: Value | undefined;
}

/**
 * A map that remembers what it was: writes see the present, reads may be given an earlier time, which is how a cloud whose
 * replicas lag behind looks from outside. Times are monotonic milliseconds. Values are immutable.
 */
export class LaggedMap<Value> {
  readonly #history = new Map<string, Version<Value>[]>();
  readonly #present = new Map<string, Value>();
  /** Keys that were deleted, in the order in which their histories may be forgotten. */
  readonly #deleted: { readonly key: string; readonly at: number }[] = [];

  get size(): number {
    return this.#present.size;
  }

  get(key: string): Value | undefined {
    return this.#present.get(key);
  }

  /** In the order in which the keys were first set. */
  values(): IterableIterator<Value> {
    return this.#present.values();
  }

  /** @param keep what was true since this time stays readable */
  set(key: string, value: Value, times: { readonly now: number; readonly keep: number }): void {
    this.#present.set(key, value);
    this.#record(key, value, times);
  }

  /** @param keep what was true since this time stays readable */
  delete(key: string, times: { readonly now: number; readonly keep: number }): void {
    if (!this.#present.delete(key)) return;
    this.#record(key, undefined, times);
    this.#deleted.push({ key, at: times.now });
    while (this.#deleted[0] && this.#deleted[0].at < times.keep) {
      const oldest = this.#deleted.shift();
      // It may have come back since, and even gone again.
      const last = oldest && this.#history.get(oldest.key)?.at(-1);
      if (last && last.value === undefined && last.since <= oldest.at) this.#history.delete(oldest.key);
    }
  }

  /** The value as it was at that time. */
  at(key: string, time: number): Value | undefined {
    const versions = this.#history.get(key);
    if (!versions) return undefined;
    for (let index = versions.length - 1; index >= 0; index--) {
      const version = versions[index];
      if (version && version.since <= time) return version.value;
    }
    return undefined;
  }

  /** All values as they were at that time, by key. */
  *entriesAt(time: number): IterableIterator<readonly [string, Value]> {
    for (const key of this.#history.keys()) {
      const value = this.at(key, time);
      if (value !== undefined) yield [key, value];
    }
  }

  #record(key: string, value: Value | undefined, times: { readonly now: number; readonly keep: number }): void {
    const versions = this.#history.get(key);
    if (!versions) {
      this.#history.set(key, [{ since: times.now, value }]);
      return;
    }
    versions.push({ since: times.now, value });
    while (versions[1] && versions[1].since <= times.keep) versions.shift();
  }
}

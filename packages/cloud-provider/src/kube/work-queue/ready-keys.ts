/** Keys by priority; among equals in the order of arrival. Taking and adding cost next to nothing while priorities are few. */
export class ReadyKeys<Key extends string> {
  readonly #priorities = new Map<Key, number>();
  /** Highest priority first; no line is empty. */
  readonly #lines: { readonly priority: number; readonly keys: Set<Key> }[] = [];

  get size(): number {
    return this.#priorities.size;
  }

  has(key: Key): boolean {
    return this.#priorities.has(key);
  }

  /** Adds the key, or raises its priority; a lower one changes nothing. */
  add(key: Key, priority: number): void {
    const known = this.#priorities.get(key);
    if (known !== undefined) {
      if (known >= priority) return;
      this.#remove(key, known);
    }
    this.#priorities.set(key, priority);
    this.#line(priority).add(key);
  }

  /** Takes the first key of the highest priority. */
  take(): Key | undefined {
    const line = this.#lines[0];
    if (!line) return undefined;
    const [key] = line.keys;
    if (key === undefined) return undefined;
    this.#remove(key, line.priority);
    return key;
  }

  #remove(key: Key, priority: number): void {
    this.#priorities.delete(key);
    const index = this.#lines.findIndex((line) => line.priority === priority);
    const line = this.#lines[index];
    line?.keys.delete(key);
    if (line?.keys.size === 0) this.#lines.splice(index, 1);
  }

  #line(priority: number): Set<Key> {
    const known = this.#lines.find((line) => line.priority === priority);
    if (known) return known.keys;
    const keys = new Set<Key>();
    const behind = this.#lines.findIndex((line) => line.priority < priority);
    this.#lines.splice(behind < 0 ? this.#lines.length : behind, 0, { priority, keys });
    return keys;
  }
}

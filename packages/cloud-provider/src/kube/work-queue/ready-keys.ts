interface Line<Key> {
  readonly priority: number;
  /** Taken from `head` on. May hold keys that were raised out of this line meanwhile. */
  keys: Key[];
  head: number;
}

/** How many taken places a line keeps before it is cut. */
const longestTail = 1024;

/** Keys by priority; among equals in the order of arrival. Taking and adding cost next to nothing while priorities are few. */
export class ReadyKeys<Key extends string> {
  readonly #priorities = new Map<Key, number>();
  /** Highest priority first. */
  readonly #lines: Line<Key>[] = [];

  get size(): number {
    return this.#priorities.size;
  }

  has(key: Key): boolean {
    return this.#priorities.has(key);
  }

  /** Adds the key, or raises its priority; a lower one changes nothing. */
  add(key: Key, priority: number): void {
    const known = this.#priorities.get(key);
    if (known !== undefined && known >= priority) return;
    this.#priorities.set(key, priority);
    this.#line(priority).keys.push(key);
  }

  /** Takes the first key of the highest priority. */
  take(): Key | undefined {
    for (let line = this.#lines[0]; line !== undefined; line = this.#lines[0]) {
      for (let key = line.keys[line.head]; key !== undefined; key = line.keys[line.head]) {
        line.head++;
        if (this.#priorities.get(key) !== line.priority) continue;
        this.#priorities.delete(key);
        cut(line);
        return key;
      }
      this.#lines.shift();
    }
    return undefined;
  }

  #line(priority: number): Line<Key> {
    const known = this.#lines.find((line) => line.priority === priority);
    if (known) return known;
    const line: Line<Key> = { priority, keys: [], head: 0 };
    const behind = this.#lines.findIndex((other) => other.priority < priority);
    this.#lines.splice(behind < 0 ? this.#lines.length : behind, 0, line);
    return line;
  }
}

/** Gives the memory of taken places back, rarely enough to cost nothing. */
function cut<Key>(line: Line<Key>): void {
  if (line.head < longestTail || line.head * 2 < line.keys.length) return;
  line.keys = line.keys.slice(line.head);
  line.head = 0;
}

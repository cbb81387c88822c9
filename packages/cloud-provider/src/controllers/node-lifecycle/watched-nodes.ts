import type { Node } from '../../api/node.ts';
import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import { type FirstSight, ageOf, firstSightOf } from './node-age.ts';
import { needsAttention } from './node-readiness.ts';

/** Knows since when each Node is known, and which of them need a look. */
export class WatchedNodes {
  readonly #clock: Clock;
  readonly #firstSeen = new Map<string, FirstSight>();
  readonly #attention = new Set<string>();
  readonly #due = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many need a look in each pass. */
  get size(): number {
    return this.#attention.size;
  }

  /** How many wait for the next pass. */
  get due(): number {
    return this.#due.size;
  }

  /**
   * A Node that was not known before: `listed` was there before this process looked. Returns whether it needs a look now.
   */
  add(node: Node, how: 'listed' | 'joined'): boolean {
    const now = this.#now();
    this.#firstSeen.set(node.metadata.name, how === 'listed' ? firstSightOf(node, now) : { at: now.monotonic, age: 0 });
    return this.look(node);
  }

  /** Another version of a known Node. Returns whether it needs a look. */
  look(node: Node): boolean {
    const { name } = node.metadata;
    if (!needsAttention(node)) {
      this.#attention.delete(name);
      this.#due.delete(name);
      return false;
    }
    this.#attention.add(name);
    return true;
  }

  remove(name: string): void {
    this.#firstSeen.delete(name);
    this.#attention.delete(name);
    this.#due.delete(name);
  }

  /** Puts one node into the next pass. */
  want(name: string): void {
    this.#due.add(name);
  }

  /** Puts all that need a look into the next pass. */
  wantAll(): void {
    for (const name of this.#attention) this.#due.add(name);
  }

  /** The nodes of the next pass. */
  take(): readonly string[] {
    const names = [...this.#due];
    this.#due.clear();
    return names;
  }

  /** How long the Node exists at least. */
  ageOf(node: Node): Duration {
    const now = this.#now();
    return ageOf(node, this.#firstSeen.get(node.metadata.name) ?? { at: now.monotonic, age: 0 }, now);
  }

  #now(): { readonly monotonic: number; readonly wall: Date } {
    return { monotonic: this.#clock.monotonic(), wall: this.#clock.now() };
  }
}

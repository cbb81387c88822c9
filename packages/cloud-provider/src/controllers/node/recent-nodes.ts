import type { Clock } from '../../base/clock.ts';
import type { ItemStatus } from '../controller.ts';

/** Enough for a person to see what just happened; all of a large cluster would bury it. */
const mostShown = 100;

/** The nodes that were initialised last. */
export class RecentNodes {
  readonly #clock: Clock;
  readonly #nodes = new Map<string, { readonly providerID: string; readonly since: string }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(name: string, providerID: string): void {
    this.#nodes.delete(name);
    this.#nodes.set(name, { providerID, since: this.#clock.now().toISOString() });
    const [oldest] = this.#nodes.keys();
    if (this.#nodes.size > mostShown && oldest !== undefined) this.#nodes.delete(oldest);
  }

  forget(name: string): void {
    this.#nodes.delete(name);
  }

  /** The latest first. */
  status(): readonly ItemStatus[] {
    return [...this.#nodes].reverse().map(([key, { providerID, since }]) => ({
      kind: 'Node',
      key,
      state: 'initialised',
      reason: '',
      message: providerID,
      since,
      nextAttempt: '',
      plan: [],
    }));
  }
}

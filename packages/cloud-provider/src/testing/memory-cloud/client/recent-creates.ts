import type { Clock } from '../../../base/clock.ts';
import { Duration } from '../../../base/duration.ts';

/**
 * Remembers which names were asked to be created a moment ago. The cloud's reads lag behind its writes, so for that long a
 * "not found" about such a name proves nothing.
 */
export class RecentCreates {
  readonly #clock: Clock;
  readonly #window: Duration;
  readonly #createdAt = new Map<string, number>();

  /** @param window how long reads may lag behind */
  constructor(clock: Clock, window: Duration) {
    this.#clock = clock;
    this.#window = window;
  }

  /** To be called before the request is sent, because its answer may get lost. */
  note(name: string): void {
    this.#forgetOld();
    this.#createdAt.delete(name);
    this.#createdAt.set(name, this.#clock.monotonic());
  }

  /** The name was seen, or surely deleted. */
  forget(name: string): void {
    this.#createdAt.delete(name);
  }

  /** How long a "not found" about the name proves nothing; zero when it is proof. */
  doubtFor(name: string): Duration {
    const createdAt = this.#createdAt.get(name);
    if (createdAt === undefined) return Duration.zero;
    const age = this.#clock.monotonic() - createdAt;
    return Duration.milliseconds(Math.max(0, this.#window.milliseconds - age));
  }

  #forgetOld(): void {
    const oldest = this.#clock.monotonic() - this.#window.milliseconds;
    for (const [name, createdAt] of this.#createdAt) {
      if (createdAt > oldest) return;
      this.#createdAt.delete(name);
    }
  }
}

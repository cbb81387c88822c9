import type { Clock } from '../../../base/clock.ts';
import { Duration } from '../../../base/duration.ts';

/**
 * Remembers which names were asked to be created a moment ago, and which ids to be deleted. The cloud's reads lag behind its
 * writes, so for that long neither a "not found" about such a name nor the sight of such an id proves anything.
 */
export class RecentCreates {
  readonly #clock: Clock;
  readonly #window: Duration;
  readonly #createdAt = new Map<string, number>();
  readonly #deletedAt = new Map<string, number>();

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

  /** To be called before the request is sent, because its answer may get lost. */
  noteDelete(id: string): void {
    this.#deletedAt.set(id, this.#clock.monotonic());
  }

  /** Whether what is seen of the id may be what it was before it was deleted. */
  mayBeDeleted(id: string): boolean {
    const deletedAt = this.#deletedAt.get(id);
    if (deletedAt === undefined) return false;
    if (this.#clock.monotonic() - deletedAt < this.#window.milliseconds) return true;
    this.#deletedAt.delete(id);
    return false;
  }

  #forgetOld(): void {
    const oldest = this.#clock.monotonic() - this.#window.milliseconds;
    for (const [name, createdAt] of this.#createdAt) {
      if (createdAt > oldest) return;
      this.#createdAt.delete(name);
    }
  }
}

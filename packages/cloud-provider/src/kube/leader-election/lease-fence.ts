import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { FencedError, type WriteFence } from '../client/write-fence.ts';

/**
 * Open from a renewal of the lease until the renew deadline after it was *sent*: others may take the lease over no earlier
 * than the longer lease duration after they saw it. Read from the monotonic clock at each request, so it holds for a process
 * that was stopped in between, before any of its timers has run.
 */
export class LeaseFence implements WriteFence {
  readonly #clock: Clock;
  readonly #lease: string;
  #heldUntil = Number.NEGATIVE_INFINITY;
  #state: 'open' | 'closed' | 'lost' = 'open';

  /** @param lease how messages name it */
  constructor(clock: Clock, lease: string) {
    this.#clock = clock;
    this.#lease = lease;
  }

  /** How long writes may still start; zero when they may not. */
  get remaining(): Duration {
    if (this.#state !== 'open') return Duration.zero;
    return Duration.milliseconds(Math.max(0, this.#heldUntil - this.#clock.monotonic()));
  }

  isHeld(): boolean {
    return this.#state === 'open' && this.#clock.monotonic() < this.#heldUntil;
  }

  assertHeld(): void {
    if (this.isHeld()) return;
    throw new FencedError(`the lease ${this.#lease} is not surely held any more, so nothing may be written`);
  }

  assertNotLost(): void {
    const wasHeld = this.#heldUntil !== Number.NEGATIVE_INFINITY;
    if (this.#state !== 'lost' && !(wasHeld && this.#clock.monotonic() >= this.#heldUntil)) return;
    throw new FencedError(`the lease ${this.#lease} is lost, so nothing is asked any more`);
  }

  /** Opens the fence until that time of the monotonic clock. A fence that was closed or lost stays so. */
  holdUntil(monotonic: number): void {
    this.#heldUntil = monotonic;
  }

  /** For good, and in good order: nothing may be written any more. */
  close(): void {
    if (this.#state === 'open') this.#state = 'closed';
  }

  /** For good: another holds the lease, or may. */
  lose(): void {
    this.#state = 'lost';
  }
}

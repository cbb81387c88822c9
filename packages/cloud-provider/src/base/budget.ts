import { AbortListeners, abortReason } from './abort.ts';
import type { Clock } from './clock.ts';
import { Duration } from './duration.ts';
import { TokenBucket } from './token-bucket.ts';

export interface AdaptiveBudgetOptions<Priority extends string> {
  readonly clock: Clock;
  /** The classes, most urgent first: what is in a lower class waits while anything in a higher one does. */
  readonly priorities: readonly Priority[];
  /** Starts a second in the beginning. @default 10 */
  readonly initialRate?: number;
  /** @default 0.2 */
  readonly minRate?: number;
  /** @default 1000 */
  readonly maxRate?: number;
  /** Starts that may come at once after a quiet time. @default 20 */
  readonly burst?: number;
}

/** One budget as `/statusz` shows it. */
export interface BudgetSnapshot<Priority extends string> {
  /** Starts a second that are allowed now. */
  readonly rate: number;
  readonly tokens: number;
  readonly waiting: Readonly<Record<Priority, number>>;
  readonly started: number;
  readonly throttled: number;
  /** Nothing starts for so long; undefined when nothing holds it. */
  readonly heldFor: Duration | undefined;
}

interface Waiter {
  start(): void;
}

/** As long as no call was ever refused, each success adds so much: the rate grows almost threefold in each second. */
const growthUntilRefused = 1;
/** While every success comes at the full rate, the rate grows by so many starts a second in each second. */
const growthPerSecond = 1;
const decreaseFactor = 0.5;
/** Calls that were under way together are refused together; that is one sign of pressure, not many. */
const decreaseInterval = Duration.seconds(1);

/**
 * An adaptive token bucket, which learns as TCP does: the rate grows exponentially while it is used to the full and nothing
 * is refused, is halved when a call is throttled, and grows additively from then on; a Retry-After holds everything back until
 * it has passed. There is one for each API group in each scope.
 */
export class AdaptiveBudget<Priority extends string> {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #minRate: number;
  readonly #maxRate: number;
  readonly #waiting: ReadonlyMap<Priority, Set<Waiter>>;
  readonly #abortListeners = new AbortListeners();
  #cancelWakeUp: (() => void) | undefined;
  #heldUntil = Number.NEGATIVE_INFINITY;
  #decreasedAt = Number.NEGATIVE_INFINITY;
  #started = 0;
  #throttled = 0;

  constructor(options: AdaptiveBudgetOptions<Priority>) {
    const { clock, priorities, initialRate = 10, minRate = 0.2, maxRate = 1000, burst = 20 } = options;
    if (!(minRate > 0 && minRate <= initialRate && initialRate <= maxRate)) {
      throw new RangeError(`rates must be 0 < min <= initial <= max, not ${minRate}, ${initialRate}, ${maxRate}`);
    }
    this.#clock = clock;
    this.#minRate = minRate;
    this.#maxRate = maxRate;
    this.#bucket = new TokenBucket({ rate: initialRate, burst, clock });
    this.#waiting = new Map(priorities.map((priority) => [priority, new Set<Waiter>()]));
  }

  /**
   * Resolves when the call may start; first come, first served within a class. Rejects with the signal's reason; a caller
   * that gave up consumes nothing.
   */
  acquire(priority: Priority, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const line = this.#waiting.get(priority);
      if (!line) {
        reject(new RangeError(`unknown priority ${priority}`));
        return;
      }
      if (signal.aborted) {
        reject(abortReason(signal));
        return;
      }
      const waiter: Waiter = {
        start() {
          stopListening();
          resolve();
        },
      };
      const stopListening = this.#abortListeners.onAbort(signal, (reason) => {
        line.delete(waiter);
        reject(reason);
      });
      line.add(waiter);
      this.#startDue();
    });
  }

  /** A call was refused for its rate. Nothing starts before `retryAfter` has passed. */
  onThrottled(retryAfter?: Duration): void {
    this.#throttled++;
    const now = this.#clock.monotonic();
    if (now - this.#decreasedAt >= decreaseInterval.milliseconds) {
      this.#decreasedAt = now;
      this.#bucket.setRate(Math.max(this.#minRate, this.#bucket.rate * decreaseFactor));
    }
    this.#bucket.empty();
    if (retryAfter) this.#heldUntil = Math.max(this.#heldUntil, now + retryAfter.milliseconds);
    this.#startDue();
  }

  /** A call was accepted. */
  onSuccess(): void {
    // A rate that nobody uses proves nothing, so it must not grow.
    if (this.#bucket.tokens >= 1) return;
    const rate = this.#bucket.rate;
    const growth = this.#throttled === 0 ? growthUntilRefused : growthPerSecond / Math.max(1, rate);
    this.#bucket.setRate(Math.min(this.#maxRate, rate + growth));
  }

  snapshot(): BudgetSnapshot<Priority> {
    const waiting: Partial<Record<Priority, number>> = {};
    for (const [priority, line] of this.#waiting) waiting[priority] = line.size;
    const held = this.#heldUntil - this.#clock.monotonic();
    return {
      rate: this.#bucket.rate,
      tokens: this.#bucket.tokens,
      waiting: waiting as Record<Priority, number>,
      started: this.#started,
      throttled: this.#throttled,
      heldFor: held > 0 ? Duration.milliseconds(held) : undefined,
    };
  }

  #startDue(): void {
    this.#cancelWakeUp?.();
    this.#cancelWakeUp = undefined;
    for (let line = this.#firstLine(); line !== undefined; line = this.#firstLine()) {
      const wait = this.#wait();
      if (wait.milliseconds > 0) {
        this.#cancelWakeUp = this.#clock.schedule(wait, () => this.#startDue());
        return;
      }
      const [waiter] = line;
      if (!waiter || !this.#bucket.tryTake()) return;
      line.delete(waiter);
      this.#started++;
      waiter.start();
    }
  }

  #wait(): Duration {
    const held = this.#heldUntil - this.#clock.monotonic();
    return this.#bucket.untilNext().max(Duration.milliseconds(held));
  }

  #firstLine(): Set<Waiter> | undefined {
    for (const line of this.#waiting.values()) if (line.size > 0) return line;
    return undefined;
  }
}

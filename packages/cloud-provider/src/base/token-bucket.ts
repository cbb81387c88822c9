import type { Clock } from './clock.ts';
import { Duration } from './duration.ts';

export interface TokenBucketOptions {
  /** Tokens a second. May be less than one. */
  readonly rate: number;
  /** The most that are kept, and what there is at the start. */
  readonly burst: number;
  readonly clock: Clock;
}

/** Sums of fractions fall short of whole tokens by less than this. */
const roundingError = 1e-9;

/** So many starts a second on average, so many at once. Keeps no queue and no timer: it only says when. */
export class TokenBucket {
  readonly #burst: number;
  readonly #clock: Clock;
  #rate: number;
  #tokens: number;
  #countedAt: number;

  constructor(options: TokenBucketOptions) {
    if (!(options.rate > 0) || !(options.burst >= 1)) {
      throw new RangeError(
        `a token bucket needs a rate above 0 and a burst of at least 1, not ${options.rate} and ${options.burst}`,
      );
    }
    this.#rate = options.rate;
    this.#burst = options.burst;
    this.#clock = options.clock;
    this.#tokens = options.burst;
    this.#countedAt = options.clock.monotonic();
  }

  get rate(): number {
    return this.#rate;
  }

  /** Takes effect from now on; what was earned at the old rate stays. */
  setRate(rate: number): void {
    this.#count();
    this.#rate = rate;
  }

  /** How many tokens there are now; the fraction is the part of the next one. */
  get tokens(): number {
    this.#count();
    return this.#tokens;
  }

  /** Takes one token if there is one. */
  tryTake(): boolean {
    this.#count();
    if (this.#tokens < 1 - roundingError) return false;
    this.#tokens = Math.max(0, this.#tokens - 1);
    return true;
  }

  /** Throws away what was saved up. */
  empty(): void {
    this.#count();
    this.#tokens = 0;
  }

  /** How long until there is a token; zero when there is one now. */
  untilNext(): Duration {
    this.#count();
    if (this.#tokens >= 1 - roundingError) return Duration.zero;
    return Duration.milliseconds(((1 - this.#tokens) / this.#rate) * 1000);
  }

  #count(): void {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#countedAt) / 1000) * this.#rate);
    this.#countedAt = now;
  }
}

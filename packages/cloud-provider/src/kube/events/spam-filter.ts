import type { ObjectReference } from '../../api/event.ts';
import type { Clock } from '../../base/clock.ts';
import { TokenBucket } from '../../base/token-bucket.ts';

/** client-go's `defaultSpamBurst` and `defaultSpamQPS`. */
const burst = 25;
const perSecond = 1 / 300;
const maxBuckets = 4096;

/** Keeps one object from filling the cluster with Events: 25 at once, then one each five minutes. */
export class SpamFilter {
  readonly #clock: Clock;
  /** In the order of the last use. */
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether one more may be written about this object. */
  allows(regarding: ObjectReference): boolean {
    const key = `${regarding.kind}/${regarding.namespace}/${regarding.name}/${regarding.uid}`;
    const bucket = this.#buckets.get(key) ?? new TokenBucket({ rate: perSecond, burst, clock: this.#clock });
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > maxBuckets && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket.tryTake();
  }

  /** Drops what has nothing to remember. */
  forgetQuiet(): void {
    for (const [key, bucket] of this.#buckets) if (bucket.tokens >= burst) this.#buckets.delete(key);
  }
}

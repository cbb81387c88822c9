import { Duration } from './duration.ts';

/** Says how long to wait before the next attempt, longer each time. */
export interface Backoff {
  /** The wait before the next attempt. Each call counts as one failed attempt. */
  next(): Duration;
  /** Starts again from the initial wait: call it on success. */
  reset(): void;
}

export interface ExponentialBackoffOptions {
  readonly initial: Duration;
  readonly max: Duration;
  /** @default 2 */
  readonly factor?: number;
  /** Each wait is lengthened by up to this part of itself, 0 to 1. The lengthened wait may pass `max`. @default 0 */
  readonly jitter?: number;
  /** Uniform in [0, 1). @default Math.random */
  readonly random?: () => number;
}

/** `initial · factor^n`, at most `max`, plus jitter. */
export function exponentialBackoff(options: ExponentialBackoffOptions): Backoff {
  const { initial, max, factor = 2, jitter = 0, random = Math.random } = options;
  let wait = initial.min(max);
  return {
    next() {
      const current = wait;
      wait = wait.times(factor).min(max);
      return current.times(1 + jitter * random());
    },
    reset() {
      wait = initial.min(max);
    },
  };
}

/** One back-off per key; a key that was never seen, or was forgotten, costs nothing. */
export interface ItemBackoff<Key> {
  /** The wait before the key's next attempt: `initial · 2^failures`, at most `max`. Counts one failure. */
  next(key: Key): Duration;
  /** Clears the key's failures: call it on success. */
  forget(key: Key): void;
  /** How many failures of the key in a row were counted. */
  failures(key: Key): number;
}

export interface ItemBackoffOptions {
  /** @default 5ms, as client-go */
  readonly initial?: Duration;
  /** @default 1000s, as client-go */
  readonly max?: Duration;
}

/** client-go's `ItemExponentialFailureRateLimiter`. Source: k8s.io/client-go util/workqueue/default_rate_limiters.go. */
export function itemBackoff<Key>(options: ItemBackoffOptions = {}): ItemBackoff<Key> {
  const { initial = Duration.milliseconds(5), max = Duration.seconds(1000) } = options;
  const failures = new Map<Key, number>();
  return {
    next(key) {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      return initial.times(2 ** count).min(max);
    },
    forget(key) {
      failures.delete(key);
    },
    failures: (key) => failures.get(key) ?? 0,
  };
}

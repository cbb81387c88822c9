import type { ItemBackoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';

export interface WorkQueueOptions<Key extends string> {
  /** The `name` label of its metrics. */
  readonly name: string;
  readonly clock: Clock;
  /** @default 5 ms doubling to 1000 s, as client-go */
  readonly backoff?: ItemBackoff<Key>;
  readonly metrics?: MetricRegistry;
}

export interface AddOptions {
  /** A higher number is taken first; among equals, first come, first served. @default 0 */
  readonly priority?: number;
}

/**
 * client-go's work queue: a key that is added twice is processed once; a key that is added while it is being processed is
 * processed again afterwards, never at the same time. Source: k8s.io/client-go util/workqueue.
 */
export declare class WorkQueue<Key extends string> {
  constructor(options: WorkQueueOptions<Key>);
  readonly name: string;
  /** How many keys are ready and not yet taken. Delayed ones and those in work do not count. */
  get length(): number;
  /** Does nothing after {@link shutDown}. Adding a waiting key with a higher priority raises it. */
  add(key: Key, options?: AddOptions): void;
  /** Adds later. Of two delays of one key the earlier wins. Zero or less adds at once. */
  addAfter(key: Key, after: Duration, options?: AddOptions): void;
  /** Adds after the key's own back-off, which grows until {@link forget}. */
  addRateLimited(key: Key, options?: AddOptions): void;
  /** Clears the key's back-off. It does not remove the key. */
  forget(key: Key): void;
  /** How many rate-limited adds the key had since it was last forgotten. */
  failures(key: Key): number;
  /** The next key; undefined once the queue is shut down and empty, or the signal is aborted. Each key got must be {@link done}. */
  get(signal: AbortSignal): Promise<Key | undefined>;
  /** The work on the key has ended. A key that was added meanwhile becomes ready. */
  done(key: Key): void;
  /** No more adds; delayed ones are dropped; what is ready is still handed out. */
  shutDown(): void;
  /** Shuts down and resolves when nothing is ready or in work (true), or when the deadline has passed (false). */
  drain(deadline: Duration): Promise<boolean>;
}

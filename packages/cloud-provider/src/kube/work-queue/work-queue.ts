import { AbortListeners } from '../../base/abort.ts';
import { type ItemBackoff, itemBackoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import { type QueueMetrics, noQueueMetrics, queueMetrics } from './queue-metrics.ts';
import { ReadyKeys } from './ready-keys.ts';

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

interface Delayed {
  readonly due: number;
  readonly priority: number;
  readonly cancel: () => void;
}

/**
 * client-go's work queue: a key that is added twice is processed once; a key that is added while it is being processed is
 * processed again afterwards, never at the same time. Source: k8s.io/client-go util/workqueue.
 */
export class WorkQueue<Key extends string> {
  readonly name: string;
  readonly clock: Clock;
  readonly #backoff: ItemBackoff<Key>;
  readonly #metrics: QueueMetrics<Key>;
  readonly #ready = new ReadyKeys<Key>();
  readonly #inWork = new Set<Key>();
  /** Added while in work, with the highest priority they were added with. */
  readonly #again = new Map<Key, number>();
  readonly #delayed = new Map<Key, Delayed>();
  readonly #takers = new Set<(key: Key | undefined) => void>();
  readonly #idleListeners = new Set<() => void>();
  readonly #aborts = new AbortListeners();
  #isShutDown = false;

  constructor(options: WorkQueueOptions<Key>) {
    this.name = options.name;
    this.clock = options.clock;
    this.#backoff = options.backoff ?? itemBackoff();
    this.#metrics = options.metrics ? queueMetrics(options.name, options.clock, options.metrics) : noQueueMetrics;
  }

  /** How many keys are ready and not yet taken. Delayed ones and those in work do not count. */
  get length(): number {
    return this.#ready.size;
  }

  /** How many keys were taken and are not done. */
  get inWork(): number {
    return this.#inWork.size;
  }

  /** Does nothing after {@link shutDown}. Adding a waiting key with a higher priority raises it. */
  add(key: Key, options: AddOptions = {}): void {
    if (this.#isShutDown) return;
    const { priority = 0 } = options;
    if (this.#inWork.has(key)) {
      const known = this.#again.get(key);
      if (known === undefined) this.#metrics.added(key);
      this.#again.set(key, Math.max(priority, known ?? priority));
      return;
    }
    if (!this.#ready.has(key)) this.#metrics.added(key);
    this.#ready.add(key, priority);
    this.#handOut();
  }

  /** Adds later. Of two delays of one key the earlier wins. Zero or less adds at once. */
  addAfter(key: Key, after: Duration, options: AddOptions = {}): void {
    if (this.#isShutDown) return;
    this.#metrics.retried();
    if (after.milliseconds <= 0) {
      this.add(key, options);
      return;
    }
    const known = this.#delayed.get(key);
    const due = Math.min(this.clock.monotonic() + after.milliseconds, known?.due ?? Number.POSITIVE_INFINITY);
    const priority = Math.max(options.priority ?? 0, known?.priority ?? Number.NEGATIVE_INFINITY);
    known?.cancel();
    const cancel = this.clock.schedule(Duration.milliseconds(due - this.clock.monotonic()), () => {
      this.#delayed.delete(key);
      this.add(key, { priority });
    });
    this.#delayed.set(key, { due, priority, cancel });
  }

  /** Adds after the key's own back-off, which grows until {@link forget}. */
  addRateLimited(key: Key, options: AddOptions = {}): void {
    this.addAfter(key, this.#backoff.next(key), options);
  }

  /** Clears the key's back-off. It does not remove the key. */
  forget(key: Key): void {
    this.#backoff.forget(key);
  }

  /** How many rate-limited adds the key had since it was last forgotten. */
  failures(key: Key): number {
    return this.#backoff.failures(key);
  }

  /**
   * The next key; undefined once the queue is shut down and empty, or the signal is aborted. Every key that was got must be
   * {@link done}.
   */
  get(signal: AbortSignal): Promise<Key | undefined> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve(undefined);
        return;
      }
      const take = (key: Key | undefined): void => {
        stopListening();
        this.#takers.delete(take);
        resolve(key);
      };
      const stopListening = this.#aborts.onAbort(signal, () => take(undefined));
      this.#takers.add(take);
      this.#handOut();
    });
  }

  /** The work on the key has ended. A key that was added meanwhile becomes ready. */
  done(key: Key): void {
    if (!this.#inWork.delete(key)) return;
    this.#metrics.finished(key);
    const priority = this.#again.get(key);
    if (priority !== undefined) {
      this.#again.delete(key);
      this.#ready.add(key, priority);
    }
    this.#handOut();
  }

  /** No more adds; delayed ones are dropped; what is ready is still handed out. */
  shutDown(): void {
    if (this.#isShutDown) return;
    this.#isShutDown = true;
    for (const delayed of this.#delayed.values()) delayed.cancel();
    this.#delayed.clear();
    this.#handOut();
  }

  /** Shuts down and resolves when nothing is ready or in work (true), or when the deadline has passed (false). */
  drain(deadline: Duration): Promise<boolean> {
    this.shutDown();
    return new Promise((resolve) => {
      const finish = (isDrained: boolean): void => {
        cancel();
        this.#idleListeners.delete(onIdle);
        resolve(isDrained);
      };
      const onIdle = (): void => finish(true);
      const cancel = this.clock.schedule(deadline, () => finish(false));
      this.#idleListeners.add(onIdle);
      this.#tellIfIdle();
    });
  }

  #handOut(): void {
    for (const take of this.#takers) {
      const key = this.#ready.take();
      if (key === undefined) break;
      this.#inWork.add(key);
      this.#metrics.taken(key);
      take(key);
    }
    if (!this.#isShutDown) return;
    // Keys that are added again when their work ends may still come, so the takers stay until then.
    if (this.#ready.size === 0 && this.#again.size === 0) for (const take of this.#takers) take(undefined);
    this.#tellIfIdle();
  }

  #tellIfIdle(): void {
    if (this.#ready.size > 0 || this.#inWork.size > 0) return;
    for (const listener of this.#idleListeners) listener();
  }
}

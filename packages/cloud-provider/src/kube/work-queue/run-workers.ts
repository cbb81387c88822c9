import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import { withSpan } from '../../telemetry/spans.ts';
import type { WorkQueue } from './work-queue.ts';

/** What one reconcile came to. An error is thrown, never returned; waiting is not an error. */
export type ReconcileResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'requeueAfter'; readonly after: Duration; readonly reason: string };

export interface RunWorkersOptions<Key extends string> {
  /** So many keys are worked on at once. */
  readonly concurrency: number;
  /** No key is taken after it is aborted. */
  readonly signal: AbortSignal;
  /** Passed on to what runs: work under way may end in good order until it is aborted. @default signal */
  readonly abort?: AbortSignal;
  /** Must settle; what it waits for must have a deadline, or its worker is lost. */
  readonly reconcile: (key: Key, signal: AbortSignal) => Promise<ReconcileResult>;
  readonly logger: Logger;
  readonly metrics?: MetricRegistry;
}

/** Reconciles that find nothing to do never wait for I/O; after so long others get a turn. */
const longestSlice = Duration.milliseconds(5);

/**
 * Works the queue until it is shut down and empty, or the signal is aborted; resolves when the last reconcile has returned.
 * A reconcile that throws is logged and its key rate-limited; it ends neither the process nor the other workers.
 */
export async function runWorkers<Key extends string>(
  queue: WorkQueue<Key>,
  options: RunWorkersOptions<Key>,
): Promise<void> {
  const { concurrency, signal } = options;
  if (!(concurrency >= 1)) throw new RangeError(`at least one worker is needed, not ${concurrency}`);
  const slices = timeSlices(queue.clock);
  const work = async (): Promise<void> => {
    for (let key = await queue.get(signal); key !== undefined; key = await queue.get(signal)) {
      await reconcileOne(queue, key, options);
      await slices.yieldIfDue();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}

async function reconcileOne<Key extends string>(
  queue: WorkQueue<Key>,
  key: Key,
  options: RunWorkersOptions<Key>,
): Promise<void> {
  const { reconcile, logger, metrics } = options;
  const signal = options.abort ?? options.signal;
  const count = (result: string): void =>
    metrics?.counter('ccm_reconcile_total', { name: queue.name, result }).increment();
  try {
    const result = await withSpan(`reconcile ${queue.name}`, { key }, () => reconcile(key, signal));
    queue.forget(key);
    switch (result.kind) {
      case 'done':
        count('done');
        break;
      case 'requeueAfter':
        logger.debug('Reconcile waits', { queue: queue.name, key, after: result.after, reason: result.reason });
        queue.addAfter(key, result.after);
        count('requeued');
        break;
    }
  } catch (error) {
    // Work that was told to stop has not failed.
    if (signal.aborted) return;
    queue.addRateLimited(key);
    logger.error('Reconcile failed, will retry', {
      queue: queue.name,
      key,
      failures: queue.failures(key),
      err: error,
    });
    count('error');
  } finally {
    queue.done(key);
  }
}

/** Shared by the workers of one queue: together they hold the event loop no longer than a slice. */
function timeSlices(clock: Clock): { yieldIfDue(): Promise<void> } {
  let sliceStart = clock.monotonic();
  let pause: Promise<void> | undefined;
  return {
    async yieldIfDue() {
      if (clock.monotonic() - sliceStart < longestSlice.milliseconds) return;
      pause ??= setImmediate().then(() => {
        sliceStart = clock.monotonic();
        pause = undefined;
      });
      await pause;
    },
  };
}

import type { Duration } from '../../base/duration.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { WorkQueue } from './work-queue.ts';

/** What one reconcile came to. An error is thrown, never returned; waiting is not an error. */
export type ReconcileResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'requeueAfter'; readonly after: Duration; readonly reason: string };

export interface RunWorkersOptions<Key extends string> {
  /** So many keys are worked on at once. */
  readonly concurrency: number;
  /** No key is taken after it is aborted; it is passed on to what runs. */
  readonly signal: AbortSignal;
  readonly reconcile: (key: Key, signal: AbortSignal) => Promise<ReconcileResult>;
  readonly logger: Logger;
}

/**
 * Works the queue until it is shut down and empty, or the signal is aborted; resolves when the last reconcile has returned.
 * A reconcile that throws is logged and its key rate-limited; it ends neither the process nor the other workers.
 */
export declare function runWorkers<Key extends string>(
  queue: WorkQueue<Key>,
  options: RunWorkersOptions<Key>,
): Promise<void>;

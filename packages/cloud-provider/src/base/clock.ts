import type { Duration } from './duration.ts';

/** Time as the product sees it. Injected everywhere, so that tests own it. */
export interface Clock {
  /** The wall clock. For timestamps that others read; never for measuring. */
  now(): Date;
  /** A clock that only moves forward, in milliseconds from an arbitrary start. For deadlines and durations. */
  monotonic(): number;
  /**
   * Resolves after the duration. Rejects with the signal's reason when it is aborted first.
   * A duration of zero or less still yields to other work once.
   */
  sleep(duration: Duration, signal?: AbortSignal): Promise<void>;
  /** Calls back once after the duration; the returned function cancels. Does not keep the process alive. */
  schedule(duration: Duration, callback: () => void): () => void;
}

/** The real clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  sleep(duration, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortReason(signal));
        return;
      }
      const onAbort = (): void => {
        clearTimeout(timer);
        if (signal) reject(abortReason(signal));
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
        Math.max(0, duration.milliseconds),
      );
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  },
  schedule(duration, callback) {
    const timer = setTimeout(callback, Math.max(0, duration.milliseconds));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason });
}

import { abortReason, onAbort } from './abort.ts';
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

/** Longer timers fire at once in Node; so they are cut into pieces. */
const longestTimer = 2 ** 31 - 1;

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
      const timer = startTimer(duration, () => {
        stopListening();
        resolve();
      });
      const stopListening = signal
        ? onAbort(signal, (reason) => {
            timer.cancel();
            reject(reason);
          })
        : () => {};
    });
  },
  schedule(duration, callback) {
    const timer = startTimer(duration, callback);
    timer.unref();
    return () => timer.cancel();
  },
};

interface RunningTimer {
  cancel(): void;
  unref(): void;
}

function startTimer(duration: Duration, callback: () => void): RunningTimer {
  let remaining = Math.max(0, duration.milliseconds);
  let keepsAlive = true;
  let timer = next();
  function next(): NodeJS.Timeout {
    const piece = Math.min(remaining, longestTimer);
    remaining -= piece;
    const started = setTimeout(() => {
      if (remaining > 0) timer = next();
      else callback();
    }, piece);
    if (!keepsAlive) started.unref();
    return started;
  }
  return {
    cancel: () => clearTimeout(timer),
    unref() {
      keepsAlive = false;
      timer.unref();
    },
  };
}

import { abortReason, onAbort } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import type { Plug } from './plug.ts';

/** The clock of a manager that may be killed: its timers die with it. */
export function mortalClock(clock: Clock, plug: Plug): Clock {
  const running = new Set<() => void>();
  plug.onPulled(() => {
    for (const cancel of running) cancel();
    running.clear();
  });
  const schedule = (duration: Duration, callback: () => void): (() => void) => {
    if (!plug.isIn && !plug.isBuried) return () => undefined;
    const stop = clock.schedule(duration, () => {
      running.delete(cancel);
      callback();
    });
    const cancel = (): void => {
      running.delete(cancel);
      stop();
    };
    running.add(cancel);
    return cancel;
  };
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    schedule,
    sleep(duration, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(abortReason(signal));
          return;
        }
        const cancel = schedule(duration, () => {
          stopListening();
          resolve();
        });
        const stopListening = signal
          ? onAbort(signal, (reason) => {
              cancel();
              reject(reason);
            })
          : () => undefined;
      });
    },
  };
}

import { abortReason, onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';

/** Work that gathers a batch or yields to I/O puts itself off by a turn, possibly more than once in a row. */
const settleTurns = 4;

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * A clock that moves only when a test moves it. Timers run in the order in which they are due; between two of them every
 * promise that can settle does, so that a chain of sleeps behaves as it would in real time.
 */
export class FakeClock implements Clock {
  #monotonic = 0;
  #wall: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  /** @param start the first wall-clock time. @default 2026-01-01T00:00:00Z */
  constructor(start: Date = new Date('2026-01-01T00:00:00Z')) {
    this.#wall = start.getTime();
  }

  now(): Date {
    return new Date(this.#wall + this.#monotonic);
  }

  monotonic(): number {
    return this.#monotonic;
  }

  sleep(duration: Duration, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortReason(signal));
        return;
      }
      const cancel = this.schedule(duration, () => {
        stopListening();
        resolve();
      });
      const stopListening = signal
        ? onAbort(signal, (reason) => {
            cancel();
            reject(reason);
          })
        : () => {};
    });
  }

  schedule(duration: Duration, callback: () => void): () => void {
    const timer: Timer = {
      due: this.#monotonic + Math.max(0, duration.milliseconds),
      order: this.#order++,
      run: callback,
    };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Moves both clocks forward and runs what falls due on the way, including timers that were set on the way. */
  async advance(duration: Duration): Promise<void> {
    const end = this.#monotonic + duration.milliseconds;
    await this.settle();
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer);
      // A timer that fell due while the clock was stalled runs late, as it would after the process was stopped.
      this.#monotonic = Math.max(this.#monotonic, timer.due);
      timer.run();
      await this.settle();
    }
    this.#monotonic = end;
  }

  /** Moves both clocks forward without running anything: what a stopped process sees when it is continued. */
  stall(duration: Duration): void {
    this.#monotonic += duration.milliseconds;
  }

  /** Moves the wall clock alone, as an administrator or NTP does; timers and measured lengths of time don't notice. */
  jumpWallClock(duration: Duration): void {
    this.#wall += duration.milliseconds;
  }

  /** Lets every promise settle that needs no timer, and gives pending I/O and immediates a few turns. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < settleTurns; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** How many timers wait. */
  pending(): number {
    return this.#timers.size;
  }

  /** How long until the next timer is due; undefined when none waits. */
  untilNext(): Duration | undefined {
    const timer = this.#next(Number.POSITIVE_INFINITY);
    return timer && Duration.milliseconds(Math.max(0, timer.due - this.#monotonic));
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.due > end) continue;
      if (!next || timer.due < next.due || (timer.due === next.due && timer.order < next.order)) next = timer;
    }
    return next;
  }
}

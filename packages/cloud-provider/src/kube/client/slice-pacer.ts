import type { Clock } from '../../base/clock.ts';

/** How long decoding may hold the event loop before timers and other connections get their turn. */
const sliceMilliseconds = 6;

/** What can hold back a stream. */
export interface Pausable {
  pause(): void;
  resume(): void;
}

/** Keeps a fast stream from starving the rest of the process: after a slice of work it pauses the stream for one turn. */
export class SlicePacer {
  readonly #clock: Clock;
  #sliceStart = -1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs one piece of work and pauses the stream when the slice is used up. */
  run(stream: Pausable, work: () => void): void {
    if (this.#sliceStart < 0) {
      this.#sliceStart = this.#clock.monotonic();
      setImmediate(() => {
        this.#sliceStart = -1;
      });
    }
    work();
    if (this.#clock.monotonic() - this.#sliceStart < sliceMilliseconds) return;
    stream.pause();
    setImmediate(() => stream.resume());
  }
}

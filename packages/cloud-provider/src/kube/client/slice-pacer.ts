import type { Clock } from '../../base/clock.ts';

/** How long decoding may hold the event loop before timers and other connections get their turn. */
const sliceMilliseconds = 6;
/** A pause between two pieces that only a turn of the event loop, or waiting for bytes, takes. */
const gapMilliseconds = 1;

/** What can hold back a stream. */
export interface Pausable {
  pause(): void;
  resume(): void;
}

/** Keeps a fast stream from starving the rest of the process: after a slice of work it pauses the stream for one turn. */
export class SlicePacer {
  readonly #clock: Clock;
  #sliceStart = 0;
  #lastEnd = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs one piece of work and pauses the stream when the slice is used up. */
  run(stream: Pausable, work: () => void): void {
    const start = this.#clock.monotonic();
    // Cheaper than asking the event loop: a lone event costs no timer and no immediate.
    if (start - this.#lastEnd > gapMilliseconds) this.#sliceStart = start;
    work();
    const end = this.#clock.monotonic();
    this.#lastEnd = end;
    if (end - this.#sliceStart < sliceMilliseconds) return;
    this.#sliceStart = end;
    stream.pause();
    setImmediate(() => stream.resume());
  }
}

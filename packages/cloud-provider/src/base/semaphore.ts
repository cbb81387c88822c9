import { abortReason, onAbort } from './abort.ts';

/** At most so many at once, first come, first served. */
export class Semaphore {
  readonly #limit: number;
  #held = 0;
  readonly #waiting = new Set<() => void>();

  constructor(limit: number) {
    if (!(limit >= 1)) throw new RangeError(`the limit of a semaphore is at least 1, not ${limit}`);
    this.#limit = limit;
  }

  /** How many hold it. */
  get held(): number {
    return this.#held;
  }

  /** How many wait for it. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Runs the work when a place is free and gives the place back however the work ends. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const release = await this.acquire(signal);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /**
   * Takes a place. The returned function gives it back; calling it again does nothing.
   * Rejects with the signal's reason when it is aborted first; then no place is taken.
   */
  acquire(signal?: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortReason(signal));
        return;
      }
      if (this.#held < this.#limit) {
        this.#held++;
        resolve(this.#releaseOnce());
        return;
      }
      const grant = (): void => {
        stopListening();
        this.#waiting.delete(grant);
        resolve(this.#releaseOnce());
      };
      this.#waiting.add(grant);
      const stopListening = signal
        ? onAbort(signal, (reason) => {
            this.#waiting.delete(grant);
            reject(reason);
          })
        : () => {};
    });
  }

  #releaseOnce(): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const [next] = this.#waiting;
      // The place is handed over without being free in between, so nobody can overtake.
      if (next) next();
      else this.#held--;
    };
  }
}

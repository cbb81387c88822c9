/**
 * Decides whether this process may still write. The leader's fence is the lease's local renew deadline, read from the
 * monotonic clock: a process that was stopped and resumed finds it passed.
 */
export interface WriteFence {
  /**
   * Called synchronously, immediately before each send of a write, retries included.
   *
   * @throws FencedError when writing is no longer allowed; the request is then not sent
   */
  assertHeld(): void;
}

/** A write was withheld because the right to write was lost. Nothing was sent. */
export class FencedError extends Error {
  readonly code = 'Fenced';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FencedError';
  }
}

/** Tells whether a write was withheld by a {@link WriteFence}. */
export function isFenced(error: unknown): error is FencedError {
  return error instanceof FencedError;
}

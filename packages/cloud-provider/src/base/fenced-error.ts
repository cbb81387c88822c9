/** A request was withheld because the right to send it was lost. Nothing was sent. */
export class FencedError extends Error {
  readonly code = 'Fenced';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FencedError';
  }
}

/** Tells whether a request was withheld by a fence. */
export function isFenced(error: unknown): error is FencedError {
  return error instanceof FencedError;
}

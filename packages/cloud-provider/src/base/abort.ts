import { asError } from './as-error.ts';

/** The reason of an aborted signal as an Error; what callers gave to `abort()` need not be one. */
export function abortReason(signal: AbortSignal): Error {
  return asError(signal.reason, 'aborted');
}

/**
 * Calls back once when the signal is aborted, at once if it already is. The returned function stops listening: a signal that
 * lives as long as the process must not collect listeners.
 */
export function onAbort(signal: AbortSignal, callback: (reason: Error) => void): () => void {
  if (signal.aborted) {
    callback(abortReason(signal));
    return () => {};
  }
  const listener = (): void => callback(abortReason(signal));
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

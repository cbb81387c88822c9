/** The reason of an aborted signal as an Error; what callers threw into `abort()` need not be one. */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return isErrorLike(reason) ? reason : new Error('aborted', { cause: reason });
}

/** Not `instanceof`: a DOMException, the default reason, may come from another realm. */
function isErrorLike(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'name' in value && 'message' in value;
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

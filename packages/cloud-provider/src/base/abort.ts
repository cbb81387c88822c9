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

/**
 * Many listeners to few signals, for whoever lets thousands wait under one signal: a signal looks through all its listeners
 * when one is added or removed, so here each signal has one.
 */
export class AbortListeners {
  readonly #bySignal = new Map<AbortSignal, { readonly callbacks: Set<(reason: Error) => void>; stop: () => void }>();

  /** As {@link onAbort}; callbacks of one signal are called in the order in which they came. */
  onAbort(signal: AbortSignal, callback: (reason: Error) => void): () => void {
    if (signal.aborted) {
      callback(abortReason(signal));
      return () => {};
    }
    const entry = this.#bySignal.get(signal) ?? this.#listen(signal);
    // A callback may be given twice, so each time it is another one.
    const own = (reason: Error): void => callback(reason);
    entry.callbacks.add(own);
    return () => {
      entry.callbacks.delete(own);
      if (entry.callbacks.size > 0 || this.#bySignal.get(signal) !== entry) return;
      this.#bySignal.delete(signal);
      entry.stop();
    };
  }

  #listen(signal: AbortSignal) {
    const callbacks = new Set<(reason: Error) => void>();
    const stop = onAbort(signal, (reason) => {
      this.#bySignal.delete(signal);
      for (const callback of callbacks) callback(reason);
    });
    const entry = { callbacks, stop };
    this.#bySignal.set(signal, entry);
    return entry;
  }
}

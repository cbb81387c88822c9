/** Whatever was thrown or rejected with, as an Error: itself when it is one, else wrapped as the cause. */
export function asError(thrown: unknown, message = 'something was thrown that is no error'): Error {
  return isErrorLike(thrown) ? thrown : new Error(message, { cause: thrown });
}

/** Not `instanceof`: a DOMException, the default reason of an abort, may come from another realm. */
export function isErrorLike(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'name' in value && 'message' in value;
}

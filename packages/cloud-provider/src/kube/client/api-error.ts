import type { Duration } from '../../base/duration.ts';

/**
 * What can go wrong with a request to the API server: a closed set. The first group is answers of the server, the second
 * is requests that got no answer, where a write may or may not have been done ({@link ApiError.outcome}).
 */
export type ApiErrorKind =
  | 'notFound'
  | 'alreadyExists'
  | 'conflict'
  | 'expired'
  | 'invalid'
  | 'badRequest'
  | 'unauthorized'
  | 'forbidden'
  | 'unsupported'
  | 'tooLarge'
  | 'tooManyRequests'
  | 'unavailable'
  | 'serverTimeout'
  | 'internal'
  // no answer
  | 'timeout'
  | 'connectionFailed'
  | 'aborted'
  | 'malformedReply';

/** One violated field of an invalid object. */
export interface StatusCause {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

/** `details` of a Status: which object the error is about, and what is wrong with it. */
export interface StatusDetails {
  readonly group: string;
  /** The resource (plural) or the kind, as the server says it. */
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly causes: readonly StatusCause[];
}

export interface ApiErrorOptions extends ErrorOptions {
  readonly kind: ApiErrorKind;
  readonly status?: number;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly retryAfter?: Duration | undefined;
  readonly outcome?: 'refused' | 'notSent' | 'unknown';
}

/** A request to the API server that failed. Decide by {@link kind}, never by the message. */
export class ApiError extends Error {
  /** Stable; equals {@link kind}. */
  readonly code: ApiErrorKind;
  readonly kind: ApiErrorKind;
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** `reason` of the server's Status (`AlreadyExists`, `Expired`, …); empty when there is none. */
  readonly reason: string;
  readonly details: StatusDetails;
  /** How long the server asked to wait. */
  readonly retryAfter: Duration | undefined;
  /**
   * `refused`: the server answered, so nothing was done. `notSent`: the request never left. `unknown`: the reply was lost,
   * a write may have been done.
   */
  readonly outcome: 'refused' | 'notSent' | 'unknown';

  constructor(message: string, options: ApiErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ApiError';
    this.kind = options.kind;
    this.code = options.kind;
    this.status = options.status ?? 0;
    this.reason = options.reason ?? '';
    this.details = options.details ?? { group: '', kind: '', name: '', uid: '', causes: [] };
    this.retryAfter = options.retryAfter;
    this.outcome = options.outcome ?? (this.status === 0 ? 'unknown' : 'refused');
  }
}

/** Tells whether the error is an {@link ApiError} of that kind. */
export function isApiError(error: unknown, kind?: ApiErrorKind): error is ApiError {
  return error instanceof ApiError && (kind === undefined || error.kind === kind);
}

/** The object (or the path) does not exist. */
export function isNotFound(error: unknown): boolean {
  return isApiError(error, 'notFound');
}

/** A create met an object of that name. */
export function isAlreadyExists(error: unknown): boolean {
  return isApiError(error, 'alreadyExists');
}

/** The resourceVersion or UID of the request is not the object's any more. */
export function isConflict(error: unknown): boolean {
  return isApiError(error, 'conflict');
}

/** The resourceVersion or continue token is too old (410), as a reply or inside a watch. */
export function isExpired(error: unknown): boolean {
  return isApiError(error, 'expired');
}

/** The object was refused (422); see `details.causes`. */
export function isInvalid(error: unknown): boolean {
  return isApiError(error, 'invalid');
}

export function isForbidden(error: unknown): boolean {
  return isApiError(error, 'forbidden');
}

export function isUnauthorized(error: unknown): boolean {
  return isApiError(error, 'unauthorized');
}

/** The server is busy and did nothing (429). */
export function isTooManyRequests(error: unknown): boolean {
  return isApiError(error, 'tooManyRequests');
}

/** The caller's own AbortSignal ended the request. */
export function isAborted(error: unknown): boolean {
  return isApiError(error, 'aborted');
}

/** The same request may succeed later without any change to it. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  switch (error.kind) {
    case 'tooManyRequests':
    case 'unavailable':
    case 'serverTimeout':
    case 'internal':
    case 'timeout':
    case 'connectionFailed':
    case 'malformedReply':
      return true;
    case 'notFound':
    case 'alreadyExists':
    case 'conflict':
    case 'expired':
    case 'invalid':
    case 'badRequest':
    case 'unauthorized':
    case 'forbidden':
    case 'unsupported':
    case 'tooLarge':
    case 'aborted':
      return false;
  }
}

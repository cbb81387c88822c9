import type { Duration } from '../base/duration.ts';
import { isFenced } from '../base/fenced-error.ts';

/**
 * What a cloud can answer instead of a result. A closed set: adapters map every SDK failure onto one of these at the edge,
 * and nothing behind the edge matches on text.
 *
 * - `NotFound`: the cloud says positively that the named object does not exist.
 * - `Throttled`: too many calls; the cloud did not do it.
 * - `Conflict`: the object is in a state, or at a revision, in which the call cannot be done now.
 * - `Denied`: the credentials lack a permission.
 * - `Quota`: a limit of the account is reached.
 * - `Invalid`: the request can never succeed as it is.
 * - `Unavailable`: the cloud could not be reached or failed on its side; whether a write happened is unknown.
 * - `Unknown`: anything else; whether a write happened is unknown, unless the cause is a FencedError: that was never sent.
 */
export type CloudErrorCode =
  | 'NotFound'
  | 'Throttled'
  | 'Conflict'
  | 'Denied'
  | 'Quota'
  | 'Invalid'
  | 'Unavailable'
  | 'Unknown';

export interface CloudErrorDetails {
  /** The operation as the cloud names it, for example `DescribeInstances`. */
  readonly operation?: string;
  /** The cloud's own code, for people who search its documentation. */
  readonly cloudCode?: string;
  /** The cloud's request id, for a support case. */
  readonly requestId?: string;
  /** For `Throttled`: how long the cloud asked us to wait. */
  readonly retryAfter?: Duration;
  /** For `Denied`: the permission that is missing. */
  readonly permission?: string;
  /** For `Invalid`: the field of the request that was refused. */
  readonly field?: string;
  readonly cause?: unknown;
}

/** A failed cloud call. Thrown by providers; waiting is never expressed as an error. */
export class CloudError extends Error {
  override readonly name = 'CloudError';
  readonly code: CloudErrorCode;
  readonly details: CloudErrorDetails;

  constructor(code: CloudErrorCode, message: string, details: CloudErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.details = details;
  }

  /** Whether the same request may succeed later without anybody changing anything. */
  get isRetriable(): boolean {
    switch (this.code) {
      case 'Throttled':
      case 'Conflict':
      case 'Quota':
      case 'Unavailable':
      case 'Unknown':
        return true;
      case 'NotFound':
      case 'Denied':
      case 'Invalid':
        return false;
    }
  }

  /** Whether the write may have been done although no answer says so. */
  get isOutcomeUnknown(): boolean {
    return (this.code === 'Unavailable' || this.code === 'Unknown') && !isFenced(this.details.cause);
  }
}

/** Wraps whatever a provider threw, so that callers need to know one class only. */
export function toCloudError(error: unknown): CloudError {
  if (error instanceof CloudError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new CloudError('Unknown', message, { cause: error });
}

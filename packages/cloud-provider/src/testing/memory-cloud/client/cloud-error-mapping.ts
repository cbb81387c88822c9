import { Duration } from '../../../base/duration.ts';
import { CloudError, type CloudErrorCode } from '../../../cloud/cloud-error.ts';
import type { OperationName, RefusalCode, Refused } from '../cloud/api.ts';

const codeOfRefusal: Readonly<Record<RefusalCode, CloudErrorCode>> = {
  NotFound: 'NotFound',
  Throttled: 'Throttled',
  Busy: 'Conflict',
  AlreadyExists: 'Conflict',
  RevisionMismatch: 'Conflict',
  AccessDenied: 'Denied',
  QuotaExceeded: 'Quota',
  InvalidParameter: 'Invalid',
  ServiceUnavailable: 'Unavailable',
};

/** What a refusal of the cloud means to the framework. */
export function errorOfRefusal(operation: OperationName, refused: Refused): CloudError {
  return new CloudError(codeOfRefusal[refused.code], `${operation}: ${refused.message}`, {
    operation,
    cloudCode: refused.code,
    requestId: refused.requestID,
    ...(refused.retryAfterMilliseconds !== undefined && {
      retryAfter: Duration.milliseconds(refused.retryAfterMilliseconds),
    }),
    ...(refused.permission !== undefined && { permission: refused.permission }),
    ...(refused.field !== undefined && { field: refused.field }),
  });
}

/** No answer came, for whatever reason: the request may have been done. */
export function errorOfSilence(operation: OperationName, cause: unknown): CloudError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CloudError('Unavailable', `${operation}: no answer from the cloud: ${reason}`, { operation, cause });
}

/** Whether the cloud said that the object of a create is there already. */
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof CloudError && error.details.cloudCode === ('AlreadyExists' satisfies RefusalCode);
}

/** Whether the cloud said that the object is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof CloudError && error.code === 'NotFound';
}

import { Duration } from '../../base/duration.ts';
import type { Status } from '../projection/status.ts';
import { ApiError, type ApiErrorKind, type StatusDetails } from './api-error.ts';

const kindOfReason: Readonly<Record<string, ApiErrorKind>> = {
  NotFound: 'notFound',
  AlreadyExists: 'alreadyExists',
  Conflict: 'conflict',
  Expired: 'expired',
  Gone: 'expired',
  Invalid: 'invalid',
  BadRequest: 'badRequest',
  Unauthorized: 'unauthorized',
  Forbidden: 'forbidden',
  MethodNotAllowed: 'unsupported',
  NotAcceptable: 'unsupported',
  UnsupportedMediaType: 'unsupported',
  RequestEntityTooLarge: 'tooLarge',
  TooManyRequests: 'tooManyRequests',
  ServiceUnavailable: 'unavailable',
  Timeout: 'serverTimeout',
  ServerTimeout: 'serverTimeout',
  InternalError: 'internal',
};

const kindOfCode: Readonly<Record<number, ApiErrorKind>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'notFound',
  405: 'unsupported',
  406: 'unsupported',
  408: 'serverTimeout',
  409: 'conflict',
  410: 'expired',
  413: 'tooLarge',
  415: 'unsupported',
  422: 'invalid',
  429: 'tooManyRequests',
  503: 'unavailable',
  504: 'serverTimeout',
};

export interface Answer {
  /** What was attempted, on which object. */
  readonly attempt: string;
  /** HTTP status; 200 when the Status came inside a watch. */
  readonly httpStatus: number;
  /** The `Retry-After` header; empty when absent. */
  readonly retryAfter: string;
  /** The server's account; undefined when the body was no Status (a proxy's page, for example). */
  readonly status: Status | undefined;
}

/** The error for an answer that is not a success. */
export function apiErrorOf(answer: Answer): ApiError {
  const { attempt, httpStatus, status } = answer;
  const code = httpStatus >= 400 ? httpStatus : (status?.code ?? 500);
  const reason = status?.reason ?? '';
  const kind = kindOfReason[reason] ?? kindOfCode[code] ?? (code >= 500 ? 'internal' : 'badRequest');
  const told = status === undefined || status.message === '' ? '' : `: ${status.message}`;
  return new ApiError(`${attempt}: ${code}${reason === '' ? '' : ` ${reason}`}${told}`, {
    kind,
    status: code,
    reason,
    // A server that fails half way may have written; one that declines has not.
    outcome: code >= 500 ? 'unknown' : 'refused',
    retryAfter: retryAfterOf(answer),
    ...(status && { details: detailsOf(status) }),
  });
}

function detailsOf(status: Status): StatusDetails {
  const { group, kind, name, uid, causes } = status.details;
  return { group, kind, name, uid, causes };
}

function retryAfterOf(answer: Answer): Duration | undefined {
  if (/^\d+$/.test(answer.retryAfter)) return Duration.seconds(Number(answer.retryAfter));
  const seconds = answer.status?.details.retryAfterSeconds ?? 0;
  return seconds > 0 ? Duration.seconds(seconds) : undefined;
}

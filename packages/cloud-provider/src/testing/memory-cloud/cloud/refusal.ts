import type { RefusalCode, Refused } from './api.ts';

type RefusalDetails = Partial<Pick<Refused, 'retryAfterMilliseconds' | 'permission' | 'field'>>;

const statusOfCode: Readonly<Record<RefusalCode, number>> = {
  NotFound: 404,
  Throttled: 429,
  Busy: 409,
  AlreadyExists: 409,
  RevisionMismatch: 412,
  AccessDenied: 403,
  QuotaExceeded: 403,
  InvalidParameter: 400,
  ServiceUnavailable: 503,
};

/** Thrown inside the cloud by an operation that does not do what it was asked; the caller gets it as a reply. */
export class CloudRefusal extends Error {
  override readonly name = 'CloudRefusal';
  readonly code: RefusalCode;
  readonly details: RefusalDetails;

  constructor(code: RefusalCode, message: string, details: RefusalDetails = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }

  toReply(requestID: string): Refused {
    return {
      kind: 'refused',
      requestID,
      status: statusOfCode[this.code],
      code: this.code,
      message: this.message,
      ...this.details,
    };
  }
}

/** The connection broke before an answer came. Whether the request was done is unknown to the caller. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

import type { JsonObject } from './json.ts';

/** One reason among several, as a `Status` reports it. */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

interface StatusOptions {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: StatusDetails | undefined;
  /** The token with which a list whose snapshot is gone may go on. */
  readonly continueToken?: string | undefined;
}

/** A refusal as the API server words it. The HTTP layer sends it as a `Status` object with its code. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  /** The HTTP code. */
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  readonly continueToken: string | undefined;

  constructor(options: StatusOptions) {
    super(options.message);
    this.code = options.code;
    this.reason = options.reason;
    this.details = options.details;
    this.continueToken = options.continueToken;
  }

  /** The wire form: a `Status` of meta/v1. */
  toStatus(): JsonObject {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: detailsToJson(this.details) }),
      code: this.code,
    };
  }
}

function detailsToJson(details: StatusDetails): JsonObject {
  const { causes, ...rest } = details;
  return causes === undefined ? { ...rest } : { ...rest, causes: causes.map((cause) => ({ ...cause })) };
}

/** Names a resource or a kind in a refusal. */
export interface Subject {
  readonly group: string;
  /** The plural or the kind, as the refusal names it. */
  readonly label: string;
}

function qualified(subject: Subject): string {
  return subject.group === '' ? subject.label : `${subject.label}.${subject.group}`;
}

function detailsOf(subject: Subject, name: string): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(subject.group === '' ? {} : { group: subject.group }),
    kind: subject.label,
  };
}

export function notFound(subject: Subject, name: string): StatusError {
  const message = `${qualified(subject)} "${name}" not found`;
  return new StatusError({ code: 404, reason: 'NotFound', message, details: detailsOf(subject, name) });
}

export function alreadyExists(subject: Subject, name: string): StatusError {
  const message = `${qualified(subject)} "${name}" already exists`;
  return new StatusError({ code: 409, reason: 'AlreadyExists', message, details: detailsOf(subject, name) });
}

export function conflict(subject: Subject, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(subject)} "${name}": ${why}`;
  return new StatusError({ code: 409, reason: 'Conflict', message, details: detailsOf(subject, name) });
}

/** The refusal of a write that was based on an older version. */
export function modified(subject: Subject, name: string): StatusError {
  const advice = 'the object has been modified; please apply your changes to the latest version and try again';
  return conflict(subject, name, advice);
}

/** The refusal of an object that breaks the rules of its kind; names every fault at once. */
export function invalid(subject: Subject, name: string, causes: readonly StatusCause[]): StatusError {
  const faults = causes.map((cause) => `${cause.field ?? ''}: ${cause.message}`);
  const list = faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]`;
  const message = `${qualified(subject)} "${name}" is invalid: ${list}`;
  return new StatusError({ code: 422, reason: 'Invalid', message, details: { ...detailsOf(subject, name), causes } });
}

export function badRequest(message: string): StatusError {
  return new StatusError({ code: 400, reason: 'BadRequest', message });
}

export function forbidden(subject: Subject, name: string, why: string): StatusError {
  const message = `${qualified(subject)} "${name}" is forbidden: ${why}`;
  return new StatusError({ code: 403, reason: 'Forbidden', message, details: detailsOf(subject, name) });
}

export function methodNotAllowed(): StatusError {
  const message = 'the server does not allow this method on the requested resource';
  return new StatusError({ code: 405, reason: 'MethodNotAllowed', message, details: {} });
}

export function unknownResource(): StatusError {
  const message = 'the server could not find the requested resource';
  return new StatusError({ code: 404, reason: 'NotFound', message, details: {} });
}

export function unsupportedMediaType(message: string): StatusError {
  return new StatusError({ code: 415, reason: 'UnsupportedMediaType', message });
}

/** 410: the version asked for is no longer kept. */
export function expired(message: string, continueToken?: string): StatusError {
  return new StatusError({ code: 410, reason: 'Expired', message, continueToken });
}

/** 504: the version asked for lies in the future. */
export function tooLargeResourceVersion(asked: number, current: number): StatusError {
  const message = `Timeout: Too large resource version: ${asked}, current: ${current}`;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return new StatusError({ code: 504, reason: 'Timeout', message, details: { causes, retryAfterSeconds: 1 } });
}

export function tooManyRequests(retryAfterSeconds: number): StatusError {
  const message = 'Too many requests, please try again later.';
  return new StatusError({ code: 429, reason: 'TooManyRequests', message, details: { retryAfterSeconds } });
}

export function unavailable(retryAfterSeconds: number | undefined): StatusError {
  const details = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  const message = 'the server is currently unable to handle the request';
  return new StatusError({ code: 503, reason: 'ServiceUnavailable', message, details });
}

export function internalError(message: string): StatusError {
  const causes = [{ reason: '', message }];
  const text = `Internal error occurred: ${message}`;
  return new StatusError({ code: 500, reason: 'InternalError', message: text, details: { causes } });
}

/** The faults of one field, worded like the real server's. */
export const fieldFault = {
  required: (field: string, why = ''): StatusCause => ({
    reason: 'FieldValueRequired',
    message: why === '' ? 'Required value' : `Required value: ${why}`,
    field,
  }),
  invalid: (field: string, value: unknown, why: string): StatusCause => ({
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
    field,
  }),
  forbidden: (field: string, why: string): StatusCause => ({
    reason: 'FieldValueForbidden',
    message: `Forbidden: ${why}`,
    field,
  }),
  duplicate: (field: string, value: unknown): StatusCause => ({
    reason: 'FieldValueDuplicate',
    message: `Duplicate value: ${JSON.stringify(value)}`,
    field,
  }),
  notSupported: (field: string, value: string, supported: readonly string[]): StatusCause => ({
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`,
    field,
  }),
};

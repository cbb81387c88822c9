import { ConfigError, describeConfigFault } from '../base/config-error.ts';
import { CloudError } from '../cloud/cloud-error.ts';
import { isApiError, type ApiError } from '../kube/client/api-error.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { redactTold } from './output/redact-told.ts';

/** A subcommand that can't go on, with what whoever typed it can do. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly code = 'CommandFailure';
  readonly next: string;
  readonly exit: ExitCode;

  /**
   * @param message the cause, in one line
   * @param next what to do
   */
  constructor(message: string, next: string, options: { readonly exit?: ExitCode; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.next = next;
    this.exit = options.exit ?? exitCodes.failed;
  }
}

/** A failure as it is told: the first line is the cause with the next step. Holds no secret and no stack. */
export interface ToldFailure {
  readonly exit: ExitCode;
  readonly cause: string;
  readonly next: string;
  /** Further causes. */
  readonly more: readonly string[];
}

/** Turns whatever was thrown into what is told. Never throws. */
export function tellFailure(error: unknown): ToldFailure {
  const told = judge(error);
  return { ...told, cause: oneLine(told.cause), next: oneLine(told.next), more: told.more.map(oneLine) };
}

/** One line without secrets and control characters. */
export function oneLine(text: string): string {
  return redactTold(text).replace(/[\u0000-\u001f\u007f]+/g, ' ');
}

function judge(error: unknown): ToldFailure {
  if (error instanceof CommandFailure) return { exit: error.exit, cause: error.message, next: error.next, more: [] };
  if (error instanceof ConfigError) {
    const [first = 'the configuration can not be used', ...more] = error.faults.map(describeConfigFault);
    return { exit: exitCodes.failed, cause: first, next: '', more };
  }
  if (isApiError(error)) return failed(`the cluster can't be asked: ${error.message}`, nextForCluster(error));
  if (error instanceof CloudError) return failed(describeCloudError(error), nextForCloud(error));
  if (error instanceof Error && error.name === 'AbortError') return failed('interrupted', 'run it again');
  const message = error instanceof Error ? error.message : String(error);
  return failed(`this is a defect of the program: ${message}`, 'report it with the command line that led to it');
}

function failed(cause: string, next: string): ToldFailure {
  return { exit: exitCodes.failed, cause, next, more: [] };
}

function nextForCluster(error: ApiError): string {
  switch (error.kind) {
    case 'unauthorized':
      return 'renew the credentials of the kubeconfig, or name another one with --kubeconfig';
    case 'forbidden':
      return 'give this user the rights that `doctor` lists, or name another user with --kubeconfig';
    case 'connectionFailed':
    case 'timeout':
      return 'check the address of the server in the kubeconfig, and that it can be reached from here';
    case 'notFound':
      return 'check the name; `kubectl get` lists what is there';
    case 'tooManyRequests':
    case 'unavailable':
    case 'serverTimeout':
    case 'internal':
      return 'the API server is in trouble: look at its own health first, then try again';
    case 'alreadyExists':
    case 'conflict':
    case 'expired':
    case 'invalid':
    case 'badRequest':
    case 'unsupported':
    case 'tooLarge':
    case 'aborted':
    case 'malformedReply':
      return 'check that the kubeconfig leads to a Kubernetes API server of a supported version';
  }
}

/** What the cloud answered, in words that start with the cause. */
export function describeCloudError(error: CloudError): string {
  const { cloudCode, operation, permission, requestId } = error.details;
  const place = operation === undefined ? '' : ` (${operation}${requestId ? `, request ${requestId}` : ''})`;
  const code = cloudCode === undefined || error.message.includes(cloudCode) ? '' : `${cloudCode}: `;
  const text = `${code}${error.message}${place}`;
  switch (error.code) {
    case 'Throttled':
      return `the cloud throttles: ${text}`;
    case 'Denied':
      return `the cloud refuses these credentials${permission === undefined ? '' : ` ${permission}`}: ${text}`;
    case 'Unavailable':
      return `the cloud can't be reached: ${text}`;
    case 'Quota':
      return `a quota of the cloud is used up: ${text}`;
    case 'NotFound':
    case 'Conflict':
    case 'Invalid':
    case 'Unknown':
      return `the cloud answered ${error.code}: ${text}`;
  }
}

/** What to do about it. */
export function nextForCloud(error: CloudError): string {
  switch (error.code) {
    case 'Throttled': {
      const { retryAfter } = error.details;
      const wait = retryAfter === undefined ? 'a minute' : retryAfter.toString();
      return `try again in ${wait}; \`audit\` shows how many calls the present manager spends`;
    }
    case 'Denied':
      return "check the credentials that this program finds (environment, files, the machine's role) and their permissions; `doctor` lists them";
    case 'Unavailable':
      return 'check network, proxy and the endpoint in --cloud-config';
    case 'Quota':
      return 'have the quota raised, or delete what `orphans list` shows';
    case 'NotFound':
    case 'Conflict':
    case 'Invalid':
    case 'Unknown':
      return 'try again; if it stays, `capture` it and report it';
  }
}

import { Duration } from '../../base/duration.ts';
import { ApiError } from './api-error.ts';

const mostRetries = 10;
const longestWait = Duration.seconds(30);
const firstWait = Duration.milliseconds(100);

/** What a failed attempt was. */
export interface FailedAttempt {
  readonly error: unknown;
  readonly isWrite: boolean;
  /** How many attempts failed before this one. */
  readonly retries: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * How long to wait before the same request is sent again; undefined when it must not be.
 *
 * A write is repeated only when it surely was not done: the server declined it for load (429), or it never left. The server's
 * Retry-After is honoured; the jitter on top keeps clients that were declined together from coming back together.
 */
export function chooseRetryDelay(attempt: FailedAttempt): Duration | undefined {
  const { error, retries, random } = attempt;
  if (!(error instanceof ApiError) || !isRepeatable(error, attempt) || retries >= mostRetries) return undefined;
  const asked = error.retryAfter ?? firstWait.times(2 ** retries);
  if (asked.isLongerThan(longestWait)) return undefined;
  return asked.times(1 + 0.2 * random()).plus(firstWait.times(random()));
}

function isRepeatable(error: ApiError, attempt: FailedAttempt): boolean {
  switch (error.kind) {
    case 'tooManyRequests':
      return true;
    case 'unavailable':
    case 'internal':
    case 'serverTimeout':
      return !attempt.isWrite && error.retryAfter !== undefined;
    case 'connectionFailed':
      // Callers have a back-off of their own: this only bridges a connection that was closed while idle.
      return attempt.retries < 2 && (error.outcome === 'notSent' || !attempt.isWrite);
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
    case 'timeout':
    case 'aborted':
    case 'malformedReply':
      return false;
  }
}

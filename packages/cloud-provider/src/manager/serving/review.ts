import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { exponentialBackoff } from '../../base/backoff.ts';
import { isApiError } from '../../kube/client/api-error.ts';
import type { KubeClient, RawResponse } from '../../kube/client/kube-client.ts';

/** Source: k8s.io/apiserver pkg/server/options/authentication.go, DefaultAuthWebhookRetryBackoff. */
const mostAttempts = 5;
const waits = { initial: Duration.milliseconds(500), factor: 1.5, jitter: 0.2, max: Duration.seconds(5) };

/** Source: k8s.io/apiserver pkg/server/options, `TokenRequestTimeout` and `ClientTimeout`. */
const timeLimit = Duration.seconds(10);

export interface ReviewAsker {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Uniform in [0, 1): spreads the attempts of several managers. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** A question to the API server about a user. */
export interface Review {
  /** `TokenReview`, `SubjectAccessReview`. */
  readonly kind: string;
  readonly group: string;
  readonly resource: string;
  readonly spec: object;
  /** What the ten seconds are for. */
  readonly limits: 'allAttempts' | 'eachAttempt';
}

/**
 * Asks the API server, five times at most where it is likely to answer if asked again: it has too much to do, an error of its
 * own, or cut the connection. Whoever waits for the answer is a client that would be told otherwise that it may not.
 * Source: k8s.io/apiserver pkg/util/webhook, WithExponentialBackoff and DefaultShouldRetry.
 *
 * @returns the API server's `status`
 * @throws ApiError, or Error with the status that was answered; the signal's reason when it is aborted
 */
export async function askForReview(
  { client, clock, random }: ReviewAsker,
  review: Review,
  signal: AbortSignal,
): Promise<unknown> {
  const { group, kind, limits, resource, spec } = review;
  const backoff = exponentialBackoff({ ...waits, ...(random && { random }) });
  const end = clock.monotonic() + timeLimit.milliseconds;
  for (let attempt = 1; ; attempt++) {
    const left = Duration.milliseconds(end - clock.monotonic());
    const answer = await send(client, {
      method: 'POST',
      path: ['apis', group, 'v1', resource],
      body: { apiVersion: `${group}/v1`, kind, spec },
      timeout: limits === 'allAttempts' ? left : timeLimit,
      signal,
    });
    if (answer.kind === 'answered') return answer.status;
    const wait = backoff.next().max(answer.retryAfter);
    const latest = limits === 'allAttempts' ? end : clock.monotonic() + timeLimit.milliseconds;
    const isTooLate = clock.monotonic() + wait.milliseconds >= latest;
    if (answer.kind === 'failed' || attempt === mostAttempts || isTooLate) throw answer.error;
    await clock.sleep(wait, signal);
  }
}

type Answer =
  | { readonly kind: 'answered'; readonly status: unknown }
  | { readonly kind: 'failed' | 'retry'; readonly error: unknown; readonly retryAfter: Duration };

async function send(client: KubeClient, request: Parameters<KubeClient['raw']>[0]): Promise<Answer> {
  try {
    const response = await client.raw(request);
    if (response.status < 300) {
      // The reply is the API server's, of the version asked for.
      const { status } = response.json() as { readonly status?: unknown };
      return { kind: 'answered', status };
    }
    const error = new Error(`the API server answered ${request.path.at(-1) ?? ''} with ${response.status}`);
    const retryAfter = retryAfterOf(response);
    const isPassing = [429, 500, 504].includes(response.status) || retryAfter.milliseconds > 0;
    return { kind: isPassing ? 'retry' : 'failed', error, retryAfter };
  } catch (error) {
    // Nothing comes of a review, so that one whose answer was lost can be asked for again.
    const isCut = isApiError(error, 'connectionFailed') && error.outcome === 'unknown';
    return { kind: isCut ? 'retry' : 'failed', error, retryAfter: Duration.zero };
  }
}

function retryAfterOf(response: RawResponse): Duration {
  const seconds = Number(response.header('retry-after'));
  return Duration.seconds(Number.isFinite(seconds) && seconds > 0 ? seconds : 0);
}

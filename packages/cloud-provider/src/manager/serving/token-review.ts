import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { Authenticate, Authentication } from './request-user.ts';

export interface TokenReviewOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** How long an answer is remembered. */
  readonly cacheTTL: Duration;
}

/** As many answers as are remembered at once; more tokens than this are asked for again. */
const maxRemembered = 1024;

/**
 * Authenticates bearer tokens by TokenReview. Only digests of tokens are kept. An API server that doesn't answer rejects, so
 * that nobody gets in by an outage.
 * Source: Kubernetes documentation, webhook token authentication.
 */
export function createTokenReviewer(options: TokenReviewOptions): Authenticate {
  const { client, clock } = options;
  const remembered = new Map<string, { answer: Authentication; until: number }>();
  return async ({ authorization }, signal) => {
    const token = /^\s*Bearer ([^\s]+)\s*$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return { kind: 'absent' };
    const digest = createHash('sha256').update(token).digest('base64');
    const known = remembered.get(digest);
    if (known && known.until > clock.monotonic()) return known.answer;
    const answer = await reviewToken(client, token, signal);
    if (remembered.size >= maxRemembered) remembered.clear();
    remembered.set(digest, { answer, until: clock.monotonic() + options.cacheTTL.milliseconds });
    return answer;
  };
}

async function reviewToken(client: KubeClient, token: string, signal: AbortSignal): Promise<Authentication> {
  const response = await client.raw({
    method: 'POST',
    path: ['apis', 'authentication.k8s.io', 'v1', 'tokenreviews'],
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } },
    signal,
  });
  if (response.status >= 300) throw new Error(`the API server answered a TokenReview with ${response.status}`);
  // The reply is the API server's, of the version asked for.
  const review = response.json() as {
    status?: {
      authenticated?: boolean;
      user?: { username?: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> };
    };
  };
  if (review.status?.authenticated !== true) return { kind: 'invalid' };
  const { username = '', uid = '', groups = [], extra = {} } = review.status.user ?? {};
  return { kind: 'user', user: { name: username, uid, groups, extra } };
}

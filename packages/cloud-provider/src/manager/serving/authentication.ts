import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';

/** Who a request comes from, as the API server says. */
export interface RequestUser {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
}

export const anonymousUser: RequestUser = { name: 'system:anonymous', uid: '', groups: ['system:unauthenticated'] };

/** `undefined` means that the credentials are not valid. */
export type Authenticate = (authorization: string | undefined, signal: AbortSignal) => Promise<RequestUser | undefined>;

export interface TokenReviewOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** How long an answer is remembered. */
  readonly cacheTTL: Duration;
}

/** As many answers as are remembered at once; more tokens than this are asked for again. */
const maxRemembered = 1024;

/**
 * Authenticates bearer tokens by TokenReview. Only digests of tokens are kept. A request without a token is anonymous; an
 * API server that doesn't answer rejects, so that nobody gets in by an outage.
 * Source: Kubernetes documentation, webhook token authentication.
 */
export function createTokenReviewer(options: TokenReviewOptions): Authenticate {
  const { client, clock } = options;
  const remembered = new Map<string, { user: RequestUser | undefined; until: number }>();
  return async (authorization, signal) => {
    if (authorization === undefined) return anonymousUser;
    const token = /^Bearer ([^\s]+)$/i.exec(authorization)?.[1];
    if (token === undefined) return undefined;
    const digest = createHash('sha256').update(token).digest('base64');
    const known = remembered.get(digest);
    if (known && known.until > clock.monotonic()) return known.user;
    const user = await reviewToken(client, token, signal);
    if (remembered.size >= maxRemembered) remembered.clear();
    remembered.set(digest, { user, until: clock.monotonic() + options.cacheTTL.milliseconds });
    return user;
  };
}

async function reviewToken(client: KubeClient, token: string, signal: AbortSignal): Promise<RequestUser | undefined> {
  const response = await client.raw({
    method: 'POST',
    path: ['apis', 'authentication.k8s.io', 'v1', 'tokenreviews'],
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } },
    signal,
  });
  if (response.status >= 300) throw new Error(`the API server answered a TokenReview with ${response.status}`);
  // The reply is the API server's, of the version asked for.
  const review = response.json() as {
    status?: { authenticated?: boolean; user?: { username?: string; uid?: string; groups?: string[] } };
  };
  if (review.status?.authenticated !== true) return undefined;
  const { username = '', uid = '', groups = [] } = review.status.user ?? {};
  return { name: username, uid, groups };
}

import { createHash } from 'node:crypto';
import type { Duration } from '../../base/duration.ts';
import type { Authenticate, Authentication } from './request-user.ts';
import { type ReviewAsker, askForReview } from './review.ts';

export interface TokenReviewOptions extends ReviewAsker {
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
  const { clock } = options;
  const remembered = new Map<string, { answer: Authentication; until: number }>();
  return async ({ authorization }, signal) => {
    const token = /^\s*Bearer ([^\s]+)\s*$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return { kind: 'absent' };
    const digest = createHash('sha256').update(token).digest('base64');
    const known = remembered.get(digest);
    if (known && known.until > clock.monotonic()) return known.answer;
    const answer = await reviewToken(options, token, signal);
    if (remembered.size >= maxRemembered) remembered.clear();
    remembered.set(digest, { answer, until: clock.monotonic() + options.cacheTTL.milliseconds });
    return answer;
  };
}

async function reviewToken(asker: ReviewAsker, token: string, signal: AbortSignal): Promise<Authentication> {
  const status = await askForReview(
    asker,
    {
      kind: 'TokenReview',
      group: 'authentication.k8s.io',
      resource: 'tokenreviews',
      spec: { token },
      limits: 'allAttempts',
    },
    signal,
  );
  // The API server's, of the version asked for.
  const review = status as
    | {
        authenticated?: boolean;
        user?: { username?: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> };
      }
    | undefined;
  if (review?.authenticated !== true) return { kind: 'invalid' };
  const { username = '', uid = '', groups = [], extra = {} } = review.user ?? {};
  return { kind: 'user', user: { name: username, uid, groups, extra } };
}

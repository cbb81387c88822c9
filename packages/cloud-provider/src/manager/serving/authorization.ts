import { createHash } from 'node:crypto';
import type { Duration } from '../../base/duration.ts';
import type { RequestUser } from './request-user.ts';
import { type ReviewAsker, askForReview } from './review.ts';

/** What a user asks for: a path, and the HTTP method in lower case. */
export interface RequestedAccess {
  readonly path: string;
  readonly verb: string;
}

/** Whether a user may do that. */
export type Authorize = (
  user: RequestUser,
  access: RequestedAccess,
  signal: AbortSignal,
) => Promise<'allowed' | 'forbidden'>;

export interface AccessReviewOptions extends ReviewAsker {
  readonly allowedTTL: Duration;
  readonly forbiddenTTL: Duration;
}

/** As many answers as are remembered at once. */
const maxRemembered = 1024;

/**
 * Authorizes by SubjectAccessReview on the path as a non-resource URL; system:masters may do everything, as in the Go
 * managers. An API server that doesn't answer rejects.
 */
export function createAccessReviewer(options: AccessReviewOptions): Authorize {
  const { clock } = options;
  const remembered = new Map<string, { answer: 'allowed' | 'forbidden'; until: number }>();
  return async (user, access, signal) => {
    if (user.groups.includes('system:masters')) return 'allowed';
    // Whoever asks says how long the path is.
    const asked = JSON.stringify([user, access.path, access.verb]);
    const key = createHash('sha256').update(asked).digest('base64');
    const known = remembered.get(key);
    if (known && known.until > clock.monotonic()) return known.answer;
    const answer = await reviewAccess(options, { user, access }, signal);
    const ttl = answer === 'allowed' ? options.allowedTTL : options.forbiddenTTL;
    if (remembered.size >= maxRemembered) remembered.clear();
    remembered.set(key, { answer, until: clock.monotonic() + ttl.milliseconds });
    return answer;
  };
}

async function reviewAccess(
  asker: ReviewAsker,
  { user, access }: { readonly user: RequestUser; readonly access: RequestedAccess },
  signal: AbortSignal,
): Promise<'allowed' | 'forbidden'> {
  const status = await askForReview(
    asker,
    {
      kind: 'SubjectAccessReview',
      group: 'authorization.k8s.io',
      resource: 'subjectaccessreviews',
      spec: {
        user: user.name,
        uid: user.uid,
        groups: user.groups,
        extra: user.extra,
        nonResourceAttributes: { path: access.path, verb: access.verb },
      },
      limits: 'eachAttempt',
    },
    signal,
  );
  // The API server's, of the version asked for.
  const review = status as { allowed?: boolean; denied?: boolean } | undefined;
  return review?.allowed === true && review.denied !== true ? 'allowed' : 'forbidden';
}

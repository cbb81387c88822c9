import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { RequestUser } from './request-user.ts';

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

export interface AccessReviewOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
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
  const { client, clock } = options;
  const remembered = new Map<string, { answer: 'allowed' | 'forbidden'; until: number }>();
  return async (user, access, signal) => {
    if (user.groups.includes('system:masters')) return 'allowed';
    const key = JSON.stringify([user, access.path, access.verb]);
    const known = remembered.get(key);
    if (known && known.until > clock.monotonic()) return known.answer;
    const answer = await reviewAccess(client, { user, access, signal });
    const ttl = answer === 'allowed' ? options.allowedTTL : options.forbiddenTTL;
    if (remembered.size >= maxRemembered) remembered.clear();
    remembered.set(key, { answer, until: clock.monotonic() + ttl.milliseconds });
    return answer;
  };
}

async function reviewAccess(
  client: KubeClient,
  request: { readonly user: RequestUser; readonly access: RequestedAccess; readonly signal: AbortSignal },
): Promise<'allowed' | 'forbidden'> {
  const { user, access, signal } = request;
  const response = await client.raw({
    method: 'POST',
    path: ['apis', 'authorization.k8s.io', 'v1', 'subjectaccessreviews'],
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: user.name,
        uid: user.uid,
        groups: user.groups,
        extra: user.extra,
        nonResourceAttributes: { path: access.path, verb: access.verb },
      },
    },
    signal,
  });
  if (response.status >= 300) throw new Error(`the API server answered a SubjectAccessReview with ${response.status}`);
  // The reply is the API server's, of the version asked for.
  const review = response.json() as { status?: { allowed?: boolean } };
  return review.status?.allowed === true ? 'allowed' : 'forbidden';
}

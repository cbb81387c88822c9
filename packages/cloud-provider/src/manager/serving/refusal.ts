import type { Answer } from './management-server.ts';

/** Why somebody gets no answer. */
export type Refusal =
  | { readonly kind: 'unauthorized' }
  | { readonly kind: 'forbidden'; readonly user: string; readonly verb: string; readonly path: string };

/** For whom it is written. */
export interface RefusedReader {
  readonly query: URLSearchParams;
  readonly userAgent: string;
}

/** A refusal in the form of the API server's, as clients of the Go managers know it. */
export function refuse(refusal: Refusal, reader: RefusedReader): Answer {
  const isForbidden = refusal.kind === 'forbidden';
  const code = isForbidden ? 403 : 401;
  const reason = isForbidden ? 'Forbidden' : 'Unauthorized';
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: isForbidden
      ? `forbidden: User ${JSON.stringify(refusal.user)} cannot ${refusal.verb} path ${JSON.stringify(refusal.path)}`
      : reason,
    reason,
    ...(isForbidden && { details: {} }),
    code,
  };
  const body = wantsIndent(reader) ? JSON.stringify(status, undefined, 2) : `${JSON.stringify(status)}\n`;
  return { status: code, contentType: 'application/json', body };
}

/** Source: k8s.io/apiserver pkg/endpoints/handlers/negotiation, isPrettyPrint. */
function wantsIndent({ query, userAgent }: RefusedReader): boolean {
  const wish = query.get('pretty') ?? '';
  if (wish !== '') return /^(1|t|T|true|TRUE|True)$/.test(wish);
  return /^(curl|Wget|Mozilla\/5\.0)/.test(userAgent);
}

import { authenticateByCertificate } from './client-certificate.ts';
import type { ClientAuthorities } from './client-authorities.ts';
import { authenticateByRequestHeader } from './request-header.ts';
import type { Authenticate } from './request-user.ts';

export interface AuthenticatorOptions {
  /** Asked for each request: they change while the manager runs. */
  readonly authorities: () => ClientAuthorities;
  readonly reviewToken: Authenticate;
  readonly now: () => Date;
}

/**
 * Asks one authenticator after the other, as the Go managers do: the headers of a front proxy, the client's certificate, the
 * bearer token. Who has none of these is anonymous; who has only wrong ones is refused.
 * Source: k8s.io/apiserver authentication/authenticatorfactory/delegating.go.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticate {
  return async (credentials, signal) => {
    const { requestHeader, clients } = options.authorities();
    const at = options.now();
    const byHeader = requestHeader
      ? authenticateByRequestHeader(credentials, requestHeader, at)
      : ({ kind: 'absent' } as const);
    if (byHeader.kind === 'user') return byHeader;
    const byCertificate =
      clients.length > 0 ? authenticateByCertificate(credentials.peer, clients, at) : ({ kind: 'absent' } as const);
    if (byCertificate.kind === 'user') return byCertificate;
    const byToken = await options.reviewToken(credentials, signal);
    if (byToken.kind === 'user') return byToken;
    const isInvalid = [byHeader, byCertificate, byToken].some((answer) => answer.kind === 'invalid');
    return { kind: isInvalid ? 'invalid' : 'absent' };
  };
}

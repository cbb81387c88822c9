import { commonName, verifiedLeaf } from './client-certificate.ts';
import type { RequestHeaderAuthority } from './client-authorities.ts';
import { asAuthenticated, type Authentication, type RequestCredentials } from './request-user.ts';

/**
 * The user that a front proxy names in headers, believed only when the proxy's own certificate is of the authority for
 * proxies and of an allowed name. Source: k8s.io/apiserver authentication/request/headerrequest.
 */
export function authenticateByRequestHeader(
  credentials: RequestCredentials,
  authority: RequestHeaderAuthority,
  at: Date,
): Authentication {
  if (credentials.peer.kind === 'none') return { kind: 'absent' };
  const proxy = verifiedLeaf(credentials.peer, authority.certificates, at);
  if (!proxy) return { kind: 'invalid' };
  const { allowedNames } = authority;
  if (allowedNames.length > 0 && !allowedNames.includes(commonName(proxy))) return { kind: 'invalid' };
  const name = firstValue(credentials, authority.usernameHeaders);
  if (name === '') return { kind: 'absent' };
  const groups = authority.groupHeaders.flatMap((header) => credentials.header(header.toLowerCase()));
  return {
    kind: 'user',
    user: asAuthenticated({
      name,
      uid: firstValue(credentials, authority.uidHeaders),
      groups,
      extra: extraOf(credentials, authority.extraHeaderPrefixes),
    }),
  };
}

function firstValue(credentials: RequestCredentials, headers: readonly string[]): string {
  for (const header of headers) {
    const value = credentials.header(header.toLowerCase())[0] ?? '';
    if (value !== '') return value;
  }
  return '';
}

function extraOf(credentials: RequestCredentials, prefixes: readonly string[]): Record<string, readonly string[]> {
  const extra = new Map<string, readonly string[]>();
  for (const prefix of prefixes.map((each) => each.toLowerCase())) {
    for (const header of credentials.headerNames) {
      if (!header.startsWith(prefix)) continue;
      const key = unescapeKey(header.slice(prefix.length));
      extra.set(key, [...(extra.get(key) ?? []), ...credentials.header(header)]);
    }
  }
  return Object.fromEntries(extra);
}

/** Proxies escape what header names can't hold; what is not such an escape is taken as it is. */
function unescapeKey(escaped: string): string {
  try {
    return decodeURIComponent(escaped).toLowerCase();
  } catch {
    return escaped;
  }
}

import type { X509Certificate } from 'node:crypto';

/** Who a request comes from. */
export interface RequestUser {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  /** What else the authenticator knows, by lower-case key; handed on to the authorizer. */
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

export const anonymousUser: RequestUser = {
  name: 'system:anonymous',
  uid: '',
  groups: ['system:unauthenticated'],
  extra: {},
};

const authenticatedGroup = 'system:authenticated';

/** The user with the group that every user has who is not anonymous. */
export function asAuthenticated(user: RequestUser): RequestUser {
  return user.groups.includes(authenticatedGroup) ? user : { ...user, groups: [...user.groups, authenticatedGroup] };
}

/** The client certificate of a connection. */
export type PeerCertificate =
  | { readonly kind: 'none' }
  /** There is one, and none of the authorities vouches for it. */
  | { readonly kind: 'unverified' }
  /** TLS verified it, and that the client has its key, against some of the authorities. */
  | { readonly kind: 'verified'; readonly certificate: X509Certificate };

/** Everything of a request that may prove who sends it. */
export interface RequestCredentials {
  readonly authorization: string | undefined;
  /** The values of a header by its lower-case name, one for each line of it. */
  readonly header: (name: string) => readonly string[];
  /** The lower-case names of all headers. */
  readonly headerNames: readonly string[];
  readonly peer: PeerCertificate;
}

/**
 * What an authenticator says: who it is; that the credentials it looks for are wrong; or that there are none of its kind.
 */
export type Authentication =
  | { readonly kind: 'user'; readonly user: RequestUser }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'absent' };

/** Rejects when it can't find out. */
export type Authenticate = (credentials: RequestCredentials, signal: AbortSignal) => Promise<Authentication>;

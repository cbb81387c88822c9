import { X509Certificate } from 'node:crypto';

/** Who may vouch for users by certificates. */
export interface ClientAuthorities {
  /** For client certificates; empty when there are none. */
  readonly clients: readonly X509Certificate[];
  /** For front proxies; undefined when none is trusted. */
  readonly requestHeader: RequestHeaderAuthority | undefined;
}

/** Which front proxies may name users, and in which headers. */
export interface RequestHeaderAuthority {
  readonly certificates: readonly X509Certificate[];
  /** Common names of proxies; empty for any. */
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
  readonly uidHeaders: readonly string[];
}

export const noAuthorities: ClientAuthorities = { clients: [], requestHeader: undefined };

/** All authorities in PEM, for TLS. */
export function authoritiesInPem(authorities: ClientAuthorities): readonly string[] {
  const certificates = [...authorities.clients, ...(authorities.requestHeader?.certificates ?? [])];
  return [...new Set(certificates.map((certificate) => certificate.toString()))];
}

/**
 * The certificates of a PEM bundle; text between them is allowed.
 *
 * @throws Error when there is none, or when one can't be read
 */
export function parseCertificates(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Error('it holds no certificate in PEM');
  return blocks.map((block) => new X509Certificate(block));
}

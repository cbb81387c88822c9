import { createHash, type X509Certificate } from 'node:crypto';
import { asAuthenticated, type Authentication, type PeerCertificate } from './request-user.ts';

/**
 * The user of a client certificate: its common name, and the organisations as groups.
 * Source: k8s.io/apiserver authentication/request/x509, CommonNameUserConversion.
 */
export function authenticateByCertificate(
  peer: PeerCertificate,
  authorities: readonly X509Certificate[],
  at: Date,
): Authentication {
  if (peer.kind === 'none') return { kind: 'absent' };
  const leaf = verifiedLeaf(peer, authorities, at);
  if (!leaf) return { kind: 'invalid' };
  const name = commonName(leaf);
  if (name === '') return { kind: 'absent' };
  const digest = createHash('sha256').update(leaf.raw).digest('hex');
  return {
    kind: 'user',
    user: asAuthenticated({
      name,
      uid: '',
      groups: namesOf(leaf, 'O'),
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${digest}`] },
    }),
  };
}

/**
 * The client's certificate when just these authorities vouch for it now. TLS has verified it against all authorities of the
 * server together; which of them may say what is decided here. Node shows a server nothing of the chain but the client's own
 * certificate, so an intermediate authority must be among the authorities itself; in Go it may also be sent along.
 */
export function verifiedLeaf(
  peer: PeerCertificate,
  authorities: readonly X509Certificate[],
  at: Date,
): X509Certificate | undefined {
  if (peer.kind !== 'verified') return undefined;
  const { certificate } = peer;
  if (at < certificate.validFromDate || at > certificate.validToDate) return undefined;
  return authorities.some((authority) => isIssuedBy(certificate, authority)) ? certificate : undefined;
}

/** Of several common names the last counts, as in Go. */
export function commonName(certificate: X509Certificate): string {
  return namesOf(certificate, 'CN').at(-1) ?? '';
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** The form with lines of text is ambiguous; this one keeps each value apart. */
function namesOf(certificate: X509Certificate, attribute: 'CN' | 'O'): readonly string[] {
  const subject = certificate.toLegacyObject().subject as
    | Partial<Record<string, string | readonly string[]>>
    | undefined;
  const value = subject?.[attribute];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

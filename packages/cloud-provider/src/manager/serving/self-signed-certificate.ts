import { createHash, X509Certificate } from 'node:crypto';
import { issueCertificate } from '../../base/certificate.ts';

/** A serving certificate and its key, in PEM. */
export interface ServingCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface SelfSignedOptions {
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
  readonly now: Date;
}

/** Makes a certificate for HTTPS that is valid for one year, as the Go managers do when none is given. */
export function makeSelfSignedCertificate(options: SelfSignedOptions): ServingCertificate {
  const { now, hosts, addresses } = options;
  return issueCertificate({
    subject: { commonName: `${hosts[0] ?? 'localhost'}@${Math.floor(now.getTime() / 1000)}` },
    hosts,
    addresses,
    // Clients' clocks may be behind.
    validFrom: new Date(now.getTime() - 3_600_000),
    validTo: new Date(now.getTime() + 31_536_000_000),
    usage: 'server',
    isAuthority: true,
  });
}

/** The SHA-256 fingerprint, for logs. */
export function fingerprint(certificate: string): string {
  return createHash('sha256').update(new X509Certificate(certificate).raw).digest('hex');
}

import { type CertificateAndKey, issueCertificate } from '../../../base/certificate.ts';

/** A certificate authority of a test. */
export class TestAuthority {
  readonly own: CertificateAndKey;

  constructor(commonName: string, issuer?: TestAuthority) {
    this.own = issueCertificate({
      ...validNow(),
      subject: { commonName },
      usage: 'client',
      isAuthority: true,
      ...(issuer && { issuer: issuer.own }),
    });
  }

  client(commonName: string, ...organizations: string[]): CertificateAndKey {
    return issueCertificate({
      ...validNow(),
      subject: { commonName, organizations },
      usage: 'client',
      issuer: this.own,
    });
  }

  expired(commonName: string): CertificateAndKey {
    const validTo = new Date(Date.now() - 1000);
    return issueCertificate({
      validFrom: new Date(validTo.getTime() - 3_600_000),
      validTo,
      subject: { commonName },
      usage: 'client',
      issuer: this.own,
    });
  }
}

/** A certificate for a server of these names. */
export function serverCertificate(...hosts: string[]): CertificateAndKey {
  return issueCertificate({
    ...validNow(),
    subject: { commonName: hosts[0] ?? 'server' },
    hosts,
    usage: 'server',
    isAuthority: true,
  });
}

function validNow(): { readonly validFrom: Date; readonly validTo: Date } {
  return { validFrom: new Date(Date.now() - 60_000), validTo: new Date(Date.now() + 3_600_000) };
}

import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { issueCertificate } from './certificate.ts';

const valid = { validFrom: new Date('2026-01-01T00:00:00Z'), validTo: new Date('2027-01-01T00:00:00Z') } as const;

describe('issueCertificate', () => {
  it('makes an authority and certificates that it vouches for', () => {
    const authority = issueCertificate({ ...valid, subject: { commonName: 'ca' }, usage: 'client', isAuthority: true });
    const issued = issueCertificate({
      ...valid,
      subject: { commonName: 'jane', organizations: ['people', 'viewers'] },
      usage: 'client',
      issuer: authority,
    });
    const [ca, leaf] = [new X509Certificate(authority.certificate), new X509Certificate(issued.certificate)];
    expect([ca.ca, leaf.ca]).toEqual([true, false]);
    expect(leaf.checkIssued(ca)).toBe(true);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(leaf.toLegacyObject().subject).toMatchObject({ CN: 'jane', O: ['people', 'viewers'] });
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect([leaf.validFromDate, leaf.validToDate]).toEqual([valid.validFrom, valid.validTo]);
  });
});

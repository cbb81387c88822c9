import { isIP } from 'node:net';
import { parseNamedCertificate } from '../named-certificate.ts';
import { tlsVersions } from '../tls-names.ts';
import { suggest } from '../../base/suggest.ts';

/* What the flags of a listener have in common: undefined when the value is good, else what to write instead. */

/** Why flags about HTTP/2 mean nothing. */
export const onlyHTTP1 = 'HTTP/1.1 is served, which every client speaks';

export const anAddress = (value: string): string | undefined =>
  value === '' || isIP(value) !== 0 ? undefined : 'write an IP address, or nothing for all of this host';

export const aTlsVersion = (value: string): string | undefined =>
  value === '' || Object.hasOwn(tlsVersions, value) ? undefined : `write one of ${Object.keys(tlsVersions).join(', ')}`;

export const knownNames =
  (known: Readonly<Record<string, string>>, what: string) =>
  (values: readonly string[]): string | undefined => {
    const unknown = values.find((value) => !Object.hasOwn(known, value));
    if (unknown === undefined) return undefined;
    const near = suggest(unknown, Object.keys(known));
    const hint = near === undefined ? `write some of ${Object.keys(known).join(', ')}` : `did you mean ${near}?`;
    return `${JSON.stringify(unknown)} is no ${what} that is offered here: ${hint}`;
  };

export const certificatePairs = (values: readonly string[]): string | undefined => {
  const bad = values.find((value) => parseNamedCertificate(value) === undefined);
  return bad === undefined
    ? undefined
    : `${JSON.stringify(bad)}: write CERTIFICATE,KEY or CERTIFICATE,KEY:PATTERN,PATTERN, once for each pair`;
};

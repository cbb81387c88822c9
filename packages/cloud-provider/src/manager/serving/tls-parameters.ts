import type { SecureContextOptions } from 'node:tls';
import { cipherSuites, curves, tls13Suites, tlsVersions } from '../../config/tls-names.ts';

/** The values of the three flags; empty for the default. */
export interface TlsFlags {
  readonly minVersion: string;
  readonly cipherSuites: readonly string[];
  readonly curvePreferences: readonly string[];
}

/** How connections may be encrypted. Unknown names are dropped: the flags' own checks tell about them. */
export type TlsParameters = Pick<SecureContextOptions, 'minVersion' | 'ciphers' | 'ecdhCurve'>;

export function tlsParameters(flags: TlsFlags): TlsParameters {
  const chosen = flags.cipherSuites.flatMap((name) => cipherSuites[name] ?? []);
  const names = flags.curvePreferences.flatMap((id) => curves[id] ?? []);
  return {
    minVersion: tlsVersions[flags.minVersion] ?? 'TLSv1.2',
    // Without any suite of TLS 1.3 in the list, Node would switch that version off.
    ...(chosen.length > 0 && { ciphers: [...new Set([...tls13Suites, ...chosen])].join(':') }),
    ...(names.length > 0 && { ecdhCurve: names.join(':') }),
  };
}

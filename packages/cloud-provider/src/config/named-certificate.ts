/** A value of `--tls-sni-cert-key`. */
export interface NamedCertificateFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Empty: the names of the certificate. */
  readonly patterns: readonly string[];
}

/**
 * Reads `a.crt,a.key` or `a.crt,a.key:*.example.com,example.com`; undefined when it is neither.
 * Source: k8s.io/component-base cli/flag/namedcertkey_flag.go.
 */
export function parseNamedCertificate(value: string): NamedCertificateFiles | undefined {
  const colon = value.lastIndexOf(':');
  const files = (colon < 0 ? value : value.slice(0, colon)).split(',').map((part) => part.trim());
  const [certificateFile = '', keyFile = '', ...rest] = files;
  if (certificateFile === '' || keyFile === '' || rest.length > 0) return undefined;
  const patterns =
    colon < 0
      ? []
      : value
          .slice(colon + 1)
          .split(',')
          .map((part) => part.trim());
  if (patterns.includes('') || patterns.some((pattern) => pattern.includes('/'))) return undefined;
  return { certificateFile, keyFile, patterns };
}

/** Whether a certificate for the pattern fits a host name; an exact pattern counts before one with a wildcard. */
export function matchPattern(pattern: string, host: string): 'exact' | 'wildcard' | 'none' {
  if (pattern === host) return 'exact';
  if (!pattern.startsWith('*.')) return 'none';
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot) === pattern.slice(1) ? 'wildcard' : 'none';
}

import { constants } from 'node:crypto';
import {
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  type Server,
  type TlsOptions,
} from 'node:tls';
import { matchPattern } from '../../config/named-certificate.ts';
import type { ServingCertificates } from './serving-certificates.ts';
import type { TlsParameters } from './tls-parameters.ts';

/** What of TLS may change while a server runs. */
export interface TlsMaterial {
  readonly certificates: ServingCertificates;
  /** PEM: who may vouch for clients. */
  readonly clientAuthorities: readonly string[];
}

/** How a server speaks TLS. */
export interface TlsServing {
  readonly material: TlsMaterial;
  readonly parameters: TlsParameters;
  /** Whether clients are asked for a certificate; none is needed to connect. */
  readonly asksForCertificates: 'yes' | 'no';
}

/** TLS of one server. */
export interface PreparedTls {
  /** For making the server. */
  readonly options: TlsOptions;
  /** Takes other certificates. Throws for such as can't be used, and changes nothing then. */
  replace(server: Pick<Server, 'setSecureContext'>, material: TlsMaterial): void;
}

/** Prepares TLS for a server; the certificate of a connection is chosen by the host name that its client asks for. */
export function prepareTls(tls: TlsServing): PreparedTls {
  let named = namedContexts(tls, tls.material);
  return {
    options: {
      ...contextOptions(tls, tls.material),
      requestCert: tls.asksForCertificates === 'yes',
      // Who is not verified may still have a token, or ask for health alone.
      rejectUnauthorized: false,
      SNICallback: (host, done) => done(null, chooseContext(named, host.toLowerCase())),
    },
    replace(server, material) {
      const contexts = namedContexts(tls, material);
      server.setSecureContext(contextOptions(tls, material));
      named = contexts;
    },
  };
}

interface NamedContext {
  readonly patterns: readonly string[];
  readonly context: SecureContext;
}

function namedContexts(tls: TlsServing, material: TlsMaterial): readonly NamedContext[] {
  return material.certificates.named.map(({ certificate, key, patterns }) => ({
    patterns,
    context: createSecureContext({ ...contextOptions(tls, material), cert: certificate, key }),
  }));
}

function chooseContext(named: readonly NamedContext[], host: string): SecureContext | undefined {
  for (const wanted of ['exact', 'wildcard'] as const) {
    const found = named.find(({ patterns }) => patterns.some((pattern) => matchPattern(pattern, host) === wanted));
    if (found) return found.context;
  }
  return undefined;
}

function contextOptions(
  tls: TlsServing,
  material: TlsMaterial,
): SecureContextOptions & { allowPartialTrustChain: true } {
  const { main } = material.certificates;
  return {
    ...tls.parameters,
    cert: main.certificate,
    key: main.key,
    // An empty list trusts nobody; without one Node would trust the authorities of the Web.
    ca: [...material.clientAuthorities],
    // Go takes an intermediate authority for an anchor too.
    allowPartialTrustChain: true,
    // A resumed session would bring its former verdict on the client's certificate along.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

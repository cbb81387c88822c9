import { createSecureContext, type SecureContext } from 'node:tls';
import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import { Duration } from '../../base/duration.ts';
import type { TlsMaterial } from './credentials.ts';

const connectTimeout = Duration.seconds(10);
/** Below the 90 s after which the API server closes idle connections, so that no request meets a closing one. */
const keepAlive = Duration.seconds(30);
const tcpKeepAlive = Duration.seconds(30);

export interface ConnectionPoolOptions {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly tls: TlsMaterial;
  /** An HTTP proxy to go through. */
  readonly proxy?: string | undefined;
  /** HTTP/2 multiplexes everything over one connection. @default false */
  readonly allowH2?: boolean | undefined;
}

/** Connections are made as needed, kept alive and used for one request at a time; the number of requests is limited elsewhere. */
export function openConnectionPool(options: ConnectionPoolOptions): Dispatcher {
  const connect = {
    ...(options.origin.startsWith('https:') ? sharedMaterial(options.tls) : options.tls),
    timeout: connectTimeout.milliseconds,
    keepAlive: true,
    keepAliveInitialDelay: tcpKeepAlive.milliseconds,
  };
  const pooling = {
    pipelining: 1,
    allowH2: options.allowH2 ?? false,
    keepAliveTimeout: keepAlive.milliseconds,
    keepAliveMaxTimeout: keepAlive.milliseconds,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  if (options.proxy !== undefined) {
    return new ProxyAgent({ uri: options.proxy, requestTls: connect, ...pooling });
  }
  return new Pool(options.origin, { connect, ...pooling, connections: null });
}

/**
 * Reading certificates and keys takes half a millisecond, and a hundred connections may begin at once: it is done for all of
 * them together. Material that cannot be read is left to the connections, so that it fails as what it is: a connection.
 */
function sharedMaterial(tls: TlsMaterial): TlsMaterial & { readonly secureContext?: SecureContext } {
  const { ca, cert, key } = tls;
  try {
    const material = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
    return { ...tls, secureContext: createSecureContext(material) };
  } catch {
    return tls;
  }
}

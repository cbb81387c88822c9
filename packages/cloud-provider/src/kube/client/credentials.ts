import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { ApiError } from './api-error.ts';
import { readTokenFile, tokenFileOf } from './token-file.ts';

/** Tokens on disk are replaced while we run, plugins give short-lived ones: what is asked for anew is itself a cache. */
const freshFor = Duration.seconds(30);

/** What a TLS connection to the server needs. */
export interface TlsMaterial {
  readonly ca?: TlsBytes;
  readonly cert?: TlsBytes;
  readonly key?: TlsBytes;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

type TlsBytes = string | Buffer;

/** How the current user proves who it is. */
export interface Credential {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
  /** Changes when connections must be made anew. */
  readonly tlsKey: string;
}

/** The credentials of a kubeconfig's current user, refreshed as they are rotated. */
export class Credentials {
  readonly #config: KubeConfig;
  readonly #clock: Clock;
  #current: Promise<Credential> | undefined;
  #loadedAt = 0;

  constructor(config: KubeConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  /** Rejects with an ApiError of kind `unauthorized` when they cannot be had: a missing file, a failing plugin. */
  current(): Promise<Credential> {
    const now = this.#clock.monotonic();
    if (this.#current === undefined || now - this.#loadedAt > freshFor.milliseconds) {
      this.#loadedAt = now;
      this.#current = this.#load();
      this.#current.catch(() => this.invalidate());
    }
    return this.#current;
  }

  /** The server did not accept them: the next request asks anew. */
  invalidate(): void {
    this.#current = undefined;
  }

  async #load(): Promise<Credential> {
    const options: RequestOptions = {};
    const tokenFile = tokenFileOf(this.#config.getCurrentUser());
    let token: string | undefined;
    try {
      await this.#config.applyToHTTPSOptions(options);
      // client-node remembers a file for a minute, also when the server has just refused what was in it.
      if (tokenFile !== undefined) token = await readTokenFile(tokenFile);
    } catch (cause) {
      const user = this.#config.getCurrentUser()?.name ?? '';
      const told = cause instanceof Error ? cause.message : String(cause);
      throw new ApiError(`credentials of user ${JSON.stringify(user)}: ${told.trim()}`, {
        kind: 'unauthorized',
        outcome: 'notSent',
        cause,
      });
    }
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      if (value !== undefined) headers[name.toLowerCase()] = String(value).trim();
    }
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    if (typeof options.auth === 'string') {
      headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
    }
    const tls: TlsMaterial = {
      ...bytesOf('ca', options.ca),
      ...bytesOf('cert', options.cert),
      ...bytesOf('key', options.key),
      ...(options.servername !== undefined && { servername: options.servername }),
      ...(options.rejectUnauthorized !== undefined && { rejectUnauthorized: options.rejectUnauthorized }),
    };
    return { headers, tls, tlsKey: [tls.ca, tls.cert, tls.key].map(String).join('\n') };
  }
}

/** client-node gives text or bytes; the lists that Node's type allows do not occur. */
function bytesOf<Name extends string>(name: Name, value: unknown): { [N in Name]?: TlsBytes } {
  return typeof value === 'string' || Buffer.isBuffer(value) ? ({ [name]: value } as { [N in Name]: TlsBytes }) : {};
}

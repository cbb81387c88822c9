import { readFileSync } from 'node:fs';
import { exponentialBackoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { ConfigError } from '../../base/config-error.ts';
import { Duration } from '../../base/duration.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { type ClientAuthorities, parseCertificates, type RequestHeaderAuthority } from './client-authorities.ts';
import { lookUpAuthentication, type PublishedAuthentication } from './published-authentication.ts';
import { FileWatch } from './file-watch.ts';

/** What the flags say about who may vouch for users. Empty texts mean that a flag is not given. */
export interface AuthorityFlags {
  readonly clientCAFile: string;
  readonly requestHeaderCAFile: string;
  readonly requestHeader: Omit<RequestHeaderAuthority, 'certificates'>;
  /** `never`: what is not in the flags is not used. */
  readonly lookup: 'never' | 'required' | 'tolerated';
}

export interface AuthoritySourceOptions {
  readonly flags: AuthorityFlags;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** The authorities are others than before. */
  readonly onChange: () => void;
  /** Told of each change of the files of the flags. */
  readonly onReload: (outcome: 'taken' | 'refused') => void;
  /** Told what keeps the look-up from success where it is required; undefined when nothing does. */
  readonly onProblem: (problem: string | undefined) => void;
}

/** How often the cluster is asked again: authorities are rotated over days. */
const lookupPeriod = Duration.minutes(1);

/**
 * Keeps the authorities for client certificates and front proxies up to date: from the files of the flags, and what these
 * leave out from the cluster. Where Go's manager ends when the cluster can't be asked, this one goes on asking and is not
 * ready: an API server that is not there yet is the normal state of a cluster that is being built.
 */
export class AuthoritySource {
  readonly #options: AuthoritySourceOptions;
  readonly #paths: readonly string[];
  readonly #files: FileWatch;
  #fromFiles: ClientAuthorities;
  #published: PublishedAuthentication = { clients: [], requestHeader: undefined };

  /** @throws ConfigError for files that can't be used */
  constructor(options: AuthoritySourceOptions) {
    this.#options = options;
    const { clientCAFile, requestHeaderCAFile } = options.flags;
    this.#paths = [clientCAFile, requestHeaderCAFile].filter((path) => path !== '');
    this.#files = new FileWatch(this.#paths);
    this.#fromFiles = this.#read();
  }

  get current(): ClientAuthorities {
    const { clientCAFile, requestHeaderCAFile } = this.#options.flags;
    return {
      clients: clientCAFile === '' ? this.#published.clients : this.#fromFiles.clients,
      requestHeader: requestHeaderCAFile === '' ? this.#published.requestHeader : this.#fromFiles.requestHeader,
    };
  }

  /** Whether there may be authorities at some time. */
  get isPossible(): boolean {
    const { clientCAFile, requestHeaderCAFile, lookup } = this.#options.flags;
    return lookup !== 'never' || clientCAFile !== '' || requestHeaderCAFile !== '';
  }

  /** Works until the signal is aborted. */
  async run(): Promise<void> {
    await Promise.all([this.#followFiles(), this.#followCluster()]);
  }

  async #followFiles(): Promise<void> {
    const { clock, signal, logger, onChange, onReload } = this.#options;
    await this.#files.follow({
      clock,
      signal,
      onChange: () => {
        try {
          this.#fromFiles = this.#read();
          logger.info('The certificate authorities for clients were read again', { files: this.#paths });
          onReload('taken');
          onChange();
        } catch (error) {
          onReload('refused');
          logger.error("The certificate authorities for clients can't be read; the former ones stay", { error });
        }
      },
    });
  }

  async #followCluster(): Promise<void> {
    const { flags, clock, signal } = this.#options;
    const isComplete = flags.clientCAFile !== '' && flags.requestHeaderCAFile !== '';
    if (flags.lookup === 'never' || isComplete) return;
    const backoff = exponentialBackoff({
      initial: Duration.seconds(1),
      max: Duration.seconds(30),
      jitter: 0.5,
      random: Math.random,
    });
    while (!signal.aborted) {
      const isFound = await this.#lookUp();
      if (isFound) backoff.reset();
      await clock.sleep(isFound ? lookupPeriod : backoff.next(), signal).catch(() => undefined);
    }
  }

  async #lookUp(): Promise<boolean> {
    const { flags, client, signal, logger, onChange, onProblem } = this.#options;
    try {
      const published = await lookUpAuthentication(client, signal);
      const isNew = published.fingerprint !== this.#published.fingerprint;
      this.#published = published;
      onProblem(undefined);
      if (isNew) onChange();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const message = error instanceof Error ? error.message : String(error);
      if (flags.lookup === 'required') onProblem(`the cluster's authentication configuration can't be had: ${message}`);
      logger.warn(
        "The cluster's authentication configuration can't be looked up; client certificates and front proxies are not known",
        {
          error,
          fix: 'let the manager get the ConfigMap kube-system/extension-apiserver-authentication, or set --authentication-skip-lookup',
        },
      );
      return false;
    }
  }

  #read(): ClientAuthorities {
    const { clientCAFile, requestHeaderCAFile, requestHeader } = this.#options.flags;
    return {
      clients: clientCAFile === '' ? [] : readAuthorities('--client-ca-file', clientCAFile),
      requestHeader:
        requestHeaderCAFile === ''
          ? undefined
          : { ...requestHeader, certificates: readAuthorities('--requestheader-client-ca-file', requestHeaderCAFile) },
    };
  }
}

function readAuthorities(field: string, path: string): ReturnType<typeof parseCertificates> {
  try {
    return parseCertificates(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      [{ file: '', field, value: path, fix: `name a readable file of certificates in PEM (${reason})` }],
      {
        cause: error,
      },
    );
  }
}

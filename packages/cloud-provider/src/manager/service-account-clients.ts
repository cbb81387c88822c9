import type { Clock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import type { KubeClient } from '../kube/client/kube-client.ts';
import type { Logger } from '../telemetry/logger.ts';

const namespace = 'kube-system';
const requestedLife = Duration.hours(1);
/** A server may give tokens a shorter life than was asked for; anew more often than this they are not asked for. */
const shortestLife = Duration.minutes(10);
const refreshAfter = 0.8;
const attempts = 4;

export interface ServiceAccountTokenOptions {
  /** Whose identity asks for tokens. */
  readonly client: KubeClient;
  /** A service account of kube-system; made when it is not there. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Tokens of one service account by TokenRequest, each renewed at four fifths of its life.
 * Source: k8s.io/controller-manager pkg/clientbuilder/client_builder_dynamic.go.
 */
export class ServiceAccountTokens {
  readonly #options: ServiceAccountTokenOptions;
  #current: { readonly token: string; readonly renewAt: number } | undefined;
  #pending: Promise<string> | undefined;

  constructor(options: ServiceAccountTokenOptions) {
    this.#options = options;
  }

  /** A token that is good for a while yet. Rejects when none can be had. */
  token(signal: AbortSignal): Promise<string> {
    if (this.#current && this.#options.clock.monotonic() < this.#current.renewAt) {
      return Promise.resolve(this.#current.token);
    }
    this.#pending ??= this.#renew(signal).finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #renew(signal: AbortSignal): Promise<string> {
    const { clock, logger, name } = this.#options;
    let wait = Duration.milliseconds(500);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#ensureAccount(signal);
        const asked = clock.monotonic();
        const { token, life } = await this.#request(signal);
        this.#current = { token, renewAt: asked + life.times(refreshAfter).milliseconds };
        return token;
      } catch (error) {
        if (attempt === attempts || signal.aborted) throw error;
        logger.warn('A service account has no token yet; will try again', { account: name, error });
        await clock.sleep(wait, signal);
        wait = wait.times(2);
      }
    }
  }

  async #ensureAccount(signal: AbortSignal): Promise<void> {
    const { client, name } = this.#options;
    const path = ['api', 'v1', 'namespaces', namespace, 'serviceaccounts'];
    const found = await client.raw({ method: 'GET', path: [...path, name], signal });
    if (found.status === 200) return;
    if (found.status !== 404) throw refusal(`read the service account ${name}`, found.status);
    const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
    const made = await client.raw({ method: 'POST', path, body, signal });
    // Another replica may have been first.
    if (made.status !== 201 && made.status !== 409) throw refusal(`create the service account ${name}`, made.status);
  }

  async #request(signal: AbortSignal): Promise<{ readonly token: string; readonly life: Duration }> {
    const { client, clock, name } = this.#options;
    const response = await client.raw({
      method: 'POST',
      path: ['api', 'v1', 'namespaces', namespace, 'serviceaccounts', name, 'token'],
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: requestedLife.seconds },
      },
      signal,
    });
    if (response.status !== 201) throw refusal(`request a token of the service account ${name}`, response.status);
    // The reply is the API server's, of the version asked for.
    const { status } = response.json() as { status?: { token?: string; expirationTimestamp?: string } };
    if (!status?.token) throw new Error(`the API server gave no token of the service account ${name}`);
    const until = Date.parse(status.expirationTimestamp ?? '') - clock.now().getTime();
    const life = Duration.milliseconds(Number.isFinite(until) ? until : 0).max(shortestLife);
    return { token: status.token, life };
  }
}

function refusal(what: string, status: number): Error {
  return new Error(`can't ${what}: the API server answered ${status}`);
}

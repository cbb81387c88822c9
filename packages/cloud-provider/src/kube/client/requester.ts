import type { KubeConfig } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { onAbort } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import { withSpan } from '../../telemetry/spans.ts';
import { ApiError, isUnauthorized } from './api-error.ts';
import { openConnectionPool } from './connection-pool.ts';
import { type Credential, Credentials } from './credentials.ts';
import { exchange, type HttpMethod, type ReplyReceiver } from './exchange.ts';
import { RequestGate } from './request-gate.ts';
import { chooseRetryDelay } from './retry.ts';
import type { WriteFence } from './write-fence.ts';

/** Somebody as whom to act. */
export interface Impersonation {
  /** For example `system:serviceaccount:kube-system:cloud-controller-manager`. */
  readonly user: string;
  /** Service accounts need none: theirs are known to the server. */
  readonly groups: readonly string[];
}

export interface RequesterOptions {
  readonly config: KubeConfig;
  readonly impersonate?: Impersonation | undefined;
  readonly userAgent: string;
  readonly maxInFlight: number;
  readonly qps?: number | undefined;
  readonly burst?: number | undefined;
  readonly allowH2?: boolean | undefined;
  /** Takes the place of the connections. */
  readonly dispatcher?: Dispatcher | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly metrics?: MetricRegistry | undefined;
}

/** One request of the API, before credentials. */
export interface ApiRequest {
  /** For error messages: what is attempted, on which object. */
  readonly attempt: string;
  readonly method: HttpMethod;
  readonly target: string;
  readonly accept: string;
  readonly body?: { readonly contentType: string; readonly text: string } | undefined;
  readonly signal: AbortSignal;
  /** Everything, waiting and repeated attempts included; undefined for streams. */
  readonly timeout: Duration | undefined;
  readonly idleTimeout?: Duration | undefined;
  readonly fence?: WriteFence | undefined;
  /** Streams hold their connection for minutes: they take no place among the requests and are not repeated. */
  readonly isStream?: boolean;
}

/** One attempt's reply: what receives it, and what it amounts to when complete. @throws from `result` ApiError for a refusal */
export interface Attempt<Result> {
  readonly receiver: ReplyReceiver;
  /** 0 while there was none. */
  status(): number;
  result(): Result;
}

/** Sends requests: credentials, limits, deadlines, fence, and repeating what may be repeated. */
export class Requester {
  readonly #options: RequesterOptions;
  readonly #credentials: Credentials;
  readonly #gate: RequestGate;
  readonly #origin: string;
  readonly #basePath: string;
  readonly #host: string;
  readonly #proxy: string | undefined;
  #pool: { readonly tlsKey: string; readonly dispatcher: Dispatcher } | undefined;
  #closed = false;

  constructor(options: RequesterOptions) {
    this.#options = options;
    this.#credentials = new Credentials(options.config, options.clock);
    this.#gate = new RequestGate(options);
    const cluster = options.config.getCurrentCluster();
    const server = new URL(cluster?.server ?? '');
    this.#origin = server.origin;
    this.#basePath = server.pathname.replace(/\/$/, '');
    this.#host = server.host;
    this.#proxy = cluster?.proxyUrl || undefined;
  }

  /** Each attempt gets a fresh receiver, so that nothing of a failed one is left over. */
  send<Result>(request: ApiRequest, attempt: () => Attempt<Result>): Promise<Result> {
    // A watch lives for minutes, and tells nothing by how long it takes.
    if (request.isStream) return this.#send(request, attempt);
    const { method, target } = request;
    const attributes = { 'http.request.method': method, 'url.path': target.split('?')[0] ?? '' };
    return withSpan(`kube ${method}`, attributes, () => this.#send(request, attempt));
  }

  async #send<Result>(request: ApiRequest, attempt: () => Attempt<Result>): Promise<Result> {
    if (this.#closed) throw closedError(request);
    const deadline = new Deadline(this.#options.clock, request);
    if (request.isStream) {
      await this.#spend(deadline);
      return this.#once(request, deadline, attempt());
    }
    const leave = this.#gate.isFree
      ? await this.#gate.enter()
      : await deadline.wait((signal) => this.#gate.enter(signal));
    try {
      return await this.#repeat(request, deadline, attempt);
    } finally {
      leave();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool?.dispatcher.destroy();
  }

  async #repeat<Result>(request: ApiRequest, deadline: Deadline, attempt: () => Attempt<Result>): Promise<Result> {
    let reauthenticated = false;
    for (let retries = 0; ; retries++) {
      try {
        return await this.#once(request, deadline, attempt());
      } catch (error) {
        const isStale = isUnauthorized(error) && error instanceof ApiError && error.outcome === 'refused';
        if (isStale) this.#credentials.invalidate();
        if (isStale && !reauthenticated) {
          reauthenticated = true;
          continue;
        }
        const delay = chooseRetryDelay({
          error,
          isWrite: request.method !== 'GET',
          retries,
          random: this.#options.random,
        });
        if (delay === undefined || this.#closed || !deadline.allows(delay)) throw error;
        this.#countRetry(request, error);
        await deadline.wait((signal) => this.#options.clock.sleep(delay, signal));
        await this.#spend(deadline);
      }
    }
  }

  async #once<Result>(request: ApiRequest, deadline: Deadline, attempt: Attempt<Result>): Promise<Result> {
    const { fence } = request;
    const passFence = request.method === 'GET' ? () => fence?.assertNotLost?.() : () => fence?.assertHeld();
    passFence();
    const credential = await this.#credentials.current();
    const { clock } = this.#options;
    const startedAt = clock.monotonic();
    try {
      await exchange(
        this.#dispatcherFor(credential),
        {
          method: request.method,
          path: this.#basePath + request.target,
          headers: this.#headers(request, credential),
          ...(request.body && { body: request.body.text }),
        },
        {
          clock,
          signal: request.signal,
          attempt: request.attempt,
          timeout: deadline.remaining,
          idleTimeout: request.idleTimeout,
          beforeSend: passFence,
          receiver: attempt.receiver,
        },
      );
      return attempt.result();
    } finally {
      this.#measure(request, attempt.status(), (clock.monotonic() - startedAt) / 1000);
    }
  }

  async #spend(deadline: Deadline): Promise<void> {
    if (this.#gate.hasRateCap) await deadline.wait((signal) => this.#gate.spend(signal));
  }

  #headers(request: ApiRequest, credential: Credential): Record<string, string | string[]> {
    const { impersonate } = this.#options;
    return {
      ...credential.headers,
      ...(impersonate && { 'impersonate-user': impersonate.user }),
      ...(impersonate?.groups[0] !== undefined && { 'impersonate-group': [...impersonate.groups] }),
      accept: request.accept,
      'user-agent': this.#options.userAgent,
      ...(request.body && { 'content-type': request.body.contentType }),
    };
  }

  #dispatcherFor(credential: Credential): Dispatcher {
    if (this.#options.dispatcher !== undefined) return this.#options.dispatcher;
    if (this.#pool?.tlsKey === credential.tlsKey) return this.#pool.dispatcher;
    // Requests under the old certificate may finish; its connections close when they have.
    if (this.#pool !== undefined) this.#pool.dispatcher.close().catch(() => {});
    const dispatcher = openConnectionPool({
      origin: this.#origin,
      tls: credential.tls,
      proxy: this.#proxy,
      allowH2: this.#options.allowH2,
    });
    this.#pool = { tlsKey: credential.tlsKey, dispatcher };
    return dispatcher;
  }

  #measure(request: ApiRequest, status: number, seconds: number): void {
    const { metrics } = this.#options;
    if (metrics === undefined) return;
    const code = status === 0 ? '<error>' : String(status);
    metrics.counter('rest_client_requests_total', { code, method: request.method, host: this.#host }).increment();
    if (request.isStream) return;
    metrics
      .histogram('rest_client_request_duration_seconds', { verb: request.method, host: this.#host })
      .observe(seconds);
  }

  #countRetry(request: ApiRequest, error: unknown): void {
    const code = error instanceof ApiError && error.status > 0 ? String(error.status) : '<error>';
    const labels = { code, verb: request.method, host: this.#host };
    this.#options.metrics?.counter('rest_client_request_retries_total', labels).increment();
  }
}

/** When a call must be over. Costs nothing until something has to be waited for. */
class Deadline {
  readonly #clock: Clock;
  readonly #request: ApiRequest;
  readonly #endsAt: number | undefined;

  constructor(clock: Clock, request: ApiRequest) {
    this.#clock = clock;
    this.#request = request;
    if (request.timeout !== undefined) this.#endsAt = clock.monotonic() + request.timeout.milliseconds;
  }

  /** Undefined when there is no deadline. */
  get remaining(): Duration | undefined {
    if (this.#endsAt === undefined) return undefined;
    return Duration.milliseconds(Math.max(0, this.#endsAt - this.#clock.monotonic()));
  }

  allows(delay: Duration): boolean {
    return this.remaining?.isLongerThan(delay) ?? true;
  }

  /** Runs a wait that ends with the caller's signal or with the deadline; both mean that nothing was sent. */
  async wait<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const { attempt, signal, timeout } = this.#request;
    const controller = new AbortController();
    let end: ApiError | undefined;
    const stop = (error: ApiError): void => {
      end = error;
      controller.abort(error);
    };
    const stopListening = onAbort(signal, (cause) =>
      stop(new ApiError(`${attempt}: was cancelled`, { kind: 'aborted', outcome: 'notSent', cause })),
    );
    const { remaining } = this;
    const cancel =
      remaining &&
      this.#clock.schedule(remaining, () =>
        stop(
          new ApiError(`${attempt}: was not sent within ${timeout?.toString() ?? ''}`, {
            kind: 'timeout',
            outcome: 'notSent',
          }),
        ),
      );
    try {
      return await work(controller.signal);
    } catch (error) {
      throw end ?? error;
    } finally {
      cancel?.();
      stopListening();
    }
  }
}

function closedError(request: ApiRequest): ApiError {
  return new ApiError(`${request.attempt}: the client is closed`, { kind: 'connectionFailed', outcome: 'notSent' });
}

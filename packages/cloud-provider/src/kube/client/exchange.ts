import type { Dispatcher } from 'undici';
import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import { ApiError, type ApiErrorKind } from './api-error.ts';
import { SlicePacer } from './slice-pacer.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One request as it goes out. */
export interface HttpRequest {
  readonly method: HttpMethod;
  /** Path and query, escaped. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
}

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For error messages: what is attempted, on which object. */
  readonly attempt: string;
  /** The whole exchange. @default none */
  readonly timeout?: Duration | undefined;
  /** Between two arrivals of bytes. @default none */
  readonly idleTimeout?: Duration | undefined;
  /** Called immediately before the request is written; what it throws is what the exchange rejects with. */
  readonly beforeSend?: (() => void) | undefined;
}

/** Takes the reply. What its methods throw ends the exchange with that error. */
export interface ReplyReceiver {
  onHead(status: number, header: (name: string) => string): void;
  /** The chunk is valid during the call only. */
  onData(chunk: Buffer): void;
  onEnd(): void;
}

type Controller = Dispatcher.DispatchController;
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Sends one request and feeds the reply to the receiver. Resolves when the reply is complete.
 *
 * Rejects with an ApiError of kind `aborted`, `timeout` or `connectionFailed` whose outcome says whether the request may
 * have reached the server, or with what `beforeSend` or the receiver threw.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  options: ExchangeOptions & { readonly receiver: ReplyReceiver },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const running = new Exchange(options, { resolve, reject });
    running.start(dispatcher, request);
  });
}

interface Settle {
  resolve(): void;
  reject(error: Error): void;
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions & { readonly receiver: ReplyReceiver };
  readonly #settle: Settle;
  readonly #pacer: SlicePacer;
  readonly #onAbort = (): void => this.#fail('aborted', 'was cancelled', this.#options.signal.reason);
  #controller: Controller | undefined;
  #sent = false;
  #settled = false;
  #lastByteAt = 0;
  #cancelDeadline: () => void = () => {};
  #cancelIdle: () => void = () => {};

  constructor(options: ExchangeOptions & { readonly receiver: ReplyReceiver }, settle: Settle) {
    this.#options = options;
    this.#settle = settle;
    this.#pacer = new SlicePacer(options.clock);
  }

  start(dispatcher: Dispatcher, request: HttpRequest): void {
    const { signal, timeout, idleTimeout, clock } = this.#options;
    if (signal.aborted) {
      this.#onAbort();
      return;
    }
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (timeout !== undefined) {
      this.#cancelDeadline = clock.schedule(timeout, () =>
        this.#fail('timeout', `got no reply within ${timeout.toString()}`),
      );
    }
    if (idleTimeout !== undefined) {
      this.#lastByteAt = clock.monotonic();
      this.#watchIdle(idleTimeout);
    }
    try {
      dispatcher.dispatch({ ...request, body: request.body ?? null, headersTimeout: 0, bodyTimeout: 0 }, this);
    } catch (error) {
      this.onResponseError(undefined, error instanceof Error ? error : new Error('cannot dispatch', { cause: error }));
    }
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#settled) {
      controller.abort(new Error('no longer wanted'));
      return;
    }
    try {
      this.#options.beforeSend?.();
    } catch (error) {
      this.#stop(error);
      return;
    }
    this.#sent = true;
  }

  onResponseStart(_controller: Controller, status: number, headers: Headers): void {
    this.#arrived();
    this.#guarded(() => this.#options.receiver.onHead(status, (name) => headerValue(headers[name])));
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#settled) return;
    this.#arrived();
    this.#pacer.run(controller, () => this.#guarded(() => this.#options.receiver.onData(chunk)));
  }

  onResponseEnd(): void {
    this.#guarded(() => this.#options.receiver.onEnd());
    if (this.#finish()) this.#settle.resolve();
  }

  onResponseError(_controller: Controller | undefined, error: Error): void {
    this.#fail('connectionFailed', `lost the connection: ${error.message}`, error);
  }

  #guarded(call: () => void): void {
    if (this.#settled) return;
    try {
      call();
    } catch (error) {
      this.#stop(error);
    }
  }

  #arrived(): void {
    if (this.#options.idleTimeout !== undefined) this.#lastByteAt = this.#options.clock.monotonic();
  }

  /** One timer a stream, set anew only when it fires: arrivals just leave their time. */
  #watchIdle(idleTimeout: Duration): void {
    const { clock } = this.#options;
    const idle = clock.monotonic() - this.#lastByteAt;
    if (idle >= idleTimeout.milliseconds) {
      this.#fail('timeout', `heard nothing for ${idleTimeout.toString()}`);
      return;
    }
    const rest = idleTimeout.plus(idleTimeout.times(-idle / idleTimeout.milliseconds));
    this.#cancelIdle = clock.schedule(rest, () => this.#watchIdle(idleTimeout));
  }

  #fail(kind: ApiErrorKind, what: string, cause?: unknown): void {
    this.#stop(
      new ApiError(`${this.#options.attempt}: ${what}`, { kind, outcome: this.#sent ? 'unknown' : 'notSent', cause }),
    );
  }

  #stop(reason: unknown): void {
    if (!this.#finish()) return;
    const error = reason instanceof Error ? reason : new Error('the exchange was stopped', { cause: reason });
    this.#settle.reject(error);
    this.#controller?.abort(error);
  }

  #finish(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#cancelDeadline();
    this.#cancelIdle();
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    return true;
  }
}

function headerValue(value: string | string[] | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : value.join(', ');
}

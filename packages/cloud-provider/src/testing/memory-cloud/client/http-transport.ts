import { type Dispatcher, Pool } from 'undici';
import type { CloudReply } from '../cloud/api.ts';
import { clusterHeader } from '../cloud/http-server.ts';
import type { Transport } from './transport.ts';

export interface HttpTransportOptions {
  /** Requests at once; more wait. @default 64 */
  readonly connections?: number;
}

/** Reaches a memory cloud over HTTP. Connections are kept and shared. */
export function httpTransport(endpoint: string, { connections = 64 }: HttpTransportOptions = {}): Transport {
  const pool = new Pool(endpoint, { connections });
  return {
    async send(request, signal, beforeSend) {
      const asking: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
        dispatch(options, new AskingHandler(handler, beforeSend));
      const response = await pool.compose(asking).request({
        method: 'POST',
        path: `/v1/${request.operation}`,
        headers: { 'content-type': 'application/json', [clusterHeader]: request.caller.cluster },
        body: JSON.stringify(request.input),
        signal,
        // How long to wait is the caller's to say; he does it by the signal.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      return (await response.body.json()) as CloudReply<typeof request.operation>;
    },
    close: () => pool.destroy(),
  };
}

/** Asks on the connection that stands, after the wait for it and right before the request is written. */
class AskingHandler implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #beforeSend: () => void;

  constructor(handler: Dispatcher.DispatchHandler, beforeSend: () => void) {
    this.#handler = handler;
    this.#beforeSend = beforeSend;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#beforeSend();
    this.#handler.onRequestStart?.(controller, context);
  }

  onResponseStart(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>): void {
    this.#handler.onResponseStart?.(...args);
  }

  onResponseData(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseData']>>): void {
    this.#handler.onResponseData?.(...args);
  }

  onResponseEnd(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseEnd']>>): void {
    this.#handler.onResponseEnd?.(...args);
  }

  onResponseError(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseError']>>): void {
    this.#handler.onResponseError?.(...args);
  }
}

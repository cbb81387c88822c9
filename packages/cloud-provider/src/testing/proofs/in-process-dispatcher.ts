import { EventEmitter } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Dispatcher } from 'undici';
import type { ApiServer } from '../api-server/api-server.ts';
import type { Plug } from './plug.ts';

/** One request on its way to the server. */
export interface RequestOnTheWay {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
}

export interface InProcessDispatcherOptions {
  readonly server: ApiServer;
  /** Nothing passes once it is pulled. */
  readonly plug: Plug;
  /** Called when a request arrives, before the server sees it; returns what is called when its reply begins. */
  readonly onArrival: (request: RequestOnTheWay) => () => void;
}

/**
 * Carries HTTP requests to an API server in the same process by function calls. No socket and no thread is between client
 * and server, so that a run repeats itself exactly, and thousands of runs take seconds.
 */
export class InProcessDispatcher extends Dispatcher {
  readonly #options: InProcessDispatcherOptions;
  readonly #exchanges = new Set<Exchange>();

  constructor(options: InProcessDispatcherOptions) {
    super();
    this.#options = options;
    options.plug.onPulled(() => {
      for (const exchange of this.#exchanges) exchange.hangUp();
      this.#exchanges.clear();
    });
  }

  override dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const exchange = new Exchange(request, handler, this.#options);
    this.#exchanges.add(exchange);
    exchange.response.on('close', () => this.#exchanges.delete(exchange));
    exchange.start();
    return true;
  }

  // Tests hold the dispatcher; a client that closes has nothing to close.
  override async close(): Promise<void> {}
  override async destroy(): Promise<void> {}
}

/** One request and its reply: the client's controller, and what the server takes for its request and response. */
class Exchange implements Dispatcher.DispatchController {
  readonly response: InProcessResponse;
  readonly #request: RequestOnTheWay;
  readonly #incoming: IncomingMessage;
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #options: InProcessDispatcherOptions;
  #reason: Error | null = null;
  #isSilent = false;
  #onReply: () => void = () => undefined;

  constructor(
    request: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
    options: InProcessDispatcherOptions,
  ) {
    this.#request = { method: request.method, path: request.path };
    this.#handler = handler;
    this.#options = options;
    const body = typeof request.body === 'string' ? [Buffer.from(request.body)] : [];
    this.#incoming = {
      method: request.method,
      url: request.path,
      headers: request.headers,
      async *[Symbol.asyncIterator]() {
        yield* body;
      },
    } as unknown as IncomingMessage;
    this.response = new InProcessResponse({
      onHead: (status, headers) => this.#tell(() => handler.onResponseStart?.(this, status, headers)),
      onData: (chunk) => this.#tell(() => handler.onResponseData?.(this, chunk)),
      onEnd: () => this.#tell(() => handler.onResponseEnd?.(this, {})),
      onCut: () => this.#tell(() => handler.onResponseError?.(this, new Error('the connection was cut'))),
    });
  }

  get aborted(): boolean {
    return this.#reason !== null;
  }

  get reason(): Error | null {
    return this.#reason;
  }

  get paused(): boolean {
    return false;
  }

  start(): void {
    this.#handler.onRequestStart?.(this, {});
    if (this.aborted) return;
    setImmediate(() => {
      if (this.aborted || this.#isSilent) return;
      if (this.#options.plug.isIn) this.#onReply = this.#options.onArrival(this.#request);
      if (!this.#options.plug.isIn) return this.#fallSilent();
      void this.#options.server.answer(this.#incoming, this.response as unknown as ServerResponse);
    });
  }

  /** The client does not want the reply any more. */
  abort(reason: Error): void {
    if (this.aborted) return;
    this.#reason = reason;
    this.response.leave();
  }

  /** The server sees the connection break; the client hears nothing of it. */
  hangUp(): void {
    this.#fallSilent();
    this.response.leave();
  }

  // Nothing here comes faster than it is taken.
  pause(): void {}
  resume(): void {}

  #tell(part: () => void): void {
    if (this.aborted || this.#isSilent) return;
    this.#onReply();
    if (this.#options.plug.isIn) part();
    else this.#fallSilent();
  }

  #fallSilent(): void {
    if (this.#isSilent) return;
    this.#isSilent = true;
    this.#options.plug.silence().catch((error: Error) => this.#handler.onResponseError?.(this, error));
  }
}

interface ReplyParts {
  readonly onHead: (status: number, headers: Record<string, string>) => void;
  readonly onData: (chunk: Buffer) => void;
  readonly onEnd: () => void;
  readonly onCut: () => void;
}

/** As much of a ServerResponse as the API server uses. */
class InProcessResponse extends EventEmitter {
  destroyed = false;
  headersSent = false;
  writableEnded = false;
  statusCode = 200;
  readonly writableLength = 0;
  readonly #parts: ReplyParts;
  readonly #headers: Record<string, string> = {};

  constructor(parts: ReplyParts) {
    super();
    this.#parts = parts;
  }

  setHeader(name: string, value: string | number): void {
    this.#headers[name.toLowerCase()] = String(value);
  }

  getHeader(name: string): string | undefined {
    return this.#headers[name.toLowerCase()];
  }

  writeHead(code: number, headers: OutgoingHttpHeaders = {}): this {
    this.statusCode = code;
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, String(value));
    return this;
  }

  flushHeaders(): void {
    if (this.headersSent || this.destroyed) return;
    this.headersSent = true;
    this.#parts.onHead(this.statusCode, this.#headers);
  }

  write(chunk: Buffer | string): boolean {
    this.flushHeaders();
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (!this.destroyed && bytes.length > 0) this.#parts.onData(bytes);
    return true;
  }

  end(chunk?: Buffer | string): void {
    if (this.destroyed || this.writableEnded) return;
    if (chunk === undefined) this.flushHeaders();
    else this.write(chunk);
    this.writableEnded = true;
    this.#parts.onEnd();
    this.emit('close');
  }

  /** The server cuts the connection. */
  destroy(): void {
    if (this.destroyed || this.writableEnded) return;
    this.destroyed = true;
    this.#parts.onCut();
    this.emit('close');
  }

  /** The client has gone. */
  leave(): void {
    if (this.destroyed || this.writableEnded) return;
    this.destroyed = true;
    this.emit('close');
  }
}

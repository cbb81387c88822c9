import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

/** In bytes: a few requests, or a part of a body. What is larger takes a turn of the event loop for each of these. */
const sliceBytes = 2048;
/** With so many requests under way a client is not read from; nobody who asks for health, metrics or reviews has two. */
const mostUnderWay = 16;

/**
 * Has a server read from each client a little at a time. Node parses whatever one read brings before anything is answered:
 * of clients that send thousands of requests at once, all of these requests, of all clients, would be in memory together.
 * With this, nobody is read from while his answers wait. Call it before the server listens.
 */
export function paceConnections(server: Server): void {
  for (const event of ['connection', 'secureConnection']) {
    // Over TLS, `connection` tells of what is encrypted yet; nobody but the TLS server itself listens to both.
    if (event === 'connection' && server.listenerCount('secureConnection') > 0) continue;
    const listeners = server.listeners(event);
    server.removeAllListeners(event);
    for (const listener of listeners) {
      server.on(event, (socket: Socket) => void Reflect.apply(listener, server, [new PacedConnection(socket)]));
    }
  }
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection: unknown = request.socket;
    if (connection instanceof PacedConnection) connection.isAsked(response);
  });
}

/** A connection as the HTTP server sees it: the same, but read in slices, at most one in a turn of the event loop. */
export class PacedConnection extends Duplex {
  readonly #inner: Socket;
  #isWanted = false;
  #underWay = 0;
  #turn: NodeJS.Immediate | undefined;

  constructor(inner: Socket) {
    super({ allowHalfOpen: true });
    this.#inner = inner;
    inner.on('readable', () => this.#schedule());
    inner.on('end', () => this.push(null));
    inner.on('timeout', () => this.emit('timeout'));
    inner.on('error', (error) => this.destroy(error));
    inner.on('close', () => this.destroy());
  }

  get remoteAddress(): string | undefined {
    return this.#inner.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#inner.remotePort;
  }

  /** What lies below, where the client's certificate is known; undefined without TLS. */
  get secured(): TLSSocket | undefined {
    return this.#inner instanceof TLSSocket ? this.#inner : undefined;
  }

  /** A request came; reading goes on while not too many wait for their responses. */
  isAsked(response: ServerResponse): void {
    this.#underWay++;
    response.once('close', () => {
      this.#underWay--;
      this.#schedule();
    });
  }

  /** As of sockets: ends what can be read and written once everything is written. */
  destroySoon(): void {
    this.end(() => this.destroy());
  }

  /** As of sockets: the event `timeout` after so long without anything sent or received; 0 switches it off. */
  setTimeout(milliseconds: number, onTimeout?: () => void): this {
    this.#inner.setTimeout(milliseconds);
    if (onTimeout) this.once('timeout', onTimeout);
    return this;
  }

  override _read(): void {
    this.#isWanted = true;
    this.#schedule();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#inner.write(chunk, done);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#inner.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#inner.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearImmediate(this.#turn);
    this.#inner.destroy();
    done(error);
  }

  #schedule(): void {
    if (this.#turn || !this.#isWanted || this.destroyed || this.#underWay > mostUnderWay) return;
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      const slice: unknown = this.#inner.read(Math.min(sliceBytes, this.#inner.readableLength));
      if (!(slice instanceof Buffer)) return;
      this.#isWanted = false;
      this.push(slice);
    });
  }
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { Agent as PlainAgent, type ClientRequest } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { Socket } from 'node:net';

/** As the SDK's own agents: connections are kept, and so many are made to one host. */
const pooling = { keepAlive: true, maxSockets: 50 };

/**
 * Agents for the SDK that ask before the first byte of a request leaves. Between the gate and the wire the SDK waits: for
 * credentials, for a free connection, for the handshake of a new one.
 *
 * Instances of their own for each client: it ends their connections with itself.
 */
export class AskingAgents {
  readonly #questions = new AsyncLocalStorage<() => void>();

  /** Runs what sends a request, which asks `beforeSend` whether it still may. */
  run<Result>(beforeSend: () => void, send: () => Promise<Result>): Promise<Result> {
    return this.#questions.run(beforeSend, send);
  }

  /** For the SDK's request handler. @param options of TLS connections, such as authorities to trust */
  make(options: { readonly ca?: string } = {}): { readonly httpAgent: PlainAgent; readonly httpsAgent: TlsAgent } {
    return {
      httpAgent: this.#asking(new PlainAgent(pooling)),
      httpsAgent: this.#asking(new TlsAgent({ ...pooling, ...options })),
    };
  }

  /** `addRequest` is how an agent gets its requests; the types leave it out, as the documentation does. */
  #asking<Agent extends PlainAgent>(agent: Agent): Agent {
    const addRequest: unknown = Reflect.get(agent, 'addRequest');
    if (typeof addRequest !== 'function') throw new TypeError('agents get their requests in another way now');
    const asking = (request: ClientRequest, ...rest: readonly unknown[]): unknown => {
      const beforeSend = this.#questions.getStore();
      if (beforeSend) askOnConnection(request, beforeSend);
      return Reflect.apply(addRequest, agent, [request, ...rest]);
    };
    return Object.assign(agent, { addRequest: asking });
  }
}

/** Node writes a request out right after it has told of its connection, and a connection that is not ready when it is. */
function askOnConnection(request: ClientRequest, beforeSend: () => void): void {
  request.prependOnceListener('socket', (socket) => {
    const mayLeave = (): boolean => {
      try {
        beforeSend();
        return true;
      } catch (error) {
        request.destroy(error instanceof Error ? error : new Error('the request was withheld', { cause: error }));
        return false;
      }
    };
    if (!isConnecting(socket)) {
      mayLeave();
      return;
    }
    socket.cork();
    socket.once('secureConnecting' in socket ? 'secureConnect' : 'connect', () => {
      if (mayLeave()) socket.uncork();
    });
  });
}

/** `secureConnecting` is how connections over TLS tell of their handshake. */
function isConnecting(socket: Socket): boolean {
  return socket.connecting || ('secureConnecting' in socket && socket.secureConnecting === true);
}

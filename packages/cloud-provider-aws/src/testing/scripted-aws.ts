import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly action: string;
  readonly parameters: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

export interface ScriptedReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A server on loopback that answers the SDK with what a test wrote down, and keeps what it was asked. */
export class ScriptedAws implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param answer undefined leaves the request without an answer */
  static async start(answer: (request: SeenRequest) => ScriptedReply | undefined): Promise<ScriptedAws> {
    const server = createServer();
    const scripted = new ScriptedAws(server);
    server.on('request', (request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        const parameters = new URLSearchParams(body);
        const seen = { action: parameters.get('Action') ?? '', parameters, headers: request.headers };
        scripted.requests.push(seen);
        const reply = answer(seen);
        if (reply === undefined) return;
        response.writeHead(reply.status ?? 200, { 'content-type': 'text/xml', ...reply.headers });
        response.end(reply.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return scripted;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

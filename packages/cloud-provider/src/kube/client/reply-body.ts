import type { ReplyReceiver } from './exchange.ts';

/** A whole reply. */
export interface Reply {
  readonly status: number;
  header(name: string): string;
  readonly body: Buffer;
}

/** Gathers a reply that is small enough to be held as a whole. */
export class ReplyBody implements ReplyReceiver, Reply {
  status = 0;
  #header: (name: string) => string = () => '';
  readonly #chunks: Buffer[] = [];

  onHead(status: number, header: (name: string) => string): void {
    this.status = status;
    this.#header = header;
  }

  onData(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onEnd(): void {}

  header(name: string): string {
    return this.#header(name);
  }

  get body(): Buffer {
    const [only, ...more] = this.#chunks;
    return only !== undefined && more.length === 0 ? only : Buffer.concat(this.#chunks);
  }
}

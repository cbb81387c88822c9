import type { ChunkDecoder } from '../projection/wire-decoder.ts';
import type { ReplyReceiver } from './exchange.ts';
import { type Reply, ReplyBody } from './reply-body.ts';

export interface StreamedReplyOptions<Result> {
  /** Chosen by the content type of the reply, once the server accepted the request. */
  open(contentType: string): ChunkDecoder<Result>;
}

/** Decodes a successful reply while it arrives; gathers any other one, which is an account of what went wrong. */
export class StreamedReply<Result> implements ReplyReceiver {
  readonly #options: StreamedReplyOptions<Result>;
  #status = 0;
  #decoder: ChunkDecoder<Result> | undefined;
  #refusal: ReplyBody | undefined;
  #result: Result | undefined;

  constructor(options: StreamedReplyOptions<Result>) {
    this.#options = options;
  }

  onHead(status: number, header: (name: string) => string): void {
    this.#status = status;
    if (status === 200) {
      this.#decoder = this.#options.open(header('content-type'));
    } else {
      this.#refusal = new ReplyBody();
      this.#refusal.onHead(status, header);
    }
  }

  onData(chunk: Buffer): void {
    this.#decoder?.push(chunk);
    this.#refusal?.onData(chunk);
  }

  onEnd(): void {
    this.#result = this.#decoder?.finish();
  }

  /** 0 while there was none. */
  get status(): number {
    return this.#status;
  }

  /** The reply, when it was not a success. */
  get refusal(): Reply | undefined {
    return this.#refusal;
  }

  /** What the decoder made of a success. */
  get result(): Result | undefined {
    return this.#result;
  }
}

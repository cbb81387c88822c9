import type { IncomingMessage } from 'node:http';

/** How much of requests is in memory at once, at the most. */
export interface BodyLimits {
  /** Of one request, in bytes. */
  readonly each: number;
  /** Of all together, in bytes. */
  readonly together: number;
}

export type StoredBody =
  | { readonly kind: 'body'; readonly text: string; readonly release: () => void }
  | { readonly kind: 'tooLarge' }
  /** Others hold what there is; later there will be room. */
  | { readonly kind: 'full' }
  /** The client went away or sent too slowly. */
  | { readonly kind: 'broken' };

/** Reads the bodies of requests within bounds that all of them share. */
export class BodyStore {
  readonly #limits: BodyLimits;
  #held = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** Reads one. Its room is taken until it is released, or at once when it does not come to a body. Never rejects. */
  async read(request: IncomingMessage): Promise<StoredBody> {
    const { each, together } = this.#limits;
    if (Number(request.headers['content-length'] ?? 0) > each) return { kind: 'tooLarge' };
    const chunks: Buffer[] = [];
    let size = 0;
    const give = (): void => {
      this.#held -= size;
      size = 0;
    };
    try {
      // A refusal has to reach the client: the connection must outlive the reading.
      for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        size += chunk.length;
        this.#held += chunk.length;
        if (size > each || this.#held > together) {
          const kind = size > each ? 'tooLarge' : 'full';
          give();
          return { kind };
        }
        chunks.push(chunk);
      }
    } catch {
      give();
      return { kind: 'broken' };
    }
    return { kind: 'body', text: Buffer.concat(chunks).toString('utf8'), release: give };
  }
}

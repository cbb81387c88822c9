import type { Readable } from 'node:stream';
import type { WireEvent } from './objects.ts';

/** How long a test waits for an event that must come, before it fails. */
const patienceMilliseconds = 10_000;

/** The events of one watch, in order. */
export class WatchStream implements AsyncDisposable {
  readonly #abort: AbortController;
  readonly #events: WireEvent[] = [];
  readonly #finished: Promise<void>;
  #isOver = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(body: Readable, abort: AbortController) {
    this.#abort = abort;
    this.#finished = this.#read(body);
  }

  /** The next event, of whatever type. */
  async next(): Promise<WireEvent> {
    const deadline = performance.now() + patienceMilliseconds;
    for (;;) {
      const event = this.#events.shift();
      if (event) return event;
      if (this.#isOver) throw this.#failure ?? new Error('the watch ended without the expected event');
      await this.#changed(deadline);
    }
  }

  /** The next events that are not bookmarks, which a server may send at any time. */
  async take(count: number): Promise<WireEvent[]> {
    const taken: WireEvent[] = [];
    while (taken.length < count) {
      const event = await this.next();
      if (event.type !== 'BOOKMARK') taken.push(event);
    }
    return taken;
  }

  /** Type and name of the next events that are not bookmarks: `ADDED a`. */
  async summary(count: number): Promise<string[]> {
    return (await this.take(count)).map((event) => `${event.type} ${event.object.metadata.name}`);
  }

  /** All events up to and with the first that fits. */
  async until(fits: (event: WireEvent) => boolean): Promise<WireEvent[]> {
    const seen: WireEvent[] = [];
    for (;;) {
      const event = await this.next();
      seen.push(event);
      if (fits(event)) return seen;
    }
  }

  /** Resolves when the server has ended the watch; gives what came until then. */
  async ended(): Promise<WireEvent[]> {
    await this.#finished;
    if (this.#failure) throw this.#failure;
    return this.#events.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#finished;
  }

  async #read(body: Readable): Promise<void> {
    let rest = '';
    try {
      body.setEncoding('utf8');
      for await (const chunk of body) {
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (line !== '') this.#events.push(JSON.parse(line) as WireEvent);
        }
        this.#wake?.();
      }
      if (rest !== '') this.#events.push(JSON.parse(rest) as WireEvent);
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#failure = error instanceof Error ? error : new Error(String(error));
    } finally {
      this.#isOver = true;
      this.#wake?.();
    }
  }

  async #changed(deadline: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(new Error(`no event within ${patienceMilliseconds} ms`)),
      Math.max(0, deadline - performance.now()),
    );
    this.#wake = resolve;
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#wake = undefined;
    }
  }
}

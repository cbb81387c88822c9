import type { ServerResponse } from 'node:http';
import { Duration } from '../../base/duration.ts';
import type { Codec } from './codec.ts';
import type { Faults } from './faults.ts';
import type { Registry } from './registry.ts';
import type { RequestFacts } from './request-log.ts';
import type { ResourceDefinition } from './resource.ts';
import type { StatusError } from './status.ts';
import { startWatch } from './watch.ts';
import type { Watch, WatchEvent, WatchRequest } from './watch.ts';

const bookmarkInterval = Duration.seconds(60);
const bookmarkBeforeEnd = Duration.seconds(2);
/** What may wait for a client that does not read, before the server gives it up. */
const backlogLimit = 64 * 1024 * 1024;

export interface WatchReplyOptions {
  readonly response: ServerResponse;
  readonly registry: Registry;
  readonly faults: Faults;
  readonly resource: ResourceDefinition;
  readonly codec: Codec;
  readonly facts: RequestFacts;
  readonly request: WatchRequest;
  readonly timeout: Duration;
}

/** Streams a watch until its time is over, the client leaves or a fault ends it. @throws StatusError before the stream starts */
export function sendWatch(options: WatchReplyOptions): void {
  new WatchReply(options).start();
}

class WatchReply {
  readonly #options: WatchReplyOptions;
  readonly #endings: (() => void)[] = [];
  #waiting: Buffer[] = [];
  #flushScheduled = false;
  #state: 'open' | 'frozen' | 'closed' = 'open';
  #watch: Watch | undefined;

  constructor(options: WatchReplyOptions) {
    this.#options = options;
  }

  start(): void {
    const { response, registry, faults, resource, codec, facts, request, timeout } = this.#options;
    let failed = false;
    this.#watch = startWatch(registry, resource, {
      ...request,
      send: (event) => {
        this.#send(event);
        if (event.type === 'ERROR') failed = true;
      },
    });
    response.writeHead(200, { 'content-type': codec.watchMediaType });
    response.flushHeaders();
    this.#endings.push(
      () => this.#watch?.stop(),
      registry.clock.schedule(timeout, () => this.#end()),
      faults.register({
        facts,
        cut: () => {
          this.#close();
          response.destroy();
        },
        end: () => this.#end(),
        fail: (error) => this.#fail(error),
        freeze: () => {
          if (this.#state === 'open') this.#state = 'frozen';
        },
        bookmark: () => this.#watch?.bookmark(),
      }),
    );
    if (request.allowBookmarks) this.#scheduleBookmark(timeout);
    response.on('close', () => this.#close());
    if (failed) this.#end();
  }

  #scheduleBookmark(left: Duration): void {
    const beforeEnd = left.plus(bookmarkBeforeEnd.times(-1));
    const wait = bookmarkInterval.min(beforeEnd);
    if (wait.milliseconds < 0 || this.#state === 'closed') return;
    const cancel = this.#options.registry.clock.schedule(wait, () => {
      this.#watch?.bookmark();
      if (beforeEnd.isLongerThan(wait)) this.#scheduleBookmark(left.plus(wait.times(-1)));
    });
    this.#endings.push(cancel);
  }

  #send(event: WatchEvent): void {
    if (this.#state !== 'open') return;
    this.#waiting.push(this.#options.codec.event(this.#options.resource, event));
    if (this.#flushScheduled) return;
    // Events of one turn leave in one write: a burst costs a system call, not one per event.
    this.#flushScheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#flushScheduled = false;
    const { response } = this.#options;
    if (this.#waiting.length === 0 || response.destroyed || response.writableEnded) return;
    const content = this.#waiting.length === 1 ? this.#waiting[0] : Buffer.concat(this.#waiting);
    this.#waiting = [];
    response.write(content);
    if (response.writableLength <= backlogLimit) return;
    this.#close();
    response.destroy();
  }

  #fail(error: StatusError): void {
    this.#send({ type: 'ERROR', error });
    this.#end();
  }

  #end(): void {
    if (this.#state === 'closed') return;
    const wasFrozen = this.#state === 'frozen';
    this.#close();
    if (wasFrozen) return;
    this.#flush();
    this.#options.response.end();
  }

  #close(): void {
    this.#state = 'closed';
    for (const ending of this.#endings.splice(0)) ending();
  }
}

import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import { matchesFacts } from './request-log.ts';
import type { RequestFacts } from './request-log.ts';
import { expired, tooManyRequests, unavailable } from './status.ts';
import type { StatusError } from './status.ts';

/** Which requests a fault meets. All properties that are given must fit. */
export interface FaultTarget extends Partial<RequestFacts> {
  /** How many requests it meets. @default every one until it is removed */
  readonly times?: number;
}

/** A fault that was put in place. */
export interface Fault {
  /** How many requests met it. */
  readonly hits: number;
  remove(): void;
}

/** What a fault does to a request. */
export type FaultEffect =
  | { readonly kind: 'refuse'; readonly error: StatusError }
  | { readonly kind: 'delay'; readonly duration: Duration }
  | { readonly kind: 'cut' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'lose-reply' }
  | { readonly kind: 'stale'; readonly revision: number };

/** An open watch, as the server's faults handle it. */
export interface OpenWatch {
  readonly facts: RequestFacts;
  /** Ends the connection without the end of the reply. */
  cut(): void;
  /** Ends the reply as a time-out does. */
  end(): void;
  /** Sends an ERROR event and ends the reply. */
  fail(error: StatusError): void;
  /** Sends nothing more, keeps the connection open. */
  freeze(): void;
  bookmark(): void;
}

interface PlacedFault {
  readonly target: FaultTarget;
  readonly effect: FaultEffect;
  hits: number;
}

/** Troubles on demand: what a real server does only when it wants to. */
export class Faults {
  readonly #clock: Clock;
  readonly #placed = new Set<PlacedFault>();
  readonly #watches = new Set<OpenWatch>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** 429 with Retry-After. */
  tooManyRequests(target: FaultTarget, retryAfter: Duration): Fault {
    return this.#place(target, { kind: 'refuse', error: tooManyRequests(Math.ceil(retryAfter.seconds)) });
  }

  /** 503, with Retry-After when given. */
  unavailable(target: FaultTarget = {}, retryAfter?: Duration): Fault {
    const seconds = retryAfter === undefined ? undefined : Math.ceil(retryAfter.seconds);
    return this.#place(target, { kind: 'refuse', error: unavailable(seconds) });
  }

  /** 410 as the HTTP answer. */
  expired(target: FaultTarget): Fault {
    const message = 'The resourceVersion for the provided list is too old.';
    return this.#place(target, { kind: 'refuse', error: expired(message) });
  }

  /** Any refusal. */
  refuse(target: FaultTarget, error: StatusError): Fault {
    return this.#place(target, { kind: 'refuse', error });
  }

  /** Answers later, by the server's clock. */
  delay(target: FaultTarget, duration: Duration): Fault {
    return this.#place(target, { kind: 'delay', duration });
  }

  /** Cuts the connection instead of answering; nothing is done. */
  cut(target: FaultTarget): Fault {
    return this.#place(target, { kind: 'cut' });
  }

  /** Takes the request and never answers; nothing is done. */
  hang(target: FaultTarget): Fault {
    return this.#place(target, { kind: 'hang' });
  }

  /** Does what is asked, then cuts the connection instead of answering. */
  loseReply(target: FaultTarget): Fault {
    return this.#place(target, { kind: 'lose-reply' });
  }

  /** Answers lists that may be old (resourceVersion "0" or an older one) from a past revision. */
  staleLists(target: FaultTarget, revision: number): Fault {
    return this.#place({ verb: 'list', ...target }, { kind: 'stale', revision });
  }

  /** Cuts open watches. Returns how many. */
  cutWatches(target: FaultTarget = {}): number {
    return this.#eachWatch(target, (watch) => watch.cut());
  }

  /** Ends open watches in good order, as their time-out would. */
  endWatches(target: FaultTarget = {}): number {
    return this.#eachWatch(target, (watch) => watch.end());
  }

  /** Sends open watches an ERROR event with 410 and ends them. */
  expireWatches(target: FaultTarget = {}): number {
    return this.#eachWatch(target, (watch) =>
      watch.fail(expired('The resourceVersion for the provided watch is too old.')),
    );
  }

  /** Makes open watches silent for good, though their connections stay open. */
  freezeWatches(target: FaultTarget = {}): number {
    return this.#eachWatch(target, (watch) => watch.freeze());
  }

  /** Sends a bookmark to the open watches that asked for bookmarks. */
  sendBookmarks(target: FaultTarget = {}): number {
    return this.#eachWatch(target, (watch) => watch.bookmark());
  }

  /** Removes every fault that was placed. */
  clear(): void {
    this.#placed.clear();
  }

  /** How many watches are open. */
  openWatches(target: FaultTarget = {}): number {
    return this.#eachWatch(target, () => undefined);
  }

  /** @internal The effects that a request meets, delays served. */
  async meet(facts: RequestFacts): Promise<readonly FaultEffect[]> {
    const met: FaultEffect[] = [];
    for (const placed of this.#placed) {
      if (!matchesFacts(placed.target, facts)) continue;
      placed.hits += 1;
      if (placed.target.times !== undefined && placed.hits >= placed.target.times) this.#placed.delete(placed);
      if (placed.effect.kind === 'delay') await this.#clock.sleep(placed.effect.duration);
      else met.push(placed.effect);
    }
    return met;
  }

  /** @internal */
  register(watch: OpenWatch): () => void {
    this.#watches.add(watch);
    return () => this.#watches.delete(watch);
  }

  #place(target: FaultTarget, effect: FaultEffect): Fault {
    const placed: PlacedFault = { target, effect, hits: 0 };
    if (target.times !== 0) this.#placed.add(placed);
    return {
      get hits() {
        return placed.hits;
      },
      remove: () => {
        this.#placed.delete(placed);
      },
    };
  }

  #eachWatch(target: FaultTarget, act: (watch: OpenWatch) => void): number {
    const met = [...this.#watches].filter((watch) => matchesFacts(target, watch.facts)).slice(0, target.times);
    for (const watch of met) act(watch);
    return met.length;
  }
}

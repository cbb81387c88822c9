import { AbortListeners, abortReason } from './abort.ts';
import { asError } from './as-error.ts';
import type { Clock } from './clock.ts';
import { Duration } from './duration.ts';

export interface CoalescerOptions<Key extends string, Item, Result> {
  /**
   * Sends one batch of one lane. The result holds an answer for each key; a key without one rejects with
   * {@link MissingResultError}. A rejection rejects every caller of the batch.
   * The signal is aborted when every caller of the batch has given up.
   */
  readonly send: (
    batch: ReadonlyMap<Key, Item>,
    lane: string,
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<Key, Result>>;
  /** At most so many keys in one batch. @default 100 */
  readonly maxBatch?: number;
  /** So many batches of a lane may be under way at once. @default 1 */
  readonly concurrency?: number;
  /**
   * A batch that is not full starts no sooner than so long after the one before it in its lane; the first of a quiet lane
   * starts at once. @default at once
   */
  readonly pace?: { readonly clock: Clock; readonly interval: Duration };
}

export interface CoalesceRequest<Key extends string, Item> {
  readonly key: Key;
  readonly item: Item;
  /** Only what is in the same lane may share a batch. @default '' */
  readonly lane?: string;
  /** A lower number goes first among what waits. @default 0 */
  readonly priority?: number;
  readonly signal: AbortSignal;
}

/** The batch succeeded without an answer for this key. */
export class MissingResultError extends Error {
  override readonly name = 'MissingResultError';
  readonly code = 'MissingResult';
  readonly key: string;

  constructor(key: string) {
    super(`the batch was answered, but without a result for ${key}`);
    this.key = key;
  }
}

interface Caller<Result> {
  resolve(result: Result): void;
  reject(error: Error): void;
}

interface Place<Item, Result> {
  item: Item;
  priority: number;
  readonly callers: Set<Caller<Result>>;
}

interface Lane<Key, Item, Result> {
  readonly name: string;
  readonly waiting: Map<Key, Place<Item, Result>>;
  underWay: number;
  starting: boolean;
  /** Monotonic milliseconds: when the last batch started. */
  startedAt: number;
  /** Set while the next one waits for its time. */
  cancelWait: (() => void) | undefined;
}

/**
 * Batch-first: a request goes out at once when its lane is idle; everything that arrives while it is under way goes into the
 * next one. No timer delays the first, and the next ones only where a pace is asked for. Callers that wait for the same key share one place in the batch (the item of the last
 * wins); a key that is under way is asked again for those that come later, because the answer may be older than they are.
 */
export class Coalescer<Key extends string, Item, Result> {
  readonly #options: CoalescerOptions<Key, Item, Result> &
    Required<Pick<CoalescerOptions<Key, Item, Result>, 'maxBatch' | 'concurrency'>>;
  readonly #lanes = new Map<string, Lane<Key, Item, Result>>();
  readonly #abortListeners = new AbortListeners();
  /** For each place that is under way: what to do when its last caller has given up. */
  readonly #underWay = new Map<Place<Item, Result>, () => void>();

  constructor(options: CoalescerOptions<Key, Item, Result>) {
    this.#options = { maxBatch: 100, concurrency: 1, ...options };
  }

  /** How many keys wait for a batch. */
  get waiting(): number {
    let count = 0;
    for (const lane of this.#lanes.values()) count += lane.waiting.size;
    return count;
  }

  /** The answer for this key. Rejects with the batch's error, or with the signal's reason when the caller gives up. */
  request(request: CoalesceRequest<Key, Item>): Promise<Result> {
    const { signal } = request;
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(abortReason(signal));
        return;
      }
      const lane = this.#lane(request.lane ?? '');
      const place = takePlace(lane, request);
      const caller: Caller<Result> = {
        resolve(result) {
          stopListening();
          resolve(result);
        },
        reject(error) {
          stopListening();
          reject(error);
        },
      };
      const stopListening = this.#abortListeners.onAbort(signal, (reason) => {
        place.callers.delete(caller);
        // A place that is under way is no longer the one that waits under this key.
        if (place.callers.size === 0 && lane.waiting.get(request.key) === place) lane.waiting.delete(request.key);
        reject(reason);
        this.#abandoned(place);
      });
      place.callers.add(caller);
      this.#startSoon(lane);
    });
  }

  #abandoned(place: Place<Item, Result>): void {
    if (place.callers.size === 0) this.#underWay.get(place)?.();
  }

  #lane(name: string): Lane<Key, Item, Result> {
    const known = this.#lanes.get(name);
    if (known) return known;
    const lane: Lane<Key, Item, Result> = {
      name,
      waiting: new Map(),
      underWay: 0,
      starting: false,
      startedAt: Number.NEGATIVE_INFINITY,
      cancelWait: undefined,
    };
    this.#lanes.set(name, lane);
    return lane;
  }

  /** One turn later, so that all who ask in this turn go together. */
  #startSoon(lane: Lane<Key, Item, Result>): void {
    if (lane.starting || lane.underWay >= this.#options.concurrency || !this.#isDue(lane)) return;
    lane.starting = true;
    setImmediate(() => {
      lane.starting = false;
      this.#start(lane);
    });
  }

  #start(lane: Lane<Key, Item, Result>): void {
    while (lane.waiting.size > 0 && lane.underWay < this.#options.concurrency && this.#isDue(lane)) {
      lane.underWay++;
      lane.startedAt = this.#options.pace?.clock.monotonic() ?? 0;
      void this.#run(lane, takeBatch(lane, this.#options.maxBatch));
    }
    // One that is paced remembers when it started last.
    const isIdle = lane.underWay === 0 && !lane.starting && !this.#options.pace;
    if (isIdle && this.#lanes.get(lane.name) === lane) this.#lanes.delete(lane.name);
  }

  /** Whether the next batch may start; sees to it that it does when its time comes. */
  #isDue(lane: Lane<Key, Item, Result>): boolean {
    const { maxBatch, pace } = this.#options;
    lane.cancelWait?.();
    lane.cancelWait = undefined;
    if (!pace || lane.waiting.size >= maxBatch) return true;
    const wait = lane.startedAt + pace.interval.milliseconds - pace.clock.monotonic();
    if (wait <= 0) return true;
    lane.cancelWait = pace.clock.schedule(Duration.milliseconds(wait), () => {
      lane.cancelWait = undefined;
      this.#start(lane);
    });
    return false;
  }

  async #run(lane: Lane<Key, Item, Result>, batch: ReadonlyMap<Key, Place<Item, Result>>): Promise<void> {
    const controller = new AbortController();
    const places = [...batch.values()];
    const giveUp = (): void => {
      if (places.every((place) => place.callers.size === 0)) controller.abort(new Error('nobody waits for the batch'));
    };
    for (const place of places) this.#underWay.set(place, giveUp);
    try {
      const items = new Map([...batch].map(([key, place]) => [key, place.item]));
      const results = await this.#options.send(items, lane.name, controller.signal);
      for (const [key, place] of batch) answer(place, key, results);
    } catch (error) {
      const failure = asError(error, 'the batch failed');
      for (const place of places) for (const caller of place.callers) caller.reject(failure);
    } finally {
      for (const place of places) this.#underWay.delete(place);
      lane.underWay--;
      this.#start(lane);
    }
  }
}

function takePlace<Key extends string, Item, Result>(
  lane: Lane<Key, Item, Result>,
  request: CoalesceRequest<Key, Item>,
): Place<Item, Result> {
  const { key, item, priority = 0 } = request;
  const known = lane.waiting.get(key);
  if (known) {
    known.item = item;
    known.priority = Math.min(known.priority, priority);
    return known;
  }
  const place: Place<Item, Result> = { item, priority, callers: new Set() };
  lane.waiting.set(key, place);
  return place;
}

function takeBatch<Key extends string, Item, Result>(
  lane: Lane<Key, Item, Result>,
  maxBatch: number,
): ReadonlyMap<Key, Place<Item, Result>> {
  let chosen = [...lane.waiting];
  if (chosen.length > maxBatch) {
    chosen.sort(([, a], [, b]) => a.priority - b.priority);
    chosen = chosen.slice(0, maxBatch);
  }
  for (const [key] of chosen) lane.waiting.delete(key);
  return new Map(chosen);
}

function answer<Key extends string, Item, Result>(
  place: Place<Item, Result>,
  key: Key,
  results: ReadonlyMap<Key, Result>,
): void {
  const result = results.get(key);
  for (const caller of place.callers) {
    if (result === undefined && !results.has(key)) caller.reject(new MissingResultError(key));
    else caller.resolve(result as Result);
  }
}

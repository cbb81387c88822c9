import type { ObjectReference } from '../../api/event.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { EventObject } from './event-object.ts';
import type { EventContent } from './event-recorder.ts';

/** One Event and how often it was seen. */
export interface RecordedEvent {
  readonly key: string;
  readonly object: EventObject;
  count: number;
  lastObserved: Date;
  /** The count that the API server has; zero before the Event was created. */
  writtenCount: number;
}

/** client-go's `finishTime`: an Event that comes again later than this is a new one. */
const seriesEnd = Duration.minutes(6);
/** client-go's `maxLruCacheEntries`. */
const maxSeries = 4096;

/** Knows which Events are repetitions. Keeps the most recently seen. */
export class EventSeriesCache {
  readonly #clock: Clock;
  /** In the order of the last sight. */
  readonly #events = new Map<string, { readonly event: RecordedEvent; seenAt: number }>();
  #number = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#events.size;
  }

  /** Different for each call. */
  nextNumber(): number {
    return this.#number++;
  }

  /** Counts a repetition; undefined when there is nothing yet that it would repeat. */
  repeat(regarding: ObjectReference, content: EventContent): RecordedEvent | undefined {
    const key = seriesKey(regarding, content);
    const entry = this.#events.get(key);
    if (!entry) return undefined;
    this.#events.delete(key);
    if (this.#hasEnded(entry.seenAt)) return undefined;
    entry.seenAt = this.#clock.monotonic();
    entry.event.count++;
    entry.event.lastObserved = this.#clock.now();
    this.#events.set(key, entry);
    return entry.event;
  }

  /** Remembers a new Event, so that it can be repeated. */
  begin(regarding: ObjectReference, content: EventContent, object: EventObject): RecordedEvent {
    const key = seriesKey(regarding, content);
    const event: RecordedEvent = { key, object, count: 1, lastObserved: this.#clock.now(), writtenCount: 0 };
    this.#events.set(key, { event, seenAt: this.#clock.monotonic() });
    const [oldest] = this.#events.keys();
    if (this.#events.size > maxSeries && oldest !== undefined) this.#events.delete(oldest);
    return event;
  }

  /** Repetitions that the API server doesn't know of yet. */
  unwritten(): readonly RecordedEvent[] {
    return [...this.#events.values()].map(({ event }) => event).filter((event) => event.count > event.writtenCount);
  }

  /** The Event was not written, so its next occurrence must not count as a repetition. */
  forget(event: RecordedEvent): void {
    if (this.#events.get(event.key)?.event === event) this.#events.delete(event.key);
  }

  forgetEnded(): void {
    for (const [key, { seenAt }] of this.#events) if (this.#hasEnded(seenAt)) this.#events.delete(key);
  }

  #hasEnded(seenAt: number): boolean {
    return this.#clock.monotonic() - seenAt > seriesEnd.milliseconds;
  }
}

function seriesKey(regarding: ObjectReference, content: EventContent): string {
  const { apiVersion, kind, namespace, name, uid, fieldPath } = regarding;
  const { type, reason, action, note } = content;
  return JSON.stringify([apiVersion, kind, namespace, name, uid, fieldPath, type, reason, action, note]);
}

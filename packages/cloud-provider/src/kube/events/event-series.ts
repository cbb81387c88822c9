import type { ObjectReference } from '../../api/event.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { TokenBucket } from '../../base/token-bucket.ts';
import type { EventObject } from './event-object.ts';
import type { EventContent } from './event-recorder.ts';

/** One Event and how often it was seen. */
export interface RecordedEvent {
  readonly key: string;
  readonly object: EventObject;
  count: number;
  lastObserved: Date;
  /** The count up to which repetitions are news that can't wait for the next sweep. */
  urgentCount: number;
  /** The count that the API server has; zero before the Event was created. */
  writtenCount: number;
}

/** client-go's `finishTime`: an Event that comes again later than this is a new one. */
const seriesEnd = Duration.minutes(6);
/** client-go's `maxLruCacheEntries`. */
const maxSeries = 4096;

/**
 * Who edits a Service a few times in a row wants to hear each time that it was seen to; what goes on for longer only raises a
 * number, once a minute.
 */
const urgentBurst = 10;
const urgentPerSecond = 1 / 60;

interface SeriesEntry {
  readonly event: RecordedEvent;
  /** Of writes that can't wait. */
  readonly urgency: TokenBucket;
  seenAt: number;
}

/** Knows which Events are repetitions. Keeps the most recently seen. */
export class EventSeriesCache {
  readonly #clock: Clock;
  /** In the order of the last sight. */
  readonly #events = new Map<string, SeriesEntry>();
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
    if (entry.urgency.tryTake()) entry.event.urgentCount = entry.event.count;
    this.#events.set(key, entry);
    return entry.event;
  }

  /** Remembers a new Event, so that it can be repeated. */
  begin(regarding: ObjectReference, content: EventContent, object: EventObject): RecordedEvent {
    const key = seriesKey(regarding, content);
    const clock = this.#clock;
    const event = { key, object, count: 1, lastObserved: clock.now(), urgentCount: 1, writtenCount: 0 };
    const urgency = new TokenBucket({ rate: urgentPerSecond, burst: urgentBurst, clock });
    this.#events.set(key, { event, urgency, seenAt: clock.monotonic() });
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

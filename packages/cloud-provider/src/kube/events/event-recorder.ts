import type { ObjectReference } from '../../api/event.ts';
import { itemBackoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import { isAlreadyExists, isApiError, isNotFound, isTransient } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { events } from '../resources.ts';
import { EventSeriesCache, type RecordedEvent } from './event-series.ts';
import { eventName, eventObject, seriesBody } from './event-object.ts';
import { SpamFilter } from './spam-filter.ts';

export interface EventContent {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, for machines. */
  readonly reason: string;
  /** What was done or tried, CamelCase. */
  readonly action: string;
  /** For people. Cut to 1024 bytes. */
  readonly note: string;
}

/** Tells users what happened to an object. Never throws, never blocks: an Event that cannot be written is dropped and counted. */
export interface EventRecorder {
  event(regarding: ObjectReference, content: EventContent): void;
  /**
   * Writes what waits, also counts of repetitions that would have been written later. Resolves when everything recorded so
   * far was written or dropped, at the latest when the deadline has passed; what is left then is dropped and counted.
   */
  flush(deadline: Duration): Promise<void>;
}

export interface EventRecorderOptions {
  readonly client: KubeClient;
  /** `reportingController`: the component that speaks, for example `service-controller`. */
  readonly component: string;
  /** `reportingInstance`: which replica of it. Cut to 128 bytes. */
  readonly instance: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: MetricRegistry;
  /** How many Events may wait to be written: as many as a whole cluster joining at once gives. @default 10000 */
  readonly maxWaiting?: number;
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new SeriesEventRecorder(options);
}

/** So many requests at once: Events must not take the API server from what they tell about. */
const concurrency = 2;
const requestTimeout = Duration.seconds(30);
/** Counts of repetitions are written no more often than this. */
const seriesPeriod = Duration.minutes(1);
const maxAttempts = 5;

type DropCause = 'spam' | 'overflow' | 'error' | 'shutdown';

/**
 * An Event that repeats within six minutes becomes a series: the count is patched into the first, for the first repetitions
 * at once and from then on once a minute. Source: k8s.io/client-go tools/events and tools/record.
 */
class SeriesEventRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series: EventSeriesCache;
  readonly #spamFilter: SpamFilter;
  readonly #backoff = itemBackoff<string>({ initial: Duration.seconds(1), max: Duration.seconds(30) });
  readonly #waiting = new Set<RecordedEvent>();
  readonly #flushListeners = new Set<() => void>();
  /** Under way or waiting for another attempt. */
  readonly #underWay = new Set<RecordedEvent>();
  readonly #stopped = new AbortController();
  #isSweepDue = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#series = new EventSeriesCache(options.clock);
    this.#spamFilter = new SpamFilter(options.clock);
  }

  event(regarding: ObjectReference, content: EventContent): void {
    try {
      this.#record(regarding, content);
    } catch (error) {
      this.#drop('error', { reason: content.reason, err: error });
    }
  }

  async flush(deadline: Duration): Promise<void> {
    for (const event of this.#series.unwritten()) this.#enqueue(event);
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        cancel();
        this.#flushListeners.delete(finish);
        resolve();
      };
      const cancel = this.#options.clock.schedule(deadline, () => {
        this.#giveUp();
        finish();
      });
      this.#flushListeners.add(finish);
    });
  }

  #record(regarding: ObjectReference, content: EventContent): void {
    const repeated = this.#series.repeat(regarding, content);
    if (repeated) {
      if (repeated.urgentCount > repeated.writtenCount) this.#enqueue(repeated);
      return;
    }
    if (!this.#spamFilter.allows(regarding)) {
      this.#drop('spam', { reason: content.reason, regarding: regarding.name });
      return;
    }
    const { clock, component, instance } = this.#options;
    const source = { time: clock.now(), component, instance };
    const name = eventName(regarding, { ...source, number: this.#series.nextNumber() });
    const event = this.#series.begin(regarding, content, eventObject({ name, regarding, content, ...source }));
    this.#enqueue(event);
    this.#sweepLater();
  }

  /** Each minute while there are series: their counts are written, and those that have ended are forgotten. */
  #sweepLater(): void {
    if (this.#isSweepDue) return;
    this.#isSweepDue = true;
    this.#options.clock.schedule(seriesPeriod, () => {
      this.#isSweepDue = false;
      for (const event of this.#series.unwritten()) this.#enqueue(event);
      this.#series.forgetEnded();
      this.#spamFilter.forgetQuiet();
      if (this.#series.size > 0) this.#sweepLater();
    });
  }

  #enqueue(event: RecordedEvent): void {
    if (this.#underWay.has(event) || this.#waiting.has(event)) return;
    if (this.#waiting.size >= (this.#options.maxWaiting ?? 10_000)) {
      this.#series.forget(event);
      this.#drop('overflow', { reason: event.object.reason });
      return;
    }
    this.#waiting.add(event);
    this.#send();
  }

  #send(): void {
    for (const event of this.#waiting) {
      if (this.#underWay.size >= concurrency) return;
      this.#waiting.delete(event);
      this.#underWay.add(event);
      void this.#write(event);
    }
    if (this.#isIdle()) for (const listener of this.#flushListeners) listener();
  }

  async #write(event: RecordedEvent): Promise<void> {
    const { signal } = this.#stopped;
    try {
      await this.#writeWithRetries(event, signal);
      this.#underWay.delete(event);
      // It was repeated meanwhile; as in `#record`, what is not urgent waits, unless there is no later.
      const isUrgent = event.urgentCount > event.writtenCount || this.#flushListeners.size > 0;
      if (event.count > event.writtenCount && isUrgent) this.#enqueue(event);
    } catch (error) {
      this.#series.forget(event);
      if (signal.aborted) this.#drop('shutdown', { reason: event.object.reason });
      else this.#drop('error', { reason: event.object.reason, regarding: event.object.regarding.name, err: error });
    } finally {
      this.#backoff.forget(event.object.metadata.name);
      this.#underWay.delete(event);
      this.#send();
    }
  }

  async #writeWithRetries(event: RecordedEvent, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#writeOnce(event, signal);
        return;
      } catch (error) {
        if (attempt >= maxAttempts || !isTransient(error)) throw error;
        const asked = isApiError(error) ? error.retryAfter : undefined;
        const wait = this.#backoff.next(event.object.metadata.name);
        await this.#options.clock.sleep(asked ? wait.max(asked) : wait, signal);
      }
    }
  }

  async #writeOnce(event: RecordedEvent, signal: AbortSignal): Promise<void> {
    const { client } = this.#options;
    const call = { signal, timeout: requestTimeout };
    const count = event.count;
    if (event.writtenCount > 0) {
      const { namespace, name } = event.object.metadata;
      try {
        await client.patch(events, { namespace, name }, { type: 'merge', body: seriesBody(event) }, call);
        event.writtenCount = count;
        return;
      } catch (error) {
        // Events live for an hour; a series may live longer and is then begun anew.
        if (!isNotFound(error)) throw error;
      }
    }
    try {
      await client.create(events, { ...event.object, ...seriesBody(event) }, call);
      event.writtenCount = count;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      // Names are unique, so this is ours: the reply to an earlier attempt was lost. Its count may be the older one.
      event.writtenCount = 1;
    }
  }

  #giveUp(): void {
    for (const event of this.#waiting) this.#drop('shutdown', { reason: event.object.reason });
    this.#waiting.clear();
    this.#stopped.abort(new Error('no more time to write Events'));
  }

  #isIdle(): boolean {
    return this.#waiting.size === 0 && this.#underWay.size === 0;
  }

  #drop(cause: DropCause, fields: Readonly<Record<string, unknown>>): void {
    const { logger, metrics, component } = this.#options;
    metrics?.counter('ccm_events_dropped_total', { cause }).increment();
    const level = cause === 'spam' ? 'debug' : 'warn';
    logger[level]('Dropped an Event', { cause, component, ...fields });
  }
}

import type { ObjectName } from '../../api/object-meta.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import { ApiError, isConflict } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { untilLost } from '../client/write-fence.ts';
import { microTime } from '../micro-time.ts';
import { LeaseFence } from './lease-fence.ts';
import { type LockCall, LeaseLock } from './lease-lock.ts';
import { type LeaseRecord, isSameRecord, noRecord } from './lease-record.ts';

export interface LeaseContenderOptions {
  readonly client: KubeClient;
  readonly lease: ObjectName;
  readonly identity: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: MetricRegistry | undefined;
  readonly leaseDuration: Duration;
  readonly renewDeadline: Duration;
}

/**
 * Reads and writes the record of a Lease on behalf of one replica: it knows whose turn it is and whether ours is surely
 * still on, but not what follows from it.
 */
export class LeaseContender {
  readonly fence: LeaseFence;
  readonly lock: LeaseLock;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: MetricRegistry | undefined;
  readonly #identity: string;
  readonly #leaseDuration: Duration;
  readonly #renewDeadline: Duration;
  readonly #requestTimeout: Duration;
  #observed: LeaseRecord = noRecord;
  #observedAt = 0;
  /** Once it was ours, it is renewed but never taken anew. */
  #hasHeld = false;
  /** A write that would have made it ours got no answer. */
  #isTakingUnanswered = false;

  constructor(options: LeaseContenderOptions) {
    this.#clock = options.clock;
    this.#metrics = options.metrics;
    this.#identity = options.identity;
    this.#leaseDuration = options.leaseDuration;
    this.#renewDeadline = options.renewDeadline;
    this.#requestTimeout = options.renewDeadline.times(0.5).max(Duration.seconds(1));
    this.lock = new LeaseLock(options.client, options.lease);
    this.#logger = options.logger;
    this.fence = new LeaseFence(options.clock, this.lock.toString());
  }

  /** The last observed holder; empty when there is none. */
  get leader(): string {
    return this.#observed.holderIdentity;
  }

  /** How long ago a change of the record was seen or made. */
  get age(): Duration {
    return Duration.milliseconds(this.#clock.monotonic() - this.#observedAt);
  }

  /** One attempt. False when the lease is another's, or when it could not be written; then the reason is logged. */
  async tryAcquireOrRenew(signal: AbortSignal): Promise<boolean> {
    const call: LockCall = {
      signal,
      timeout: this.#hasHeld ? this.#requestTimeout.min(this.fence.remaining) : this.#requestTimeout,
      fence: untilLost(this.fence),
    };
    if (this.#holdsRecord() && this.#isRecordValid()) {
      // The common case costs one request: nobody else wrote since we did.
      if (await this.#write(this.#renewal(), call)) return true;
      if (signal.aborted) return false;
    }
    const present = await this.#attempt('read', () => this.lock.read(call));
    if (present.kind === 'failed') return false;
    if (!present.value) return this.#take((uncut) => this.#create(uncut), call);
    if (!isSameRecord(present.value, this.#observed)) this.#observe(present.value);
    if (this.#holdsRecord()) {
      if (this.#hasHeld) {
        this.#metrics?.counter('leader_election_slowpath_total', { name: this.lock.name.name }).increment();
      }
      return this.#hasHeld
        ? this.#write(this.#renewal(), call)
        : this.#take((uncut) => this.#write(this.#renewal(), uncut), call);
    }
    if (this.leader !== '' && this.#isRecordValid()) {
      this.#logger.debug('Lease is held by another and has not yet expired', { leader: this.leader });
      return false;
    }
    // Whoever lost the lease must not take it back as if nothing had been: its work has to start anew.
    if (this.#hasHeld) return false;
    const record = { ...this.#firstRecord(), leaseTransitions: this.#observed.leaseTransitions + 1 };
    return this.#take((uncut) => this.#write(record, uncut), call);
  }

  /**
   * A write that makes the lease ours is not cut off, not even by the wish to stop: the server might do it all the same, and
   * the lease would be held by nobody who knows of it.
   */
  async #take(write: (uncut: LockCall) => Promise<boolean>, call: LockCall): Promise<boolean> {
    if (call.signal.aborted) return false;
    this.#isTakingUnanswered = false;
    return write({ ...call, signal: new AbortController().signal });
  }

  async #create(call: LockCall): Promise<boolean> {
    const sentAt = this.#clock.monotonic();
    const record = this.#firstRecord();
    const created = await this.#attempt('create', () => this.lock.create(record, call));
    if (created.kind === 'failed') return false;
    this.#hold(record, sentAt);
    return true;
  }

  async #write(record: LeaseRecord, call: LockCall): Promise<boolean> {
    const sentAt = this.#clock.monotonic();
    const written = await this.#attempt('update', () => this.lock.update(record, call));
    if (written.kind === 'failed') return false;
    this.#hold(record, sentAt);
    return true;
  }

  #hold(record: LeaseRecord, sentAt: number): void {
    this.#hasHeld = true;
    this.#observe(record);
    this.fence.holdUntil(sentAt + this.#renewDeadline.milliseconds);
  }

  async #attempt<T>(
    what: string,
    request: () => Promise<T>,
  ): Promise<{ readonly kind: 'ok'; readonly value: T } | { readonly kind: 'failed' }> {
    try {
      return { kind: 'ok', value: await request() };
    } catch (error) {
      // That another wrote first is how an election goes, no fault.
      if (isConflict(error)) this.#logger.debug('Lease was written by another meanwhile', { err: error });
      else this.#logger.warn(`Failed to ${what} the lease`, { err: error });
      if (what !== 'read' && !(error instanceof ApiError && error.outcome !== 'unknown'))
        this.#isTakingUnanswered = true;
      return { kind: 'failed' };
    }
  }

  /** Gives the lease back, as client-go does: nobody holds it, and for a second only. */
  async release(): Promise<void> {
    const record = this.#released(this.#observed.leaseTransitions);
    const call = this.#lastCall();
    if ((await this.#attempt('release', () => this.lock.update(record, call))).kind === 'ok') {
      this.#observe(record);
      this.#logger.info('Released the lease', { identity: this.#identity });
      return;
    }
    // The last renewal may have been cut off after it was done; then the version that we know is not the last.
    await this.#releaseIfHeld(call);
  }

  /** Gives a lease back that never came to be held here, but may have been written: the reply was lost. */
  async releaseUnanswered(): Promise<void> {
    if (this.#isTakingUnanswered) await this.#releaseIfHeld(this.#lastCall());
  }

  async #releaseIfHeld(call: LockCall): Promise<void> {
    const present = await this.#attempt('read', () => this.lock.read(call));
    if (present.kind === 'failed' || present.value?.holderIdentity !== this.#identity) return;
    const record = this.#released(present.value.leaseTransitions);
    if ((await this.#attempt('release', () => this.lock.update(record, call))).kind === 'failed') return;
    this.#observe(record);
    this.#logger.info('Released the lease', { identity: this.#identity });
  }

  /** Nobody's, for a second. */
  #released(leaseTransitions: number): LeaseRecord {
    const now = microTime(this.#clock.now());
    return { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now, leaseTransitions };
  }

  #lastCall(): LockCall {
    return {
      signal: new AbortController().signal,
      timeout: this.#requestTimeout,
      fence: untilLost(this.fence),
    };
  }

  #firstRecord(): LeaseRecord {
    const now = microTime(this.#clock.now());
    return {
      holderIdentity: this.#identity,
      leaseDurationSeconds: Math.floor(this.#leaseDuration.seconds),
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 0,
    };
  }

  #renewal(): LeaseRecord {
    const { acquireTime, leaseTransitions } = this.#observed;
    return { ...this.#firstRecord(), acquireTime, leaseTransitions };
  }

  #holdsRecord(): boolean {
    return this.#observed.holderIdentity === this.#identity;
  }

  /** By our own clock, since we saw it: the times in the record are by a clock that may be wrong. */
  #isRecordValid(): boolean {
    return this.#clock.monotonic() < this.#observedAt + this.#observed.leaseDurationSeconds * 1000;
  }

  #observe(record: LeaseRecord): void {
    this.#observed = record;
    this.#observedAt = this.#clock.monotonic();
  }
}

import { type ObjectName, nameKey } from '../../api/object-meta.ts';
import { onAbort } from '../../base/abort.ts';
import { asError } from '../../base/as-error.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { type Health, healthy, unhealthy } from '../../telemetry/health.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import type { KubeClient, WriteFence } from '../client/kube-client.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import { LeaseContender } from './lease-contender.ts';
import type { LeaseFence } from './lease-fence.ts';

export interface LeaderElectorOptions {
  readonly client: KubeClient;
  readonly lease: ObjectName;
  /** Unique among the replicas: `<hostname>_<uuid>`. */
  readonly identity: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events?: EventRecorder;
  readonly metrics?: MetricRegistry;
  /** Whole seconds. @default 15s */
  readonly leaseDuration?: Duration;
  /** @default 10s */
  readonly renewDeadline?: Duration;
  /** @default 2s */
  readonly retryPeriod?: Duration;
  /** Whether the lease is given back when `run` is ended by its signal. @default true */
  readonly releaseOnExit?: boolean;
  /** Uniform in [0, 1). @default Math.random */
  readonly random?: () => number;
}

export interface LeaderCallbacks {
  /**
   * Called once, when the lease is held. The signal is aborted when it is lost ({@link LeaseLostError}) or to be given back.
   * The returned promise should settle soon after that: only then is the lease given back, at the latest when it may no
   * longer be used. If it rejects while leading, the lease is given back and `run` rejects with that error.
   */
  onStartedLeading(signal: AbortSignal): Promise<void> | void;
  /** Called once when `run` ends, also when it never led. */
  onStoppedLeading(): void;
  /** Called whenever the observed holder changes, also to ourselves or to nobody (an empty identity). */
  onNewLeader?(identity: string): void;
}

/** Why the signal of `onStartedLeading` was aborted, when nobody asked to stop. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  readonly code = 'LeaseLost';
}

/** client-go's `JitterFactor`: replicas that were started together don't stay together. */
const jitterFactor = 1.2;
/** How long after its expiry a lease that we hold may stay unrenewed before we call ourselves ill. Source: component-base. */
const tolerableExpiry = Duration.seconds(20);

/**
 * Leader election on a Lease with client-go's semantics: whoever writes the record first holds it; it is renewed every retry
 * period; others take it over when they saw no change of it for its duration, by their own monotonic clock, whatever times
 * are written in it. Unlike client-go, leading ends as soon as the lease is seen with another holder, nothing is written
 * past the renew deadline ({@link fence}), and the lease is given back only after the work has stopped.
 * Source: k8s.io/client-go tools/leaderelection 0.36.
 */
export class LeaderElector {
  /** Refuses writes unless the lease is surely ours, and reads once it was lost. Each request of the leader goes through it. */
  readonly fence: WriteFence;
  readonly #contender: LeaseContender;
  readonly #fence: LeaseFence;
  readonly #options: LeaderElectorOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #identity: string;
  readonly #leaseDuration: Duration;
  readonly #retryPeriod: Duration;
  #reportedLeader = '';
  #isLeading = false;
  #hasRun = false;

  /** @throws RangeError unless lease duration > renew deadline > retry period × 1.2 */
  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#identity = options.identity;
    this.#leaseDuration = options.leaseDuration ?? Duration.seconds(15);
    this.#retryPeriod = options.retryPeriod ?? Duration.seconds(2);
    const renewDeadline = options.renewDeadline ?? Duration.seconds(10);
    validateTiming(this.#leaseDuration, renewDeadline, this.#retryPeriod);
    if (options.identity === '') throw new RangeError('the identity of a leader elector must not be empty');
    this.#logger = options.logger.child({ lease: nameKey(options.lease) });
    const { client, lease, identity, clock, metrics } = options;
    this.#contender = new LeaseContender({
      client,
      lease,
      identity,
      clock,
      metrics,
      logger: this.#logger,
      leaseDuration: this.#leaseDuration,
      renewDeadline,
    });
    this.#fence = this.#contender.fence;
    this.fence = this.#fence;
    this.#reportMaster(0);
  }

  /** The last observed holder; empty when there is none. */
  get leader(): string {
    return this.#contender.leader;
  }

  /** Whether we lead and may still write. */
  isLeader(): boolean {
    return this.#isLeading && this.#fence.isHeld();
  }

  /**
   * Waits for the lease, leads until it is lost or the signal is aborted, and resolves when the work has stopped and the
   * lease is given back. An elector runs once: whoever lost a lease starts anew, as a new process does.
   */
  async run(callbacks: LeaderCallbacks, signal: AbortSignal): Promise<void> {
    if (this.#hasRun) throw new Error('a leader elector runs once');
    this.#hasRun = true;
    try {
      const isAcquired = await this.#acquire(callbacks, signal);
      if (!signal.aborted) await this.#lead(callbacks, signal);
      else await this.#giveBack(isAcquired ? 'held' : 'unanswered');
    } finally {
      this.#fence.close();
      this.#isLeading = false;
      this.#guard(() => callbacks.onStoppedLeading());
    }
  }

  /** Unhealthy only if we hold the lease and its renewal is overdue by the lease duration and 20 s. */
  health(): Health {
    if (!this.#isLeading) return healthy;
    if (!this.#contender.age.isLongerThan(this.#leaseDuration.plus(tolerableExpiry))) return healthy;
    return unhealthy(`failed election to renew leadership on lease ${this.#options.lease.name}`);
  }

  async #acquire(callbacks: LeaderCallbacks, signal: AbortSignal): Promise<boolean> {
    const random = this.#options.random ?? Math.random;
    this.#logger.info('Attempting to acquire leader lease', { identity: this.#identity });
    while (!signal.aborted) {
      const isAcquired = await this.#contender.tryAcquireOrRenew(signal);
      this.#reportTransition(callbacks);
      if (isAcquired) return true;
      await this.#pause(this.#retryPeriod.times(1 + jitterFactor * random()), signal);
    }
    return false;
  }

  /** Whoever is told to stop while he takes the lease never begins to lead. */
  async #giveBack(state: 'held' | 'unanswered'): Promise<void> {
    this.#fence.close();
    if (this.#options.releaseOnExit === false) return;
    if (state === 'held') await this.#contender.release();
    else await this.#contender.releaseUnanswered();
  }

  async #lead(callbacks: LeaderCallbacks, signal: AbortSignal): Promise<void> {
    const leading = new AbortController();
    const stopListening = onAbort(signal, (reason) => leading.abort(reason));
    this.#isLeading = true;
    this.#reportMaster(1);
    this.#logger.info('Successfully acquired lease', { identity: this.#identity });
    this.#recordEvent('became leader');

    let failure: Error | undefined;
    const work = (async () => callbacks.onStartedLeading(leading.signal))().catch((error: unknown) => {
      if (leading.signal.aborted) return;
      failure = asError(error);
      leading.abort(failure);
    });
    try {
      await this.#renewUntilAborted(callbacks, leading);
    } finally {
      stopListening();
    }
    const isLost = leading.signal.reason instanceof LeaseLostError;
    await this.#settleInTime(work);
    // Past the deadline the lease may be another's already; then it is left to expire.
    const mayRelease = this.#fence.isHeld() && this.#options.releaseOnExit !== false;
    this.#fence.close();
    this.#reportMaster(0);
    if (!isLost) this.#recordEvent('stopped leading');
    if (mayRelease) await this.#contender.release();
    if (failure) throw failure;
  }

  /** Aborts the controller itself when the lease is lost. */
  async #renewUntilAborted(callbacks: LeaderCallbacks, leading: AbortController): Promise<void> {
    const { signal } = leading;
    const lose = (reason: string): void => {
      this.#fence.lose();
      this.#logger.error('Lost the lease', { identity: this.#identity, leader: this.leader, reason });
      leading.abort(new LeaseLostError(`lost the lease ${this.#contender.lock.toString()}: ${reason}`));
    };
    while (!signal.aborted) {
      // Not the loop below but this timer ends the work in time, even while a request hangs.
      const cancelDeadline = this.#clock.schedule(this.#fence.remaining, () => lose('the renew deadline has passed'));
      try {
        await this.#pause(this.#retryPeriod.min(this.#fence.remaining), signal);
        // A process that was stopped wakes up here, perhaps before the timer above.
        if (signal.aborted || !this.#fence.isHeld()) continue;
        await this.#contender.tryAcquireOrRenew(signal);
        this.#reportTransition(callbacks);
        if (this.leader !== '' && this.leader !== this.#identity && !signal.aborted) lose('another replica holds it');
      } finally {
        cancelDeadline();
        if (!signal.aborted && !this.#fence.isHeld()) lose('the renew deadline has passed');
      }
    }
  }

  /** What is in flight gets the time in which its writes are still allowed; after that waiting helps nobody. */
  async #settleInTime(work: Promise<void>): Promise<void> {
    const waiting = new AbortController();
    const deadline = this.#pause(this.#fence.remaining, waiting.signal);
    await Promise.race([work, deadline]);
    waiting.abort();
  }

  #reportTransition(callbacks: LeaderCallbacks): void {
    if (this.leader === this.#reportedLeader) return;
    this.#reportedLeader = this.leader;
    this.#logger.info('New leader elected', { leader: this.leader });
    this.#guard(() => callbacks.onNewLeader?.(this.#reportedLeader));
  }

  #reportMaster(status: 0 | 1): void {
    this.#options.metrics?.gauge('leader_election_master_status', { name: this.#options.lease.name }).set(status);
  }

  #recordEvent(what: string): void {
    this.#options.events?.event(this.#contender.lock.reference, {
      type: 'Normal',
      reason: 'LeaderElection',
      action: 'LeaderElection',
      note: `${this.#identity} ${what}`,
    });
  }

  /** Sleeps, or wakes up early when aborted; the caller looks at the signal. */
  async #pause(duration: Duration, signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(duration, signal).catch(() => undefined);
  }

  /** A callback that throws must not leave the lease half held. */
  #guard(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#logger.error('A callback of the leader election failed', { err: error });
    }
  }
}

function validateTiming(leaseDuration: Duration, renewDeadline: Duration, retryPeriod: Duration): void {
  const isValid =
    leaseDuration.seconds >= 1 &&
    retryPeriod.milliseconds > 0 &&
    leaseDuration.isLongerThan(renewDeadline) &&
    renewDeadline.isLongerThan(retryPeriod.times(jitterFactor));
  if (isValid) return;
  throw new RangeError(
    `leader election needs lease duration > renew deadline > retry period × ${jitterFactor}, ` +
      `not ${[leaseDuration, renewDeadline, retryPeriod].join(', ')}`,
  );
}

import type { Node } from '../../api/node.ts';
import type { Service } from '../../api/service.ts';
import { itemBackoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { CallContext, Freshness } from '../../cloud/call-context.ts';
import { toCloudError } from '../../cloud/cloud-error.ts';
import type { ClusterIdentity } from '../../cloud/cluster-identity.ts';
import { OwnerIndex, findOrphans } from '../../cloud/find-orphans.ts';
import type { GuardPolicy } from '../../cloud/guard.ts';
import type { InventoryItem, InventoryKind } from '../../cloud/inventory.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import type { Informer } from '../../kube/informer/informer.ts';
import type { OperationLog } from '../../reconcile/operation-log.ts';
import { untilSynced } from '../../reconcile/until-synced.ts';
import { type Health, healthy } from '../../telemetry/health.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import type { Controller, ControllerLife, ControllerStatus } from '../controller.ts';
import { LiveOwners } from './live-owners.ts';
import { OrphanAnnouncer } from './orphan-announcer.ts';
import { type Moment, OrphanRegister, type Suspect, describeClaim, isSameCase, whyKept } from './orphan-register.ts';
import { OrphanRemover, OwnerFoundError, type Removal } from './orphan-remover.ts';
import {
  type OrphanLimits,
  type OrphanPolicy,
  type OrphanSettings,
  defaultOrphanLimits,
  defaultSweepPeriod,
} from './orphan-settings.ts';
import { orphanStatus } from './orphan-status.ts';

export interface OrphanControllerOptions extends OrphanSettings {
  readonly client: KubeClient;
  readonly services: Informer<Service>;
  readonly nodes: Informer<Node>;
  readonly inventory: readonly InventoryKind[];
  readonly cluster: ClusterIdentity;
  /** Judges every deletion. */
  readonly guard: GuardPolicy;
  readonly recorder: EventRecorder;
  readonly operations: OperationLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
}

/** The start of a manager is when the cloud has most to do; what has no owner can wait, where sweeps are not as frequent. */
const firstSweepAfter = Duration.minutes(5);

/** The longest that one list, look or operation may take. */
const callTimeout = Duration.minutes(2);

const minute = Duration.minutes(1);

/** A look that failed, or a deletion, is tried again after these. */
const retryLimits = { initial: Duration.seconds(30), max: Duration.minutes(30) };

interface Look {
  readonly kind: InventoryKind;
  readonly owners: LiveOwners;
  readonly life: ControllerLife;
}

/**
 * Finds what the provider made in the cloud and nobody in the cluster wants any more, says so, and deletes it when told to.
 * Each kind of object is listed rarely, at the lowest priority; whatever seems to have lost its owner is looked at again later,
 * one by one, and is an orphan only if the cloud still has it and the API server itself says that its owner is not there.
 */
export class OrphanController implements Controller {
  readonly name = 'orphan-controller';
  readonly #options: OrphanControllerOptions;
  readonly #policy: OrphanPolicy;
  readonly #period: Duration;
  readonly #limits: OrphanLimits;
  readonly #register: OrphanRegister;
  readonly #announcer: OrphanAnnouncer;
  readonly #remover: OrphanRemover;
  readonly #backoff = itemBackoff<string>(retryLimits);
  /** What keeps a kind from being listed, for people. */
  readonly #unlisted = new Map<string, string>();
  /** When deletions were begun within the last minute. Monotonic milliseconds. */
  #deletions: readonly number[] = [];
  #deleted = 0;
  #sweeps = 0;
  #lastSweep = '';
  #isBreakerTold = false;

  constructor(options: OrphanControllerOptions) {
    const { cluster, guard, metrics, operations, recorder } = options;
    this.#options = options;
    this.#policy = options.policy ?? 'report';
    this.#period = options.sweepPeriod ?? defaultSweepPeriod;
    this.#limits = options.limits ?? defaultOrphanLimits;
    this.#register = new OrphanRegister(this.#limits);
    this.#announcer = new OrphanAnnouncer(recorder, cluster.uid);
    this.#remover = new OrphanRemover({
      policy: guard,
      isOrphan: (item) => this.#seemsOrphan(item),
      operations,
      metrics,
    });
  }

  async run(life: ControllerLife): Promise<void> {
    const { clock, logger, nodes, services } = this.#options;
    await untilSynced([services, nodes], life.stopping);
    let sweepDue = clock.monotonic() + Math.min(firstSweepAfter.milliseconds, this.#period.milliseconds);
    while (!life.stopping.aborted) {
      try {
        if (clock.monotonic() >= sweepDue) {
          sweepDue = clock.monotonic() + this.#period.milliseconds;
          await this.#sweep(life);
        }
        await this.#lookAtDue(life);
      } catch (error) {
        if (!life.aborting.aborted) logger.error('A round over orphans failed, will retry', { err: error });
      }
      await this.#sleepUntil(Math.min(sweepDue, this.#register.nextDue() ?? sweepDue), life.stopping);
    }
  }

  status(): ControllerStatus {
    return orphanStatus({
      register: this.#register,
      clock: this.#options.clock,
      unlisted: this.#unlisted,
      facts: {
        policy: this.#policy,
        listed: this.#register.listed,
        orphans: this.#register.orphans().length,
        deleted: this.#deleted,
        sweeps: this.#sweeps,
        lastSweep: this.#lastSweep,
      },
    });
  }

  health(): Health {
    return healthy;
  }

  /** Lists every kind once. A kind that can't be listed wholly keeps what is known of it. */
  async #sweep(life: ControllerLife): Promise<void> {
    const { inventory, logger, metrics } = this.#options;
    for (const kind of inventory) {
      if (life.stopping.aborted) return;
      try {
        // A list that another loop made since our last one serves as well: what it shows is looked at again.
        const items = await kind.list(this.#call(life, { maxAge: this.#period.times(0.9) }));
        // Only now: whatever the list has is younger than the owner that it was made for.
        const orphans = findOrphans(items, this.#knownOwners());
        this.#register.takeIn(kind.name, { items: orphans, listed: items.length }, this.#now());
        this.#unlisted.delete(kind.name);
        metrics.counter('ccm_orphan_sweeps_total', { kind: kind.name, outcome: 'ok' }).increment();
      } catch (thrown) {
        life.aborting.throwIfAborted();
        const error = toCloudError(thrown);
        this.#unlisted.set(kind.name, `${error.code}: ${error.message}`);
        metrics.counter('ccm_orphan_sweeps_total', { kind: kind.name, outcome: error.code }).increment();
        logger.warn('Objects in the cloud could not be listed', { kind: kind.name, err: error });
      }
    }
    this.#sweeps++;
    this.#lastSweep = this.#options.clock.now().toISOString();
    this.#count();
  }

  async #lookAtDue(life: ControllerLife): Promise<void> {
    const { client, clock, inventory, logger } = this.#options;
    const owners = new LiveOwners({ client, clock, logger, signal: life.aborting });
    for (const kind of inventory) {
      for (const suspect of this.#register.all()) {
        if (life.stopping.aborted) return;
        if (suspect.kind !== kind.name || suspect.dueAt > clock.monotonic()) continue;
        await this.#lookAt(suspect, { kind, owners, life });
      }
    }
    this.#count();
  }

  async #lookAt(suspect: Suspect, look: Look): Promise<void> {
    const { kind, life } = look;
    // What is proven and must wait is not looked at for nothing.
    if (suspect.state !== 'suspected' && !this.#mayDelete(suspect)) return;
    try {
      const observed = await kind.observe(suspect.item, this.#call(life));
      const orphan = await this.#prove(suspect, observed, look);
      if (orphan && this.#mayDelete(orphan)) await this.#delete(orphan, observed, look);
    } catch (thrown) {
      life.aborting.throwIfAborted();
      if (thrown instanceof OwnerFoundError) this.#acquit(suspect);
      else this.#postpone(suspect, toCloudError(thrown).message);
    }
  }

  /** The suspect as an orphan; undefined when it is none, or can't be told to be one. */
  async #prove(suspect: Suspect, observed: unknown, look: Look): Promise<Suspect | undefined> {
    const item = look.kind.itemIn(observed);
    if (!item) {
      this.#finish(suspect, 0);
      return undefined;
    }
    if (!this.#seemsOrphan(item)) {
      this.#acquit(suspect);
      return undefined;
    }
    if (!isSameCase(item, suspect.item)) {
      this.#register.startAnew(suspect, item, this.#now());
      return undefined;
    }
    switch (await look.owners.find(item.claim)) {
      case 'present':
        this.#acquit(suspect);
        return undefined;
      case 'unknown':
        this.#postpone(suspect, `whether ${describeClaim(item.claim)} is in the cluster is not known`);
        return undefined;
      case 'absent':
        return suspect.state === 'suspected' ? this.#convict(suspect) : suspect;
    }
  }

  #convict(suspect: Suspect): Suspect {
    const { logger } = this.#options;
    const kept = whyKept(suspect.item);
    const owner = describeClaim(suspect.item.claim);
    const orphan = this.#update(suspect, { state: 'orphan', reason: 'OwnerGone', message: `made for ${owner}` });
    this.#announcer.found(orphan, this.#policy, kept);
    logger.warn('An object in the cloud has lost its owner', { kind: suspect.kind, name: suspect.item.name, owner });
    return orphan;
  }

  /** Whether the deletion may begin now; notes when to look again if it may not. */
  #mayDelete(orphan: Suspect): boolean {
    if (orphan.state === 'deleting') return true;
    const { monotonic } = this.#now();
    const wait = this.#whyWait(orphan, monotonic);
    if (wait > 0) this.#update(orphan, { dueAt: monotonic + wait });
    return wait <= 0;
  }

  /** Milliseconds until the deletion of an orphan may begin. */
  #whyWait(orphan: Suspect, now: number): number {
    // Whether it still is an orphan the next sweep tells.
    if (this.#policy === 'report' || whyKept(orphan.item) !== undefined) return Number.POSITIVE_INFINITY;
    if (this.#isBreakerOpen()) return this.#period.milliseconds;
    this.#deletions = this.#deletions.filter((begun) => begun > now - minute.milliseconds);
    const { deletionsPerMinute } = this.#limits;
    if (this.#deletions.length < deletionsPerMinute) return 0;
    const [oldest = now] = this.#deletions;
    return oldest + minute.milliseconds - now;
  }

  async #delete(orphan: Suspect, observed: unknown, { kind, life }: Look): Promise<void> {
    if (orphan.state !== 'deleting') this.#deletions = [...this.#deletions, this.#now().monotonic];
    const removal = await this.#remover.remove(orphan, { kind, known: observed }, this.#call(life));
    this.#conclude(orphan, removal);
  }

  #conclude(orphan: Suspect, { outcome, plan }: Removal): void {
    const { monotonic } = this.#now();
    switch (outcome.kind) {
      case 'converged':
        this.#finish(orphan, outcome.written);
        return;
      case 'settling': {
        const dueAt = monotonic + outcome.after.milliseconds;
        this.#update(orphan, { state: 'deleting', dueAt, reason: 'Deleting', message: outcome.on, plan });
        return;
      }
      case 'blocked':
        this.#stuck(orphan, { reason: 'Blocked', message: `by ${outcome.by}: ${outcome.reason}`, plan });
        return;
      case 'refused': {
        const [first] = outcome.refused;
        const { reason = 'Refused', message = 'the guard refused it' } = first?.refusal ?? {};
        this.#stuck(orphan, { reason, message, plan });
        return;
      }
      case 'failed':
        if (outcome.error.code === 'Conflict' && orphan.state === 'deleting') {
          // The cloud is still at it, and its reads lag behind.
          this.#postpone(orphan, outcome.error.message);
          return;
        }
        this.#stuck(orphan, { reason: outcome.error.code, message: outcome.error.message, plan });
        return;
    }
  }

  #finish(orphan: Suspect, written: number): void {
    this.#acquit(orphan);
    // Somebody else deleted it, or it is another case than the one that was proven, which the next sweep meets.
    if (written === 0 && orphan.state !== 'deleting') return;
    this.#deleted++;
    this.#countDeletion(orphan, 'deleted');
    this.#announcer.deleted(orphan);
    this.#options.logger.info('An orphan was deleted', { kind: orphan.kind, name: orphan.item.name });
  }

  #stuck(orphan: Suspect, news: Pick<Suspect, 'reason' | 'message' | 'plan'>): void {
    const dueAt = this.#now().monotonic + this.#backoff.next(backoffKey(orphan)).milliseconds;
    if (orphan.state !== 'stuck' || orphan.reason !== news.reason) this.#announcer.notDeleted(orphan, news.message);
    this.#countDeletion(orphan, news.reason);
    this.#update(orphan, { state: 'stuck', dueAt, ...news });
  }

  #acquit(suspect: Suspect): void {
    this.#backoff.forget(backoffKey(suspect));
    this.#register.acquit(suspect);
  }

  /** It could not be told. What was known of it stays. */
  #postpone(suspect: Suspect, message: string): void {
    const dueAt = this.#now().monotonic + this.#backoff.next(backoffKey(suspect)).milliseconds;
    this.#update(suspect, { dueAt, message });
  }

  #update(suspect: Suspect, news: Parameters<OrphanRegister['update']>[1]): Suspect {
    return this.#register.update(suspect, news, this.#now());
  }

  #isBreakerOpen(): boolean {
    const isOpen = this.#register.isBreakerOpen();
    if (isOpen && !this.#isBreakerTold) {
      this.#announcer.breakerOpened(this.#register.all().length, this.#register.listed);
    }
    this.#isBreakerTold = isOpen;
    return isOpen;
  }

  #seemsOrphan(item: InventoryItem): boolean {
    return findOrphans([item], this.#knownOwners()).length > 0;
  }

  /** By the informers: quick, and behind the API server. */
  #knownOwners(): OwnerIndex {
    const { nodes, services } = this.#options;
    if (!services.hasSynced() || !nodes.hasSynced()) return new OwnerIndex({ kind: 'incomplete' });
    return new OwnerIndex({ kind: 'complete', services: services.store.list(), nodes: nodes.store.list() });
  }

  #call(life: ControllerLife, freshness: Freshness = 'live'): CallContext {
    return { signal: life.aborting, timeout: callTimeout, freshness, priority: 'sweep' };
  }

  #now(): Moment {
    const { clock } = this.#options;
    return { monotonic: clock.monotonic(), wall: clock.now() };
  }

  #count(): void {
    const { inventory, metrics } = this.#options;
    for (const { name } of inventory) {
      metrics.gauge('ccm_orphans', { kind: name }).set(this.#register.orphans(name).length);
    }
  }

  #countDeletion(orphan: Suspect, outcome: string): void {
    this.#options.metrics.counter('ccm_orphan_deletions_total', { kind: orphan.kind, outcome }).increment();
  }

  async #sleepUntil(due: number, stopping: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    try {
      await clock.sleep(Duration.milliseconds(Math.max(0, due - clock.monotonic())), stopping);
    } catch (error) {
      if (!stopping.aborted) throw error;
    }
  }
}

function backoffKey({ kind, item }: Suspect): string {
  return `${kind}/${item.id}`;
}

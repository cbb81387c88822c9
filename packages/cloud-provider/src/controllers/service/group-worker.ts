import { type ItemBackoff, itemBackoff } from '../../base/backoff.ts';
import { Duration } from '../../base/duration.ts';
import { type GuardPolicy, protectAddresses } from '../../cloud/guard.ts';
import type { ServiceUID } from '../../cloud/load-balancer-kind.ts';
import { type Operation, describeOperation } from '../../cloud/operation.ts';
import { isProtected } from '../../cloud/service-directives.ts';
import { isApiError } from '../../kube/client/api-error.ts';
import type { ReconcileResult } from '../../kube/work-queue/run-workers.ts';
import { type GroupOutcome, reconcileGroup } from '../../reconcile/group-reconciler.ts';
import type { OperationLog } from '../../reconcile/operation-log.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import { learnBackends, renewFacts } from './group-facts.ts';
import { journalOf } from './group-journal.ts';
import { type Cause, type Pass, concernedBy, priorityOf, servedBy } from './group-pass.ts';
import { recordGroup } from './group-record.ts';
import { NotToldError, publishAll, publishEarly } from './group-results.ts';
import { type GroupState, type Membership, soil } from './group-state.ts';
import { GroupTrouble } from './group-trouble.ts';
import { areFulfilled, decideWishes } from './group-wishes.ts';
import { MemberGoneError } from './member-gone-error.ts';
import { findOutdatedWish } from './outdated-wish.ts';
import { retryLimits } from './retry-limits.ts';
import { ServiceTouchedError, untouchedState } from './untouched-group.ts';
import { type ServiceWorkspace, callContext, memberOf, report, schedule } from './service-workspace.ts';
import { WishChangedError } from './wish-changed-error.ts';

/** How soon a pass is planned anew that was overtaken by a change, unless whoever places the Service asks for it sooner. */
const replanAfter = Duration.seconds(1);

export interface GroupWorkerOptions {
  readonly policy: GuardPolicy;
  readonly operations: OperationLog;
  readonly metrics: MetricRegistry;
  /** How often a converged group is compared with the cloud without any cause. */
  readonly observePeriod: Duration;
  /** Uniform in [0, 1): spreads the passes without cause. */
  readonly random: () => number;
}

/** What a pass begins with. */
interface Start {
  /** The cloud's state, when it need not be read. */
  readonly known?: { readonly observed: unknown } | undefined;
  /** The state is that only if the Service is of this version when it gets the finalizer. */
  readonly onlyVersion?: string;
}

/** Works on one group at a time: decides its wishes, brings the cloud to them and tells the Services. */
export class GroupWorker {
  readonly #workspace: ServiceWorkspace;
  readonly #options: GroupWorkerOptions;
  readonly #trouble: GroupTrouble;
  readonly #backoff: ItemBackoff<string> = itemBackoff(retryLimits);

  constructor(workspace: ServiceWorkspace, options: GroupWorkerOptions) {
    this.#workspace = workspace;
    this.#options = options;
    this.#trouble = new GroupTrouble(workspace, this.#backoff);
  }

  async reconcile(id: string, signal: AbortSignal): Promise<ReconcileResult> {
    const { clock, groups } = this.#workspace;
    const group = groups.get(id);
    if (!group) return { kind: 'done' };
    const now = clock.monotonic();
    if (group.dirt !== 'nothing' && now < group.notBefore) return this.#again(group, group.notBefore - now, 'back-off');
    if (group.dirt === 'nothing' && now < group.observeDue) return this.#untilNextLook(group);
    const cause: Cause = group.dirt === 'nothing' ? 'time' : group.dirt;
    group.dirt = 'nothing';
    try {
      return await this.#pass(group, cause, signal);
    } catch (error) {
      if (error instanceof NotToldError) throw error;
      soil(group, cause === 'backends' ? 'backends' : 'changes');
      if (error instanceof WishChangedError) return this.#again(group, replanAfter.milliseconds, error.message);
      if (isApiError(error)) this.#trouble.notBegun(group, error);
      if (!(error instanceof MemberGoneError)) throw error;
      // The informer will tell; until then there is nothing to be done for the group.
      return this.#again(group, retryLimits.initial.milliseconds, error.message);
    } finally {
      groups.removeIfEmpty(group);
    }
  }

  async #pass(group: GroupState, cause: Cause, signal: AbortSignal): Promise<ReconcileResult> {
    if (cause === 'time' && !(await renewFacts(this.#workspace, group, signal))) {
      group.observeDue = this.#workspace.clock.monotonic() + retryLimits.max.milliseconds;
      return this.#untilNextLook(group);
    }
    const failure = cause === 'time' ? undefined : await learnBackends(this.#workspace, group, signal);
    const memberships = [...group.memberships.values()];
    const wishes = decideWishes(this.#workspace, group, memberships);
    const pass: Pass = { group, cause, memberships, wishes, signal };
    if (failure) return this.#conclude(pass, { kind: 'failed', error: failure, written: 0 });
    await this.#trouble.refuse(pass, wishes.refused);
    if (wishes.wishes.size === 0) return this.#lookLater(group);
    // Who edits a Service wants it looked at, even when the edit asks for nothing else; nodes come and go by themselves.
    if (cause === 'backends' && group.known && areFulfilled(group, wishes)) {
      await publishAll(this.#workspace, pass, group.known.observed);
      return this.#untilNextLook(group);
    }
    this.#answerEdit(pass);
    const started = this.#workspace.clock.monotonic();
    const outcome = await this.#reconcile(pass);
    if (cause === 'backends') this.#measureHosts(started);
    if (outcome.written > 0)
      this.#options.metrics.counter('service_controller_loadbalancer_sync_total', {}).increment();
    return this.#conclude(pass, outcome);
  }

  /**
   * Who edits a Service hears that it was seen to even when nothing is to be done, as with the Go managers. Of several members
   * nobody knows here which one was edited; those that something is done for hear of it then.
   */
  #answerEdit(pass: Pass): void {
    const { announcer, backends } = this.#workspace;
    const [only, ...others] = servedBy(pass);
    if (pass.cause !== 'changes' || only === undefined || others.length > 0 || only.wish === 'gone') return;
    // A manager that has just begun looks at everything, and nobody has edited anything.
    if (pass.group.fulfilled.has(only.member.uid)) announcer.ensuring(only.member, backends.presence(pass.group.kind));
  }

  async #reconcile(pass: Pass): Promise<GroupOutcome<unknown, Operation>> {
    const { group, cause } = pass;
    // New nodes only add to what is there; everything else is judged by what the cloud says now, unless nothing can be there.
    const known = cause === 'backends' ? group.known : undefined;
    // Where nothing is written, nothing proves that the Service is as the cache has it.
    const isWriting = this.#options.policy.mode === 'run';
    const untouched = known || !isWriting ? undefined : untouchedState(this.#workspace, pass);
    group.known = undefined;
    if (!untouched) return await this.#reconcileFrom(pass, { known });
    try {
      return await this.#reconcileFrom(pass, { known: untouched, onlyVersion: untouched.version });
    } catch (error) {
      if (!(error instanceof ServiceTouchedError)) throw error;
      return await this.#reconcileFrom(pass, {});
    }
  }

  async #reconcileFrom(pass: Pass, start: Start): Promise<GroupOutcome<unknown, Operation>> {
    const { group, cause, memberships, signal, wishes } = pass;
    const { kind } = group;
    const call = callContext(signal, priorityOf(pass), 'live');
    const looking = cause === 'time' ? callContext(signal, 'sweep', 'live') : call;
    const { known } = start;
    const kept = memberships.filter(({ member }) => isProtected(member.service)).map(({ member }) => member.uid);
    return reconcileGroup({
      group: group.id,
      policy: protectAddresses(this.#options.policy, new Set(kept)),
      log: this.#options.operations,
      metrics: this.#options.metrics,
      signal,
      ...(known && { known }),
      port: {
        observe: () =>
          kind.observe(
            group.key,
            memberships.map(({ member }) => memberOf(this.#workspace, member)),
            looking,
          ),
        plan: (observed) => kind.plan(wishes.wishes, observed),
        apply: (operation, observed) => {
          // Whoever looks after the members now does the rest.
          if (group.memberships.size === 0) throw new MemberGoneError(group.id);
          return kind.apply(operation, observed, call);
        },
        fold: (observed, operation, outputs) => kind.fold(observed, operation, outputs),
      },
      beforeWrites: (operations) => this.#beforeWrites(pass, operations, start),
      beforeDeletion: () => {
        const outdated = findOutdatedWish(this.#workspace, pass);
        if (outdated) throw new WishChangedError(outdated.member.key);
      },
      journal: journalOf(this.#workspace, pass),
    });
  }

  /** Users hear that something begins, and Services that get something carry the finalizer before it is there. */
  async #beforeWrites(pass: Pass, operations: readonly Operation[], { onlyVersion }: Start): Promise<void> {
    const { cause, group, signal } = pass;
    const { announcer, backends, logger, publisher } = this.#workspace;
    const left = pass.memberships.find(({ member }) => !group.memberships.has(member.uid));
    if (left) throw new MemberGoneError(left.member.key);
    const plan = operations.map(describeOperation);
    logger.info('Load balancer plan', { group: group.id, plan });
    for (const { member, wish } of concernedBy(pass)) {
      report(this.#workspace, member, { state: wish === 'gone' ? 'deleting' : 'waiting', plan });
      if (wish === 'gone') announcer.deleting(member);
      else if (cause !== 'backends') announcer.ensuring(member, backends.presence(group.kind));
    }
    for (const { member, wish } of pass.memberships) {
      if (wish === 'gone' || !pass.wishes.wishes.has(member.uid)) continue;
      const writes = {
        addFinalizer: group.kind.finalizer,
        ...recordGroup(member.service, group),
        ...(onlyVersion !== undefined && { onlyVersion }),
      };
      const outcome = await publisher.write(member, writes, signal);
      if (outcome === 'gone') throw new MemberGoneError(member.key);
      if (outcome === 'outdated') throw new ServiceTouchedError(member.key);
    }
  }

  async #conclude(pass: Pass, outcome: GroupOutcome<unknown, Operation>): Promise<ReconcileResult> {
    const { group } = pass;
    // All were handed over meanwhile: there is nobody to tell, and nothing more to do.
    if (group.memberships.size === 0) return { kind: 'done' };
    if (outcome.kind !== 'settling') group.settlingSince = undefined;
    switch (outcome.kind) {
      case 'converged':
        return this.#converged(pass, outcome.observed, outcome.written);
      case 'settling':
        // What is left is to see it end, and to say so as what it is.
        soil(group, pass.cause === 'backends' ? 'backends' : 'changes');
        if (pass.cause === 'backends' && outcome.written > 0) group.updating = uidsOf(concernedBy(pass));
        group.settlingSince ??= this.#workspace.clock.monotonic();
        await publishEarly(this.#workspace, pass, outcome.observed);
        await this.#trouble.wait(pass, outcome.on);
        return this.#postpone(pass, outcome.after, `settling: ${outcome.on}`);
      case 'blocked':
        soil(group, 'changes');
        await this.#trouble.block(pass, outcome);
        return this.#postpone(pass, retryLimits.max, `blocked by ${outcome.by}`);
      case 'refused':
        await this.#trouble.forbid(pass, outcome.refused);
        return this.#lookLater(group);
      case 'failed':
        soil(group, 'changes');
        return this.#postpone(pass, await this.#trouble.fail(pass, outcome), outcome.error.message);
    }
  }

  async #converged(pass: Pass, observed: unknown, written: number): Promise<ReconcileResult> {
    const { cause, group, memberships, wishes } = pass;
    const { announcer, backends } = this.#workspace;
    const updated = written > 0 && cause === 'backends' ? uidsOf(concernedBy(pass)) : group.updating;
    group.updating = new Set();
    this.#backoff.forget(group.id);
    this.#trouble.isOver(group);
    group.notBefore = 0;
    group.known = { observed };
    group.fulfilled = new Map([...wishes.fingerprints].filter(([uid]) => wishes.wishes.get(uid)?.kind === 'present'));
    for (const membership of memberships) {
      if (membership.wish === 'gone') this.#dismiss(group, membership);
    }
    const next = this.#lookLater(group);
    await publishAll(this.#workspace, pass, observed);
    for (const { member, wish } of servedBy(pass)) {
      if (wish === 'present' && updated.has(member.uid)) announcer.updated(member, backends.presence(group.kind));
    }
    return next;
  }

  /** The group has nothing for the Service any more; whether that is all of it is for whoever places the Service. */
  #dismiss(group: GroupState, membership: Membership): void {
    const { member } = membership;
    // It may be wanted again since the pass began.
    if (group.memberships.get(member.uid) !== membership) return;
    group.memberships.delete(member.uid);
    member.left.add(group.id);
    member.kinds.set(group.kind.name, { kind: 'left' });
    this.#workspace.enqueueService(member.key);
  }

  #measureHosts(started: number): void {
    const seconds = (this.#workspace.clock.monotonic() - started) / 1000;
    this.#options.metrics.histogram('service_controller_update_loadbalancer_host_latency_seconds', {}).observe(seconds);
  }

  #postpone(pass: Pass, after: Duration, reason: string): ReconcileResult {
    const { group } = pass;
    group.notBefore = this.#workspace.clock.monotonic() + after.milliseconds;
    for (const { member } of pass.memberships) schedule(this.#workspace, member, after);
    return this.#again(group, after.milliseconds, reason);
  }

  /** The passes without cause are spread over a tenth of the period, so that a restart does not make them come together. */
  #lookLater(group: GroupState): ReconcileResult {
    const { observePeriod, random } = this.#options;
    // What converged is surveyed together with all others of its kind, where that can be.
    if (group.kind.listUnchanged && group.known) {
      group.observeDue = Number.POSITIVE_INFINITY;
      return { kind: 'done' };
    }
    group.observeDue = this.#workspace.clock.monotonic() + observePeriod.times(0.9 + 0.1 * random()).milliseconds;
    return this.#untilNextLook(group);
  }

  #untilNextLook(group: GroupState): ReconcileResult {
    return this.#again(group, group.observeDue - this.#workspace.clock.monotonic(), 'regular look at the cloud');
  }

  #again(group: GroupState, milliseconds: number, reason: string): ReconcileResult {
    if (group.memberships.size === 0 || milliseconds === Number.POSITIVE_INFINITY) return { kind: 'done' };
    return { kind: 'requeueAfter', after: Duration.milliseconds(Math.max(0, milliseconds)), reason };
  }
}

function uidsOf(memberships: readonly Membership[]): ReadonlySet<ServiceUID> {
  return new Set(memberships.map(({ member }) => member.uid));
}

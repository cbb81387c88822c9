import { type ItemBackoff, itemBackoff } from '../../base/backoff.ts';
import { Duration } from '../../base/duration.ts';
import type { CallContext, CallPriority } from '../../cloud/call-context.ts';
import { type CloudError, toCloudError } from '../../cloud/cloud-error.ts';
import type { GuardPolicy } from '../../cloud/guard.ts';
import { type Operation, describeOperation } from '../../cloud/operation.ts';
import type { ReconcileResult } from '../../kube/work-queue/run-workers.ts';
import { type GroupOutcome, reconcileGroup } from '../../reconcile/group-reconciler.ts';
import type { OperationLog } from '../../reconcile/operation-log.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import { GroupTrouble } from './group-trouble.ts';
import { type GroupState, type Membership, soil } from './group-state.ts';
import { type GroupWishes, areFulfilled, decideWishes } from './group-wishes.ts';
import { MemberGoneError } from './member-gone-error.ts';
import { publishResult } from './publish-result.ts';
import { retryLimits } from './retry-limits.ts';
import { type ServiceWorkspace, callContext, memberOf, report, requestOf, schedule } from './service-workspace.ts';

export interface GroupWorkerOptions {
  readonly policy: GuardPolicy;
  readonly operations: OperationLog;
  readonly metrics: MetricRegistry;
  /** How often a converged group is compared with the cloud without any cause. */
  readonly observePeriod: Duration;
  /** Uniform in [0, 1): spreads the passes without cause. */
  readonly random: () => number;
}

/** As old as facts may be that a pass is made for other reasons than time. */
const factsMaxAge = Duration.minutes(5);

/** Why a pass is made. */
type Cause = 'nodes' | 'changes' | 'time';

interface Pass {
  readonly group: GroupState;
  readonly cause: Cause;
  /** As of the beginning; what changes during the pass is for the next one. */
  readonly memberships: readonly Membership[];
  readonly wishes: GroupWishes;
  readonly signal: AbortSignal;
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
      soil(group, cause === 'nodes' ? 'nodes' : 'changes');
      if (!(error instanceof MemberGoneError)) throw error;
      // The informer will tell; until then there is nothing to be done for the group.
      return this.#again(group, retryLimits.initial.milliseconds, error.message);
    } finally {
      groups.removeIfEmpty(group);
    }
  }

  async #pass(group: GroupState, cause: Cause, signal: AbortSignal): Promise<ReconcileResult> {
    if (cause === 'time' && !(await this.#renewFacts(group, signal))) return this.#untilNextLook(group);
    const failure = cause === 'time' ? undefined : await this.#learnBackends(group, signal);
    const memberships = [...group.memberships.values()];
    const wishes = decideWishes(this.#workspace, group, memberships);
    const pass: Pass = { group, cause, memberships, wishes, signal };
    if (failure) return this.#conclude(pass, { kind: 'failed', error: failure, written: 0 });
    await this.#trouble.refuse(pass, wishes.refused);
    if (wishes.wishes.size === 0) return this.#lookLater(group);
    if (cause !== 'time' && group.known && areFulfilled(group, wishes)) {
      await this.#publishAll(pass, group.known.observed);
      return this.#untilNextLook(group);
    }
    const started = this.#workspace.clock.monotonic();
    const outcome = await this.#reconcile(pass);
    if (cause === 'nodes') this.#measureHosts(started);
    if (outcome.written > 0)
      this.#options.metrics.counter('service_controller_loadbalancer_sync_total', {}).increment();
    return this.#conclude(pass, outcome);
  }

  /**
   * Asks for the facts of every member anew: the subnet that was missing may be there now. False when that was not possible;
   * what converged before is not in trouble for that, and is looked at a little later.
   */
  async #renewFacts(group: GroupState, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#readFacts(group, callContext(signal, 'upkeep', 'live'));
      return true;
    } catch (error) {
      signal.throwIfAborted();
      this.#workspace.logger.warn('Facts not read', { group: group.id, err: error });
      group.observeDue = this.#workspace.clock.monotonic() + retryLimits.max.milliseconds;
      return false;
    }
  }

  /**
   * What a kind has to know about a node before it can send traffic there is part of its facts. It answers out of its cache
   * for those that it has met, so that this costs calls for new ones alone.
   */
  async #learnBackends(group: GroupState, signal: AbortSignal): Promise<CloudError | undefined> {
    if (!group.kind.inputs.includes('nodes')) return undefined;
    try {
      await this.#readFacts(group, callContext(signal, 'change', { maxAge: factsMaxAge }));
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      return toCloudError(error);
    }
  }

  async #readFacts(group: GroupState, call: CallContext): Promise<void> {
    for (const [uid, membership] of group.memberships) {
      if (membership.wish === 'gone') continue;
      const facts = await group.kind.facts(requestOf(this.#workspace, membership.member), call);
      if (group.memberships.get(uid) === membership) group.memberships.set(uid, { ...membership, facts });
    }
  }

  async #reconcile(pass: Pass): Promise<GroupOutcome<unknown, Operation>> {
    const { group, cause, memberships, signal, wishes } = pass;
    const { kind } = group;
    const call = callContext(signal, priorityOf(pass), 'live');
    const { known } = group;
    group.known = undefined;
    return reconcileGroup({
      group: group.id,
      policy: this.#options.policy,
      log: this.#options.operations,
      metrics: this.#options.metrics,
      signal,
      // New nodes only add to what is there; everything else is judged by what the cloud says now.
      ...(cause === 'nodes' && known ? { known } : {}),
      port: {
        observe: () =>
          kind.observe(
            group.key,
            memberships.map(({ member }) => memberOf(this.#workspace, member)),
            call,
          ),
        plan: (observed) => kind.plan(wishes.wishes, observed),
        apply: (operation, observed) => kind.apply(operation, observed, call),
        fold: (observed, operation, outputs) => kind.fold(observed, operation, outputs),
      },
      beforeWrites: (operations) => this.#beforeWrites(pass, operations),
    });
  }

  /** Users hear that something begins, and Services that get something carry the finalizer before it is there. */
  async #beforeWrites(pass: Pass, operations: readonly Operation[]): Promise<void> {
    const { cause, group, signal } = pass;
    const plan = operations.map(describeOperation);
    this.#workspace.logger.info('Load balancer plan', { group: group.id, plan });
    for (const { member, wish } of this.#concerned(pass)) {
      report(this.#workspace, member, { state: wish === 'gone' ? 'deleting' : 'waiting', plan });
      if (wish === 'gone') this.#workspace.announcer.deleting(member);
      else if (cause !== 'nodes') this.#workspace.announcer.ensuring(member, this.#backends());
    }
    for (const { member, wish } of pass.memberships) {
      if (wish === 'gone' || !pass.wishes.wishes.has(member.uid)) continue;
      const outcome = await this.#workspace.publisher.write(member, { addFinalizer: group.kind.finalizer }, signal);
      if (outcome === 'gone') throw new MemberGoneError(member.key);
    }
  }

  async #conclude(pass: Pass, outcome: GroupOutcome<unknown, Operation>): Promise<ReconcileResult> {
    const { group } = pass;
    switch (outcome.kind) {
      case 'converged':
        return this.#converged(pass, outcome.observed, outcome.written);
      case 'settling':
        soil(group, 'changes');
        await this.#publishEarly(pass, outcome.observed);
        for (const { member, wish } of this.#served(pass)) {
          const message = `the cloud is busy with ${outcome.on}`;
          report(this.#workspace, member, {
            state: wish === 'gone' ? 'deleting' : 'settling',
            message,
            plan: member.report.plan,
          });
        }
        return this.#postpone(pass, outcome.after, `settling: ${outcome.on}`);
      case 'blocked': {
        soil(group, 'changes');
        await this.#trouble.block(pass, outcome);
        return this.#postpone(pass, retryLimits.max, `blocked by ${outcome.by}`);
      }
      case 'refused':
        await this.#trouble.forbid(pass, outcome.refused);
        return this.#lookLater(group);
      case 'failed':
        soil(group, 'changes');
        return this.#postpone(pass, await this.#trouble.fail(pass, outcome.error), outcome.error.message);
    }
  }

  async #converged(pass: Pass, observed: unknown, written: number): Promise<ReconcileResult> {
    const { cause, group, memberships, wishes } = pass;
    const { announcer } = this.#workspace;
    const concerned = new Set(this.#concerned(pass).map(({ member }) => member));
    this.#backoff.forget(group.id);
    group.notBefore = 0;
    group.known = { observed };
    group.fulfilled = new Map([...wishes.fingerprints].filter(([uid]) => wishes.wishes.get(uid)?.kind === 'present'));
    for (const membership of memberships) {
      if (membership.wish === 'gone') this.#dismiss(group, membership);
    }
    const next = this.#lookLater(group);
    await this.#publishAll(pass, observed);
    if (written > 0 && cause === 'nodes') {
      for (const { member, wish } of this.#served(pass)) {
        if (wish === 'present' && concerned.has(member)) announcer.updated(member, this.#backends());
      }
    }
    return next;
  }

  /** The kind has nothing for the Service any more; the Service itself is told by whoever sees that all kinds say so. */
  #dismiss(group: GroupState, membership: Membership): void {
    const { member } = membership;
    // It may be wanted again since the pass began.
    if (group.memberships.get(member.uid) !== membership) return;
    group.memberships.delete(member.uid);
    member.kinds.set(group.kind.name, { kind: 'clean' });
    this.#workspace.enqueueService(member.key);
  }

  /** @throws the first failure, after all were tried */
  async #publishAll(pass: Pass, observed: unknown): Promise<void> {
    const { group, signal } = pass;
    const { announcer } = this.#workspace;
    const failures: unknown[] = [];
    for (const { member, wish } of this.#served(pass)) {
      if (wish === 'gone') continue;
      try {
        member.result = group.kind.result(observed, memberOf(this.#workspace, member));
        await publishResult(this.#workspace, { member, kind: group.kind, signal });
        report(this.#workspace, member, { state: 'converged', plan: [] });
        announcer.ensured(member);
      } catch (error) {
        signal.throwIfAborted();
        failures.push(error);
        const message = error instanceof Error ? error.message : String(error);
        announcer.failed(member, 'ensure', message);
        report(this.#workspace, member, { state: 'failed', reason: 'StatusNotWritten', message });
      }
    }
    if (failures.length === 0) return;
    // The cloud is as it should be: the next pass only has to write onto Services.
    soil(group, 'nodes');
    throw failures[0];
  }

  /** An address that is known already is told while the cloud is still busy; nothing is taken back. */
  async #publishEarly(pass: Pass, observed: unknown): Promise<void> {
    const { group, signal } = pass;
    for (const { member, wish } of this.#served(pass)) {
      if (wish === 'gone') continue;
      const { status } = group.kind.result(observed, memberOf(this.#workspace, member));
      if (!status || status.ingress.length === 0) continue;
      await this.#workspace.publisher.write(member, { loadBalancer: status }, signal);
    }
  }

  /** The members that the pass worked for, refused ones left out. */
  #served(pass: Pass): readonly Membership[] {
    return pass.memberships.filter(({ member }) => pass.wishes.wishes.has(member.uid));
  }

  /** Those whose wishes are new; all of them when the cloud drifted away by itself. */
  #concerned(pass: Pass): readonly Membership[] {
    const { group, wishes } = pass;
    const served = this.#served(pass);
    const changed = served.filter(
      ({ member }) => wishes.fingerprints.get(member.uid) !== group.fulfilled.get(member.uid),
    );
    return changed.length > 0 ? changed : served;
  }

  #backends(): 'some' | 'none' {
    return this.#workspace.backends.current().length > 0 ? 'some' : 'none';
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
    group.observeDue = this.#workspace.clock.monotonic() + observePeriod.times(0.9 + 0.1 * random()).milliseconds;
    return this.#untilNextLook(group);
  }

  #untilNextLook(group: GroupState): ReconcileResult {
    return this.#again(group, group.observeDue - this.#workspace.clock.monotonic(), 'regular look at the cloud');
  }

  #again(group: GroupState, milliseconds: number, reason: string): ReconcileResult {
    if (group.memberships.size === 0) return { kind: 'done' };
    return { kind: 'requeueAfter', after: Duration.milliseconds(Math.max(0, milliseconds)), reason };
  }
}

function priorityOf(pass: Pass): CallPriority {
  if (pass.cause === 'time') return 'upkeep';
  return pass.memberships.every(({ wish }) => wish === 'gone') ? 'delete' : 'change';
}

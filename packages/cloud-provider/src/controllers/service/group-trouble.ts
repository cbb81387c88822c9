import { type ItemBackoff, itemBackoff } from '../../base/backoff.ts';
import { Duration } from '../../base/duration.ts';
import type { CloudError } from '../../cloud/cloud-error.ts';
import { type Operation, describeOperation } from '../../cloud/operation.ts';
import { findCondition } from '../../kube/conditions/conditions.ts';
import type { RefusedOperation } from '../../reconcile/group-reconciler.ts';
import { type Pass, servedBy } from './group-pass.ts';
import type { GroupState } from './group-state.ts';
import type { RefusedWish } from './group-wishes.ts';
import { accepted, loadBalancerConditions, recovered, troubled } from './load-balancer-condition.ts';
import type { MemberState } from './member-state.ts';
import { publishTrouble } from './publish-result.ts';
import { defectIn } from '../../cloud/provider-defect.ts';
import { defectLimits, patience, retryLimits } from './retry-limits.ts';
import type { WrittenCondition } from './service-patches.ts';
import { type ServiceWorkspace, report } from './service-workspace.ts';

/** Clouds that make a load balancer in minutes are no news; what takes longer than this gets a name. */
const longSettling = Duration.minutes(5);

/** Tells users why their load balancers are not as they want them, in Events, conditions and the status page. */
export class GroupTrouble {
  readonly #workspace: ServiceWorkspace;
  readonly #backoff: ItemBackoff<string>;
  readonly #defectBackoff: ItemBackoff<string> = itemBackoff(defectLimits);

  /** @param backoff counts the failures of each group */
  constructor(workspace: ServiceWorkspace, backoff: ItemBackoff<string>) {
    this.#workspace = workspace;
    this.#backoff = backoff;
  }

  /** Members whose wish can't be fulfilled as it is written, or must not be. Nothing is tried until the Service changes. */
  async refuse(pass: Pass, refused: ReadonlyMap<string, RefusedWish>): Promise<void> {
    for (const { member, wish } of pass.memberships) {
      const refusal = refused.get(member.uid);
      if (!refusal) continue;
      const { reason, text } = refusal;
      if (refusal.defect && member.report.reason !== reason) this.#tellOperators(pass.group, refusal.defect);
      if (wish === 'gone') this.#workspace.announcer.warnOnce(member, reason, text);
      else this.#workspace.announcer.warnOnce(member, 'SyncLoadBalancerFailed', `Error syncing load balancer: ${text}`);
      report(this.#workspace, member, { state: 'refused', reason, message: text });
      const condition = troubled(wish === 'gone' ? 'programmed' : 'accepted', reason, text);
      await this.#condition(member, pass.signal, [{ ...condition, newsIn: 'text' }]);
    }
  }

  /** The guard withheld operations: of something foreign, of something protected, or because nothing is to be written at all. */
  async forbid(pass: Pass, refused: readonly RefusedOperation<Operation>[]): Promise<void> {
    const [first] = refused;
    if (!first) return;
    const { reason, message } = first.refusal;
    const plan = refused.map(({ operation }) => describeOperation(operation));
    for (const { member, wish } of servedBy(pass)) {
      report(this.#workspace, member, { state: 'refused', reason, message, plan });
      // Whoever asked for nothing to be written wants no Events and conditions either.
      if (reason === 'ObserveOnly') continue;
      this.#workspace.announcer.warnOnce(member, reason, message);
      const condition = troubled(wish === 'gone' ? 'programmed' : 'accepted', reason, message);
      await publishTrouble(this.#workspace, {
        member,
        conditions: [{ ...condition, newsIn: 'text' }],
        // The cloud answered, and of what is not accepted nothing can be said.
        removeConditions: wish === 'gone' ? [] : [loadBalancerConditions.programmed],
        signal: pass.signal,
      });
    }
  }

  async block(pass: Pass, blocked: { readonly by: string; readonly reason: string }): Promise<void> {
    const message = `blocked by ${blocked.by}: ${blocked.reason}`;
    for (const { member } of servedBy(pass)) {
      report(this.#workspace, member, { state: 'blocked', reason: 'LoadBalancerBlocked', message });
      this.#workspace.announcer.warnOnce(member, 'LoadBalancerBlocked', message);
      await this.#condition(member, pass.signal, [
        { ...troubled('programmed', 'LoadBalancerBlocked', message), newsIn: 'text' },
      ]);
    }
  }

  /** The cloud is busy, which is no trouble unless there is no end to it. @param on the object that is waited for */
  async wait(pass: Pass, on: string): Promise<void> {
    const message = `the cloud is busy with ${on}`;
    const { clock } = this.#workspace;
    const { settlingSince = clock.monotonic() } = pass.group;
    const isLong = clock.monotonic() - settlingSince >= longSettling.milliseconds;
    for (const { member, wish } of servedBy(pass)) {
      const state = wish === 'gone' ? 'deleting' : 'settling';
      report(this.#workspace, member, { state, message, plan: member.report.plan });
      if (!isLong) continue;
      const reason = wish === 'gone' ? 'Deleting' : 'Provisioning';
      await this.#condition(member, pass.signal, [{ ...troubled('programmed', reason, message), newsIn: 'text' }]);
    }
  }

  /** Returns when to try again. */
  async fail(
    pass: Pass,
    failed: { readonly error: CloudError; readonly operation?: Operation | undefined },
  ): Promise<Duration> {
    const { group } = pass;
    const { error, operation } = failed;
    const defect = defectIn(error);
    const after = this.#retryAfter(group, error);
    const isLasting = !error.isRetriable || defect || this.#backoff.failures(group.id) >= patience;
    const { announcer } = this.#workspace;
    if (defect) this.#tellOperators(group, defect);
    else this.#workspace.logger.warn('Load balancer pass failed', { group: group.id, code: error.code, err: error });
    if (pass.cause === 'backends') this.#workspace.countNodeFailure();
    // Being asked to wait is no failure, unless there is no end to it.
    const isWaiting = error.code === 'Throttled' && !isLasting;
    const reason = defect?.code ?? `Cloud${error.code}`;
    for (const { member, wish } of servedBy(pass)) {
      const attempt = wish === 'gone' ? 'delete' : pass.cause === 'backends' ? 'update' : 'ensure';
      // Who waits for a deletion must know which object to look at.
      const target = operation && wish === 'gone' ? `${nameOf(operation)}: ` : '';
      const message = `${target}${error.message}`;
      if (!isWaiting) announcer.failed(member, attempt, message);
      report(this.#workspace, member, {
        state: isWaiting ? 'waiting' : 'failed',
        reason: defect?.code ?? error.code,
        message,
        plan: member.report.plan,
      });
      if (!isLasting) continue;
      const present = member.service.status.conditions;
      const wasRefused = recovered(present).some(({ type }) => type === accepted.type);
      const condition = troubled('programmed', reason, message);
      const namesTarget = findCondition(present, condition.type)?.message.startsWith(target) === true;
      await this.#condition(member, pass.signal, [
        ...(wasRefused ? [accepted] : []),
        { ...condition, newsIn: namesTarget ? 'reason' : 'text' },
      ]);
    }
    return after;
  }

  /** The cluster did not take what has to be on the Services before anything is written to the cloud. */
  notBegun(group: GroupState, error: Error): void {
    const note = `Error syncing load balancer: failed to prepare the Service: ${error.message}`;
    for (const { member, wish } of group.memberships.values()) {
      if (wish === 'gone') continue;
      this.#workspace.announcer.warnOnce(member, 'SyncLoadBalancerFailed', note);
      report(this.#workspace, member, { state: 'failed', reason: 'ServiceNotWritten', message: error.message });
    }
  }

  /** The group converged. */
  isOver(group: GroupState): void {
    this.#defectBackoff.forget(group.id);
  }

  #retryAfter(group: GroupState, error: CloudError): Duration {
    // Trying does not mend a program. A change of the Service tries at once.
    if (defectIn(error)) return this.#defectBackoff.next(group.id);
    const backoff = this.#backoff.next(group.id);
    // Nobody but a person can mend these; they are only asked for now and then, in case that somebody did.
    if (!error.isRetriable && error.code !== 'NotFound') return retryLimits.max;
    return backoff.max(error.details.retryAfter ?? Duration.zero);
  }

  #tellOperators(group: GroupState, defect: Error): void {
    this.#workspace.logger.error('A defect of the provider', { group: group.id, err: defect });
  }

  #condition(member: MemberState, signal: AbortSignal, conditions: readonly WrittenCondition[]): Promise<void> {
    return publishTrouble(this.#workspace, { member, conditions, signal });
  }
}

/** For example `delete SecurityGroup sg-1`. */
function nameOf({ object, verb }: Operation): string {
  return `${verb} ${object.kind} ${object.name}`;
}

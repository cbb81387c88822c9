import type { ItemBackoff } from '../../base/backoff.ts';
import { Duration } from '../../base/duration.ts';
import type { CloudError } from '../../cloud/cloud-error.ts';
import type { ServiceUID } from '../../cloud/load-balancer-kind.ts';
import { type Operation, describeOperation } from '../../cloud/operation.ts';
import type { RefusedOperation } from '../../reconcile/group-reconciler.ts';
import type { GroupState, Membership } from './group-state.ts';
import type { RefusedWish } from './group-wishes.ts';
import { troubled } from './load-balancer-condition.ts';
import type { MemberState } from './member-state.ts';
import { retryLimits } from './retry-limits.ts';
import { type ServiceWorkspace, report } from './service-workspace.ts';

/** A failure that may pass by itself becomes a condition when it was met for this many times in a row. */
const failuresBeforeCondition = 3;

/** What of a pass trouble is told of. */
interface TroubledPass {
  readonly group: GroupState;
  readonly cause: 'nodes' | 'changes' | 'time';
  readonly memberships: readonly Membership[];
  readonly wishes: { readonly wishes: ReadonlyMap<ServiceUID, unknown> };
  readonly signal: AbortSignal;
}

/** Tells users why their load balancers are not as they want them, in Events, conditions and the status page. */
export class GroupTrouble {
  readonly #workspace: ServiceWorkspace;
  readonly #backoff: ItemBackoff<string>;

  constructor(workspace: ServiceWorkspace, backoff: ItemBackoff<string>) {
    this.#workspace = workspace;
    this.#backoff = backoff;
  }

  /** Members whose wish the provider can't fulfil as it is written. Nothing is tried until the Service changes. */
  async refuse(pass: TroubledPass, refused: ReadonlyMap<ServiceUID, RefusedWish>): Promise<void> {
    for (const { member } of pass.memberships) {
      const refusal = refused.get(member.uid);
      if (!refusal) continue;
      const note = `Error syncing load balancer: ${refusal.text}`;
      this.#workspace.announcer.warnOnce(member, 'SyncLoadBalancerFailed', note);
      report(this.#workspace, member, { state: 'refused', reason: refusal.reason, message: refusal.text });
      await this.#condition(member, refusal.reason, refusal.text, pass.signal);
    }
  }

  /** The guard withheld operations: of something foreign, of something protected, or because nothing is to be written at all. */
  async forbid(pass: TroubledPass, refused: readonly RefusedOperation<Operation>[]): Promise<void> {
    const [first] = refused;
    if (!first) return;
    const { reason, message } = first.refusal;
    const plan = refused.map(({ operation }) => describeOperation(operation));
    for (const { member } of this.#served(pass)) {
      report(this.#workspace, member, { state: 'refused', reason, message, plan });
      // Whoever asked for nothing to be written wants no Events and conditions either.
      if (reason === 'ObserveOnly') continue;
      this.#workspace.announcer.warnOnce(member, reason, message);
      await this.#condition(member, reason, message, pass.signal);
    }
  }

  async block(pass: TroubledPass, blocked: { readonly by: string; readonly reason: string }): Promise<void> {
    const message = `blocked by ${blocked.by}: ${blocked.reason}`;
    for (const { member } of this.#served(pass)) {
      report(this.#workspace, member, { state: 'blocked', reason: 'LoadBalancerBlocked', message });
      this.#workspace.announcer.warnOnce(member, 'LoadBalancerBlocked', message);
      await this.#condition(member, 'LoadBalancerBlocked', message, pass.signal);
    }
  }

  /** Returns when to try again. */
  async fail(pass: TroubledPass, error: CloudError): Promise<Duration> {
    const { group } = pass;
    const after = this.#retryAfter(group, error);
    const isLasting = !error.isRetriable || this.#backoff.failures(group.id) >= failuresBeforeCondition;
    const { announcer, logger } = this.#workspace;
    logger.warn('Load balancer pass failed', { group: group.id, code: error.code, err: error });
    if (pass.cause === 'nodes') this.#workspace.countNodeFailure();
    // Being asked to wait is no failure, unless there is no end to it.
    const isWaiting = error.code === 'Throttled' && !isLasting;
    for (const { member, wish } of this.#served(pass)) {
      const attempt = wish === 'gone' ? 'delete' : pass.cause === 'nodes' ? 'update' : 'ensure';
      if (!isWaiting) announcer.failed(member, attempt, error.message);
      report(this.#workspace, member, {
        state: isWaiting ? 'waiting' : 'failed',
        reason: error.code,
        message: error.message,
        plan: member.report.plan,
      });
      if (isLasting) await this.#condition(member, `Cloud${error.code}`, error.message, pass.signal);
    }
    return after;
  }

  #retryAfter(group: GroupState, error: CloudError): Duration {
    const backoff = this.#backoff.next(group.id);
    // Nobody but a person can mend these; they are only asked for now and then, in case that somebody did.
    if (!error.isRetriable && error.code !== 'NotFound') return retryLimits.max;
    return backoff.max(error.details.retryAfter ?? Duration.zero);
  }

  #served(pass: TroubledPass): readonly Membership[] {
    return pass.memberships.filter(({ member }) => pass.wishes.wishes.has(member.uid));
  }

  /** Failing to say what is wrong must not hide it: the status page and the Events have it too. */
  async #condition(member: MemberState, reason: string, message: string, signal: AbortSignal): Promise<void> {
    if (member.presence === 'vanished') return;
    try {
      await this.#workspace.publisher.write(member, { conditions: [troubled(reason, message)] }, signal);
    } catch (error) {
      signal.throwIfAborted();
      this.#workspace.logger.warn('Condition not written', { service: member.key, err: error });
    }
  }
}

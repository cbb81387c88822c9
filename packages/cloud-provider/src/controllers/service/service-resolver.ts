import type { Service } from '../../api/service.ts';
import { type ItemBackoff, itemBackoff } from '../../base/backoff.ts';
import { Duration } from '../../base/duration.ts';
import { toCloudError } from '../../cloud/cloud-error.ts';
import type { LoadBalancerKind } from '../../cloud/load-balancer-kind.ts';
import type { ReconcileResult } from '../../kube/work-queue/run-workers.ts';
import { isApiError } from '../../kube/client/api-error.ts';
import { soil } from './group-state.ts';
import { loadBalancerCondition } from './load-balancer-condition.ts';
import type { MemberState } from './member-state.ts';
import { publishResult } from './publish-result.ts';
import { retryLimits } from './retry-limits.ts';
import { decideIntent, inputsFingerprint } from './service-intent.ts';
import { type ServiceWorkspace, callContext, memberOf, report, requestOf, schedule } from './service-workspace.ts';

/** Subnets, flavours and the like seldom change; the slow pass reads them anew. */
const factsFreshness = { maxAge: Duration.minutes(5) };

/** How far one kind is with leaving a Service alone. */
type Leaving = 'clean' | 'leaving' | 'unknown';

/**
 * Decides for one Service whether it is to have a load balancer, of which kind and in which group, and makes it a member
 * there. A Service that leaves all kinds is released: its finalizer falls.
 */
export class ServiceResolver {
  readonly #workspace: ServiceWorkspace;
  readonly #finalizers: ReadonlySet<string>;
  readonly #backoff: ItemBackoff<string> = itemBackoff(retryLimits);

  constructor(workspace: ServiceWorkspace) {
    this.#workspace = workspace;
    this.#finalizers = new Set(workspace.kinds.map((kind) => kind.finalizer));
  }

  /** Looks at whatever has or had the name. */
  async resolve(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    const { members, store } = this.#workspace;
    const service = store.get(key);
    for (const member of members.ofKey(key)) {
      if (member.uid !== service?.metadata.uid) this.#vanish(member);
    }
    if (service) this.#learn(service);
    let result: ReconcileResult = { kind: 'done' };
    for (const member of members.ofKey(key)) {
      const next = await this.#advance(member, signal);
      if (next.kind === 'done') continue;
      if (result.kind === 'done' || result.after.isLongerThan(next.after)) result = next;
    }
    if (result.kind === 'done') this.#backoff.forget(key);
    return result;
  }

  /** A Service went. Its last state serves for removing what was made for it, if it had no time to wait for that. */
  onDelete(last: Service): void {
    const { members, publisher } = this.#workspace;
    const { uid } = last.metadata;
    if (members.get(uid)) return;
    const mayHaveLeftSomething =
      this.#isClaimed(last) && (this.#hasFinalizer(last) || last.status.loadBalancer.ingress.length > 0);
    if (mayHaveLeftSomething && !publisher.hasWritten(uid)) this.#vanish(this.#add(last, 'gone'));
    publisher.forget(uid);
  }

  #add(service: Service, intent: MemberState['intent']): MemberState {
    return this.#workspace.members.add(service, intent, this.#workspace.clock.now().toISOString());
  }

  #vanish(member: MemberState): void {
    member.presence = 'vanished';
    member.intent = 'gone';
  }

  #learn(service: Service): void {
    const { members, publisher } = this.#workspace;
    // What we know already is newer, or the Service was just released and the cache has yet to hear of it.
    if (publisher.isOutdated(service)) return;
    const known = members.get(service.metadata.uid);
    const intent = decideIntent(service, { finalizers: this.#finalizers, memory: known ? 'known' : 'unknown' });
    if (known) {
      known.service = service;
      known.presence = 'present';
      if (intent !== 'ignored') known.intent = intent;
      return;
    }
    if (intent === 'ignored') return;
    // Another controller may serve what no kind claims.
    if (intent === 'wanted' && !this.#isClaimed(service) && !this.#hasFinalizer(service)) return;
    this.#add(service, intent);
  }

  #isClaimed(service: Service): boolean {
    return this.#workspace.kinds.some((kind) => kind.claims(service));
  }

  #hasFinalizer(service: Service): boolean {
    return service.metadata.finalizers.some((finalizer) => this.#finalizers.has(finalizer));
  }

  async #advance(member: MemberState, signal: AbortSignal): Promise<ReconcileResult> {
    const { announcer, kinds } = this.#workspace;
    try {
      const owner = member.intent === 'wanted' ? kinds.find((kind) => kind.claims(member.service)) : undefined;
      const leavings: Leaving[] = [];
      for (const kind of kinds) if (kind !== owner) leavings.push(await this.#leave(member, kind, signal));
      if (leavings.includes('unknown')) return this.#waitForTraces(member);
      if (leavings.includes('leaving')) return { kind: 'done' };
      if (owner) await this.#join(member, owner, signal);
      // What is wanted and claimed by nobody is left as it is: another controller may serve it.
      else if (member.intent === 'gone') await this.#release(member, signal);
      return { kind: 'done' };
    } catch (thrown) {
      signal.throwIfAborted();
      const error = isApiError(thrown) ? thrown : toCloudError(thrown);
      announcer.failed(member, member.intent === 'wanted' ? 'ensure' : 'delete', error.message);
      const after = this.#backoff.next(member.key);
      report(this.#workspace, member, { state: 'failed', reason: error.code, message: error.message });
      schedule(this.#workspace, member, after);
      this.#workspace.logger.warn('Service could not be placed', { service: member.key, err: error });
      return { kind: 'requeueAfter', after, reason: error.message };
    }
  }

  /** Sees to it that the kind has nothing for the Service. */
  async #leave(member: MemberState, kind: LoadBalancerKind, signal: AbortSignal): Promise<Leaving> {
    const state = member.kinds.get(kind.name) ?? { kind: 'unasked' };
    if (state.kind === 'clean') return 'clean';
    const group = state.kind === 'assigned' ? this.#workspace.groups.get(state.group) : undefined;
    const membership = group?.memberships.get(member.uid);
    if (group && membership) {
      if (membership.wish === 'present') {
        group.memberships.set(member.uid, { ...membership, wish: 'gone' });
        this.#hurry(group.id);
      }
      return 'leaving';
    }
    const isSurelyAffected =
      member.intent === 'gone' && (this.#workspace.kinds.length === 1 || kind.claims(member.service));
    const call = callContext(signal, 'delete', 'live');
    const traces = isSurelyAffected ? 'present' : await kind.traces(memberOf(this.#workspace, member), call);
    switch (traces) {
      case 'unknown':
        return 'unknown';
      case 'none':
        member.kinds.set(kind.name, { kind: 'clean' });
        return 'clean';
      case 'present':
        await this.#place(member, { kind, wish: 'gone', signal });
        return 'leaving';
    }
  }

  async #join(member: MemberState, owner: LoadBalancerKind, signal: AbortSignal): Promise<void> {
    const { groups } = this.#workspace;
    const inputs = inputsFingerprint(member.service, member.result.annotations ?? {});
    const state = member.kinds.get(owner.name) ?? { kind: 'unasked' };
    const group = state.kind === 'assigned' ? groups.get(state.group) : undefined;
    const isMember = group?.memberships.get(member.uid)?.wish === 'present';
    if (isMember && inputs === member.inputs) {
      // Somebody may have touched what we wrote onto the Service; that needs no word from the cloud.
      if (member.report.state === 'converged') await publishResult(this.#workspace, { member, kind: owner, signal });
      return;
    }
    if (inputs !== member.inputs) member.warning = '';
    await this.#place(member, { kind: owner, wish: 'present', signal });
    member.inputs = inputs;
  }

  /** Makes the Service a member of its group, or first lets it leave the group that it was in. */
  async #place(
    member: MemberState,
    place: { readonly kind: LoadBalancerKind; readonly wish: 'present' | 'gone'; readonly signal: AbortSignal },
  ): Promise<void> {
    const { groups } = this.#workspace;
    const { kind, wish, signal } = place;
    const request = requestOf(this.#workspace, member);
    const call = callContext(signal, wish === 'gone' ? 'delete' : 'change', factsFreshness);
    const facts = await kind.facts(request, call);
    const group = groups.of(kind, kind.group(request, facts));
    const state = member.kinds.get(kind.name);
    if (state?.kind === 'assigned' && state.group !== group.id) {
      groups.removeIfEmpty(group);
      const old = groups.get(state.group);
      const membership = old?.memberships.get(member.uid);
      if (old && membership) {
        old.memberships.set(member.uid, { ...membership, wish: 'gone' });
        this.#hurry(old.id);
        return;
      }
    }
    group.memberships.set(member.uid, { member, wish, facts });
    member.kinds.set(kind.name, { kind: 'assigned', group: group.id });
    this.#hurry(group.id);
  }

  /** What a user did is not kept waiting by the back-off of what failed before. */
  #hurry(id: string): void {
    const group = this.#workspace.groups.get(id);
    if (!group) return;
    soil(group, 'changes');
    group.notBefore = 0;
    this.#workspace.enqueueGroup(id);
  }

  #waitForTraces(member: MemberState): ReconcileResult {
    const message = 'it is not known whether another kind of load balancer is still there for this Service';
    this.#workspace.announcer.warnOnce(member, 'SyncLoadBalancerFailed', `Error syncing load balancer: ${message}`);
    const after = this.#backoff.next(member.key);
    report(this.#workspace, member, { state: 'blocked', reason: 'TracesUnknown', message });
    schedule(this.#workspace, member, after);
    return { kind: 'requeueAfter', after, reason: 'TracesUnknown' };
  }

  async #release(member: MemberState, signal: AbortSignal): Promise<void> {
    const { announcer, logger, members, publisher, store } = this.#workspace;
    const wasOurs = this.#hasFinalizer(member.service) || member.announced === 'deleting';
    if (member.presence === 'present') {
      const isDeleting = member.service.metadata.deletionTimestamp !== '';
      await publisher.write(
        member,
        {
          removeFinalizers: [...this.#finalizers],
          removeConditions: isDeleting ? [] : [loadBalancerCondition],
          ...(isDeleting ? {} : { loadBalancer: { ingress: [] } }),
        },
        signal,
      );
    }
    if (wasOurs) {
      announcer.deleted(member);
      logger.info('Load balancer deleted', { service: member.key });
    }
    members.remove(member);
    if (store.get(member.key)?.metadata.uid !== member.uid) publisher.forget(member.uid);
  }
}

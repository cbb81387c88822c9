import type { CallContext } from '../../cloud/call-context.ts';
import type { LoadBalancerKind } from '../../cloud/load-balancer-kind.ts';
import type { ResourceKey } from '../../cloud/operation.ts';
import { factsFreshness } from './group-facts.ts';
import { recordedGroup } from './group-record.ts';
import { type GroupState, type Membership, soil } from './group-state.ts';
import type { MemberState } from './member-state.ts';
import { publishResult } from './publish-result.ts';
import { inputsFingerprint } from './service-intent.ts';
import { type ServiceWorkspace, callContext, hasFinalizer, memberOf, requestOf } from './service-workspace.ts';

/** How far one kind is with leaving a Service alone. */
export type Leaving = 'clean' | 'leaving' | 'unknown';

/** Makes Services members of groups: to have a load balancer there, or to be rid of it. */
export class ServicePlacement {
  readonly #workspace: ServiceWorkspace;

  constructor(workspace: ServiceWorkspace) {
    this.#workspace = workspace;
  }

  /** Sees to it that the kind has nothing for the Service. */
  async leave(member: MemberState, kind: LoadBalancerKind, signal: AbortSignal): Promise<Leaving> {
    const { groups, kinds } = this.#workspace;
    const state = member.kinds.get(kind.name) ?? { kind: 'unasked' };
    if (state.kind === 'clean') return 'clean';
    if (state.kind === 'left') return this.#leaveNext(member, kind, signal);
    const group = state.kind === 'assigned' ? groups.get(state.group) : undefined;
    const membership = group?.memberships.get(member.uid);
    if (group && membership) {
      if (membership.wish === 'present') this.#enter(group, { ...membership, wish: 'gone' });
      return 'leaving';
    }
    const isSurelyAffected =
      recordedGroup(member.service, kind) !== undefined ||
      (member.intent === 'gone' && (kinds.length === 1 || kind.claims(member.service)));
    const call = callContext(signal, 'delete', 'live');
    const traces = isSurelyAffected ? 'present' : await kind.traces(memberOf(this.#workspace, member), call);
    switch (traces) {
      case 'unknown':
        return 'unknown';
      case 'none':
        member.kinds.set(kind.name, { kind: 'clean' });
        return 'clean';
      case 'present':
        return this.#leaveNext(member, kind, signal);
    }
  }

  /** Sees to it that the kind gives the Service its load balancer. */
  async join(member: MemberState, owner: LoadBalancerKind, signal: AbortSignal): Promise<void> {
    const inputs = inputsFingerprint(member.service, member.result.annotations ?? {});
    const group = this.#groupOf(member, owner);
    const isMember = group?.memberships.get(member.uid)?.wish === 'present';
    if (group && isMember && inputs === member.inputs) {
      // Somebody may have touched what we wrote onto the Service; that needs no word from the cloud.
      if (member.report.state === 'converged') await publishResult(this.#workspace, { member, group, signal });
      return;
    }
    if (inputs !== member.inputs) member.warning = '';
    if ((await this.#place(member, owner, signal)) === 'placed') member.inputs = inputs;
  }

  /** Leaves the groups of the kind one after the other: where it may have been, then where it would be. */
  async #leaveNext(member: MemberState, kind: LoadBalancerKind, signal: AbortSignal): Promise<Leaving> {
    const { groups } = this.#workspace;
    const call = callContext(signal, 'delete', factsFreshness);
    const { former, present, facts } = await this.#homesOf(member, kind, call);
    const next = [...former, present].find((key) => !member.left.has(groups.idOf(kind, key)));
    if (next === undefined) {
      member.kinds.set(kind.name, { kind: 'clean' });
      return 'clean';
    }
    this.#enter(groups.of(kind, next), { member, wish: 'gone', facts });
    return 'leaving';
  }

  /** Makes the Service a member of its group, or first lets it leave the one that it is, or may be, in. */
  async #place(member: MemberState, kind: LoadBalancerKind, signal: AbortSignal): Promise<'placed' | 'leaving'> {
    const { groups } = this.#workspace;
    const call = callContext(signal, 'change', factsFreshness);
    const { former, present, facts } = await this.#homesOf(member, kind, call);
    const group = this.#groupOf(member, kind);
    const membership = group?.memberships.get(member.uid);
    if (group && membership && group.key !== present) {
      if (membership.wish === 'present') this.#enter(group, { ...membership, wish: 'gone' });
      return 'leaving';
    }
    const next = former.find((key) => !member.left.has(groups.idOf(kind, key)));
    if (next !== undefined) {
      this.#enter(groups.of(kind, next), { member, wish: 'gone', facts });
      return 'leaving';
    }
    this.#enter(groups.of(kind, present), { member, wish: 'present', facts });
    return 'placed';
  }

  /** The groups of the kind that may have something for the Service. */
  async #homesOf(
    member: MemberState,
    kind: LoadBalancerKind,
    call: CallContext,
  ): Promise<{ readonly former: readonly ResourceKey[]; readonly present: ResourceKey; readonly facts: unknown }> {
    const { service } = member;
    const request = requestOf(this.#workspace, member, kind);
    const facts = await kind.facts(request, call);
    const present = kind.group(request, facts);
    const recorded = recordedGroup(service, kind);
    const isFirstTime = recorded === undefined && !hasFinalizer(this.#workspace, service);
    const former = recorded === undefined ? (kind.formerGroups?.(request, facts) ?? []) : [recorded];
    return { former: isFirstTime ? [] : former.filter((key) => key !== present), present, facts };
  }

  #groupOf(member: MemberState, kind: LoadBalancerKind): GroupState | undefined {
    const state = member.kinds.get(kind.name);
    return state?.kind === 'assigned' ? this.#workspace.groups.get(state.group) : undefined;
  }

  /** What a user did is not kept waiting by the back-off of what failed before. */
  #enter(group: GroupState, membership: Membership): void {
    const { member } = membership;
    group.memberships.set(member.uid, membership);
    member.left.delete(group.id);
    member.kinds.set(group.kind.name, { kind: 'assigned', group: group.id });
    soil(group, 'changes');
    group.notBefore = 0;
    this.#workspace.enqueueGroup(group.id);
  }
}

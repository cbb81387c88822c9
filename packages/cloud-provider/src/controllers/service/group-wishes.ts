import { asError } from '../../base/as-error.ts';
import type { Desire, ServiceRequest, ServiceUID, Wish } from '../../cloud/load-balancer-kind.ts';
import { describeRefusal } from '../../cloud/refusal.ts';
import { judgeOwnAnnotations } from '../../cloud/own-annotations.ts';
import { type Remark, remarksOf } from '../../cloud/remark.ts';
import { isProtected, protectionNote } from '../../cloud/service-directives.ts';
import { fingerprint } from '../../reconcile/fingerprint.ts';
import type { GroupState, Membership } from './group-state.ts';
import { type ProviderDefectError, defectIn } from '../../cloud/provider-defect.ts';
import { type ServiceWorkspace, requestOf } from './service-workspace.ts';

export interface RefusedWish {
  /** CamelCase. */
  readonly reason: string;
  /** For people. */
  readonly text: string;
  /** Set when not the Service but the provider is at fault. */
  readonly defect?: ProviderDefectError;
}

/** What the members of a group want, in the cloud's terms. */
export interface GroupWishes {
  readonly wishes: ReadonlyMap<ServiceUID, Wish<unknown>>;
  /** One for each wish. */
  readonly fingerprints: ReadonlyMap<ServiceUID, string>;
  /** The versions of the Services that the wishes were decided by. */
  readonly versions: ReadonlyMap<ServiceUID, string>;
  /** What is to be told of wishes that can be fulfilled, where there is anything. */
  readonly remarks: ReadonlyMap<ServiceUID, readonly Remark[]>;
  /**
   * Members that can't have what they want, with the reason; whatever they have is left alone. Those that want to be rid of
   * it are protected.
   */
  readonly refused: ReadonlyMap<ServiceUID, RefusedWish>;
}

export function decideWishes(
  workspace: ServiceWorkspace,
  group: GroupState,
  memberships: Iterable<Membership>,
): GroupWishes {
  const wishes = new Map<ServiceUID, Wish<unknown>>();
  const fingerprints = new Map<ServiceUID, string>();
  const versions = new Map<ServiceUID, string>();
  const refused = new Map<ServiceUID, RefusedWish>();
  const remarks = new Map<ServiceUID, readonly Remark[]>();
  for (const { member, wish, facts } of memberships) {
    versions.set(member.uid, member.service.metadata.resourceVersion);
    if (wish === 'gone' && isProtected(member.service)) {
      refused.set(member.uid, { reason: 'Protected', text: `its load balancer is not deleted: ${protectionNote}` });
      continue;
    }
    if (wish === 'gone') {
      wishes.set(member.uid, { kind: 'gone' });
      fingerprints.set(member.uid, 'gone');
      continue;
    }
    const decision = desireSafely(group, requestOf(workspace, member, group.kind), facts);
    if (decision.kind === 'refused') {
      refused.set(member.uid, decision);
      continue;
    }
    wishes.set(member.uid, { kind: 'present', desired: decision.desired });
    fingerprints.set(member.uid, fingerprint(decision.desired));
    const ofOwn = remarksOf(judgeOwnAnnotations(member.service.metadata.annotations));
    const all = [...(decision.remarks ?? []), ...ofOwn];
    if (all.length > 0) remarks.set(member.uid, all);
  }
  return { wishes, fingerprints, versions, remarks, refused };
}

/** Whether all of the wishes are those that the last converged pass fulfilled. */
export function areFulfilled(group: GroupState, wishes: GroupWishes): boolean {
  if (wishes.fingerprints.size !== group.fulfilled.size) return false;
  return [...wishes.fingerprints].every(([uid, print]) => group.fulfilled.get(uid) === print);
}

/** A defect that one Service brings to light must not keep the other members from what they want. */
function desireSafely(
  group: GroupState,
  request: ServiceRequest,
  facts: unknown,
): Desire<unknown> | ({ readonly kind: 'refused' } & RefusedWish) {
  try {
    const decision = group.kind.desire(request, facts);
    if (decision.kind === 'desired') return decision;
    return { kind: 'refused', reason: decision.reason, text: describeRefusal(decision) };
  } catch (error) {
    const defect = defectIn(asError(error));
    const { message } = asError(error);
    return { kind: 'refused', reason: 'ProviderDefect', text: message, ...(defect && { defect }) };
  }
}

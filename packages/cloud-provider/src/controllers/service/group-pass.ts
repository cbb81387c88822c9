import type { CallPriority } from '../../cloud/call-context.ts';
import type { GroupState, Membership } from './group-state.ts';
import type { GroupWishes } from './group-wishes.ts';

/** Why a pass is made. */
export type Cause = 'backends' | 'changes' | 'time';

/** One look at one group, with everything that it goes by. */
export interface Pass {
  readonly group: GroupState;
  readonly cause: Cause;
  /** As of the beginning; what changes during the pass is for the next one. */
  readonly memberships: readonly Membership[];
  readonly wishes: GroupWishes;
  readonly signal: AbortSignal;
}

/** The members that the pass works for; those that were refused, or that left the group meanwhile, are left out. */
export function servedBy({ group, memberships, wishes }: Pass): readonly Membership[] {
  return memberships.filter(({ member }) => wishes.wishes.has(member.uid) && group.memberships.has(member.uid));
}

/** Those whose wishes are new; all of them when the cloud drifted away by itself. */
export function concernedBy(pass: Pass): readonly Membership[] {
  const { group, wishes } = pass;
  const served = servedBy(pass);
  const changed = served.filter(
    ({ member }) => wishes.fingerprints.get(member.uid) !== group.fulfilled.get(member.uid),
  );
  return changed.length > 0 ? changed : served;
}

/** How urgent the calls of the pass are: what nobody waits for comes last. */
export function priorityOf(pass: Pass): CallPriority {
  if (pass.cause === 'time') return 'upkeep';
  return pass.memberships.every(({ wish }) => wish === 'gone') ? 'delete' : 'change';
}

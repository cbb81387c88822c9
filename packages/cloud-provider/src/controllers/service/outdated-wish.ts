import type { Service } from '../../api/service.ts';
import { isProtected } from '../../cloud/service-directives.ts';
import type { Pass } from './group-pass.ts';
import type { Membership } from './group-state.ts';
import { decideWishes } from './group-wishes.ts';
import { isToBeOrphaned } from './orphan-service.ts';
import { decideIntent } from './service-intent.ts';
import { type ServiceWorkspace, finalizersOf } from './service-workspace.ts';

/**
 * The member that a deletion planned by the pass may no longer be right for, by what the informer knows now. It costs no
 * request, so that it can be asked right before each deletion: between plan and deletion the cloud was read, Events were told
 * and other operations were done, which takes seconds in which people change their minds.
 */
export function findOutdatedWish(workspace: ServiceWorkspace, pass: Pass): Membership | undefined {
  return pass.memberships.find((membership) => {
    const { member } = membership;
    const wish = pass.wishes.wishes.get(member.uid);
    if (!wish) return false;
    const current = pass.group.memberships.get(member.uid);
    // Handed over, or left behind.
    if (!current) return true;
    const latest = latestOf(workspace, membership);
    switch (wish.kind) {
      case 'gone':
        return current.wish === 'present' || isWantedAgain(workspace, pass, { membership, latest });
      case 'present':
        return current.wish === 'present' && isWantedOtherwise(workspace, pass, { membership: current, latest });
    }
  });
}

interface Look {
  readonly membership: Membership;
  readonly latest: Service;
}

/** As the informer has it. Another Service of the name says nothing about the one that went. */
function latestOf({ store }: ServiceWorkspace, { member }: Membership): Service {
  const named = store.get(member.key);
  return named?.metadata.uid === member.uid ? named : member.service;
}

function isWantedAgain(workspace: ServiceWorkspace, pass: Pass, { membership, latest }: Look): boolean {
  const { classes, isManaged, kinds } = workspace;
  const { member } = membership;
  if (member.presence === 'vanished') return false;
  if (isProtected(latest) || !isManaged(latest)) return true;
  // Who has seen this very version and left the wish as it is has reasons: the Service belongs to another group by now.
  if (member.judged === latest.metadata.resourceVersion) return false;
  if (isToBeOrphaned({ intent: 'gone', presence: member.presence, service: latest })) return true;
  const intent = decideIntent(latest, { classes, finalizers: finalizersOf(kinds), memory: 'known' });
  return intent === 'wanted' && kinds.find((kind) => kind.claims(latest)) === pass.group.kind;
}

function isWantedOtherwise(workspace: ServiceWorkspace, pass: Pass, { membership, latest }: Look): boolean {
  const { group, wishes } = pass;
  const { member } = membership;
  if (wishes.versions.get(member.uid) === latest.metadata.resourceVersion) return false;
  const now = decideWishes(workspace, group, [{ ...membership, member: { ...member, service: latest } }]);
  return now.fingerprints.get(member.uid) !== wishes.fingerprints.get(member.uid);
}

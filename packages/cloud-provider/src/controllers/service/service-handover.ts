import { soil } from './group-state.ts';
import type { MemberState } from './member-state.ts';
import type { ServiceWorkspace } from './service-workspace.ts';

/**
 * Another manager looks after the Service from now on: everything that it has stays as it is, finalizer, status and load
 * balancer, and nothing is begun for it any more. A pass that is under way for it stops before its first write, and tells
 * nothing about it after its last.
 */
export function handOver(workspace: ServiceWorkspace, member: MemberState): void {
  const { announcer, groups, logger, members } = workspace;
  for (const group of [...groups.all()]) {
    if (group.memberships.delete(member.uid)) groups.removeIfEmpty(group);
  }
  members.remove(member);
  announcer.handedOver(member);
  logger.info('A Service is handed over', { service: member.key });
}

/** Looks at the Service's groups at once, because of a change that only those who wait for something to go can care about. */
export function lookAgain(workspace: ServiceWorkspace, member: MemberState): void {
  for (const group of workspace.groups.all()) {
    if (!group.memberships.has(member.uid)) continue;
    soil(group, 'changes');
    group.notBefore = 0;
    workspace.enqueueGroup(group.id);
  }
}

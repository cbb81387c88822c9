import { randomUUID } from 'node:crypto';
import { type AnnotationKeeper, AnnotationJournal, type Journal } from '../../reconcile/journal.ts';
import type { Pass } from './group-pass.ts';
import { MemberGoneError } from './member-gone-error.ts';
import type { MemberState } from './member-state.ts';
import type { ServiceWorkspace } from './service-workspace.ts';

/** Where the creates of a pass are written down that nothing else would lead back to: on the Services they are for. */
export function journalOf(workspace: ServiceWorkspace, pass: Pass): Journal {
  const { group, memberships, signal } = pass;
  return new AnnotationJournal({
    group: group.id,
    // What went took its annotations along.
    keepers: memberships
      .filter(({ member }) => member.presence === 'present')
      .map(({ member }) => keeperOf(workspace, member, signal)),
    clock: workspace.clock,
    newID: randomUUID,
  });
}

function keeperOf({ publisher }: ServiceWorkspace, member: MemberState, signal: AbortSignal): AnnotationKeeper {
  return {
    uid: member.uid,
    read: () => member.service.metadata.annotations,
    async write(changes) {
      const annotations: Record<string, string> = {};
      const removeAnnotations: string[] = [];
      for (const [name, value] of Object.entries(changes)) {
        if (value === null) removeAnnotations.push(name);
        else annotations[name] = value;
      }
      const outcome = await publisher.write(member, { annotations, removeAnnotations }, signal);
      if (outcome === 'gone') throw new MemberGoneError(member.key);
    },
  };
}

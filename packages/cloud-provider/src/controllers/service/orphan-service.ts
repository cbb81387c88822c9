import type { Service } from '../../api/service.ts';
import { onDeleteAnnotation } from '../../api/well-known.ts';
import { asError } from '../../base/as-error.ts';
import type { LoadBalancerKind } from '../../cloud/load-balancer-kind.ts';
import { type Operation } from '../../cloud/operation.ts';
import type { OperationLog } from '../../reconcile/operation-log.ts';
import { factsFreshness } from './group-facts.ts';
import { recordedGroup } from './group-record.ts';
import type { MemberState } from './member-state.ts';
import { type ServiceWorkspace, callContext, memberOf, requestOf } from './service-workspace.ts';

/** Whether the Service is to go and to leave its load balancer behind. Pure. */
export function isToBeOrphaned({
  intent,
  presence,
  service,
}: Pick<MemberState, 'intent' | 'presence' | 'service'>): boolean {
  const isDeleted = presence === 'vanished' || service.metadata.deletionTimestamp !== '';
  return intent === 'gone' && isDeleted && asksForOrphan(service);
}

function asksForOrphan(service: Service): boolean {
  return service.metadata.annotations[onDeleteAnnotation] === 'orphan';
}

/**
 * Takes the Service out of all groups and tells what it leaves behind: an Event, a line of the log, and a record of each
 * object in the log of operations. A cloud that can't be asked keeps nobody from leaving; then that is what is told.
 */
export async function orphanService(
  workspace: ServiceWorkspace,
  orphan: { readonly member: MemberState; readonly operations: OperationLog; readonly signal: AbortSignal },
): Promise<void> {
  const { member, operations, signal } = orphan;
  const left: string[] = [];
  for (const kind of workspace.kinds) {
    try {
      for (const { group, operation } of await listShare(workspace, { member, kind, signal })) {
        left.push(`${operation.object.kind} ${operation.object.name}`);
        const message = `left alone: ${onDeleteAnnotation} of ${member.key} is orphan`;
        operations.record(group, operation, { phase: 'refused', message });
      }
    } catch (error) {
      signal.throwIfAborted();
      left.push(`whatever ${kind.name} has, which could not be asked for (${asError(error).message})`);
    }
    leaveGroups(workspace, member, kind);
  }
  const note = `Left in the cloud, as ${onDeleteAnnotation} says, and no longer looked after: ${left.join(', ') || 'nothing'}`;
  workspace.announcer.orphaned(member, note);
  workspace.logger.warn('Load balancer orphaned', { service: member.key, uid: member.uid, left });
}

/** What of the kind would have to be written to be rid of the Service. */
async function listShare(
  workspace: ServiceWorkspace,
  share: { readonly member: MemberState; readonly kind: LoadBalancerKind; readonly signal: AbortSignal },
): Promise<readonly { readonly group: string; readonly operation: Operation }[]> {
  const { member, kind, signal } = share;
  const state = member.kinds.get(kind.name);
  if (state?.kind === 'clean') return [];
  const call = callContext(signal, 'delete', 'live');
  const isSurelyAffected =
    state?.kind === 'assigned' ||
    workspace.kinds.length === 1 ||
    recordedGroup(member.service, kind) !== undefined ||
    kind.claims(member.service);
  if (!isSurelyAffected && (await kind.traces(memberOf(workspace, member), call)) === 'none') return [];
  const key = await groupOf(workspace, share);
  const observed = await kind.observe(key, [memberOf(workspace, member)], call);
  const plan = kind.plan(new Map([[member.uid, { kind: 'gone' }]]), observed);
  return plan.operations.map((operation) => ({ group: `${kind.name}/${key}`, operation }));
}

async function groupOf(
  workspace: ServiceWorkspace,
  share: { readonly member: MemberState; readonly kind: LoadBalancerKind; readonly signal: AbortSignal },
): Promise<string> {
  const { member, kind, signal } = share;
  const state = member.kinds.get(kind.name);
  const assigned = state?.kind === 'assigned' ? workspace.groups.get(state.group)?.key : undefined;
  const known = assigned ?? recordedGroup(member.service, kind);
  if (known !== undefined) return known;
  const request = requestOf(workspace, member, kind);
  return kind.group(request, await kind.facts(request, callContext(signal, 'delete', factsFreshness)));
}

function leaveGroups(workspace: ServiceWorkspace, member: MemberState, kind: LoadBalancerKind): void {
  for (const group of [...workspace.groups.all()]) {
    if (group.kind !== kind || !group.memberships.delete(member.uid)) continue;
    workspace.groups.removeIfEmpty(group);
  }
  member.kinds.set(kind.name, { kind: 'clean' });
}

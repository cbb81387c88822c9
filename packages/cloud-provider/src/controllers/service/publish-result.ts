import type { MemberResult } from '../../cloud/load-balancer-kind.ts';
import type { Remark } from '../../cloud/remark.ts';
import type { ConditionChange } from '../../kube/conditions/conditions.ts';
import { recordGroup } from './group-record.ts';
import type { GroupState } from './group-state.ts';
import { acceptance, accepted, recovered } from './load-balancer-condition.ts';
import type { MemberState } from './member-state.ts';
import type { WrittenCondition } from './service-patches.ts';
import type { ServiceWorkspace } from './service-workspace.ts';

/**
 * Makes the Service say what the cloud's state last gave for it, and carry the finalizer of the kind that serves it; those of
 * kinds that have left it fall. Writes nothing when it does already.
 *
 * @throws ApiError when the API server does not do it
 */
export async function publishResult(
  workspace: ServiceWorkspace,
  publication: {
    readonly member: MemberState;
    readonly group: GroupState;
    readonly signal: AbortSignal;
    /** @default what was told last still holds */
    readonly remarks?: readonly Remark[] | undefined;
  },
): Promise<void> {
  const { member, group, signal, remarks } = publication;
  const { kind } = group;
  const { result, service } = member;
  const record = recordGroup(service, group);
  const present = service.status.conditions;
  const news = remarks && acceptance(present, remarks);
  await workspace.publisher.write(
    member,
    {
      addFinalizer: kind.finalizer,
      removeFinalizers: workspace.kinds
        .map((other) => other.finalizer)
        .filter((finalizer) => finalizer !== kind.finalizer),
      conditions: [
        ...(result.conditions ?? []).map(changeOf),
        ...recovered(present).filter(({ type }) => !remarks || type !== accepted.type),
        ...(news ? [{ ...news, newsIn: 'text' as const }] : []),
      ],
      ...(result.status && { loadBalancer: result.status }),
      ...record,
      annotations: { ...result.annotations, ...record.annotations },
    },
    signal,
  );
  // The condition remembers what was told, over restarts too.
  if (news && remarks && remarks.length > 0) workspace.announcer.remarked(member, news.reason, news.message);
}

function changeOf(condition: NonNullable<MemberResult['conditions']>[number]): ConditionChange {
  const { status } = condition;
  // The API server takes these three only.
  return { ...condition, status: status === 'True' || status === 'False' ? status : 'Unknown' };
}

/** Writes what is wrong onto the Service. Failing to say it must not hide it: the status page and the Events have it too. */
export async function publishTrouble(
  workspace: ServiceWorkspace,
  trouble: {
    readonly member: MemberState;
    readonly conditions: readonly WrittenCondition[];
    /** Types of conditions that do not hold any more. @default none */
    readonly removeConditions?: readonly string[];
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { member, conditions, removeConditions = [], signal } = trouble;
  if (member.presence === 'vanished') return;
  try {
    await workspace.publisher.write(member, { conditions, removeConditions }, signal);
  } catch (error) {
    signal.throwIfAborted();
    workspace.logger.warn('Condition not written', { service: member.key, err: error });
  }
}

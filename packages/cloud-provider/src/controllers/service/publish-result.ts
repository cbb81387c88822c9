import type { LoadBalancerKind, MemberResult } from '../../cloud/load-balancer-kind.ts';
import type { ConditionChange } from '../../kube/conditions/conditions.ts';
import { loadBalancerCondition, synced } from './load-balancer-condition.ts';
import type { MemberState } from './member-state.ts';
import type { ServiceWorkspace } from './service-workspace.ts';

/**
 * Makes the Service say what the cloud's state last gave for it, and carry the finalizer of the kind that serves it; those of
 * kinds that have left it fall. Writes nothing when it does already.
 *
 * @throws ApiError when the API server does not do it
 */
export async function publishResult(
  workspace: ServiceWorkspace,
  publication: { readonly member: MemberState; readonly kind: LoadBalancerKind; readonly signal: AbortSignal },
): Promise<void> {
  const { member, kind, signal } = publication;
  const { result, service } = member;
  const hadTrouble = service.status.conditions.some(
    ({ type, status }) => type === loadBalancerCondition && status !== 'True',
  );
  await workspace.publisher.write(
    member,
    {
      addFinalizer: kind.finalizer,
      removeFinalizers: workspace.kinds
        .map((other) => other.finalizer)
        .filter((finalizer) => finalizer !== kind.finalizer),
      conditions: [...(result.conditions ?? []).map(changeOf), ...(hadTrouble ? [synced] : [])],
      ...(result.status && { loadBalancer: result.status }),
      ...(result.annotations && { annotations: result.annotations }),
    },
    signal,
  );
}

function changeOf(condition: NonNullable<MemberResult['conditions']>[number]): ConditionChange {
  const { status } = condition;
  // The API server takes these three only.
  return { ...condition, status: status === 'True' || status === 'False' ? status : 'Unknown' };
}

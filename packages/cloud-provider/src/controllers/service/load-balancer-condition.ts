import type { Condition } from '../../api/service.ts';
import type { Remark } from '../../cloud/remark.ts';
import { type ConditionChange, findCondition } from '../../kube/conditions/conditions.ts';

/**
 * What Services are told about their load balancers in conditions: the types of kubernetes/enhancements#6128, in a domain of
 * our own until the API has them.
 *
 * - `Accepted`: false when the Service can't be served as it is written, or what stands in its place is not ours.
 * - `Programmed`: false when the cloud does not do, or not yet, what was accepted.
 *
 * `Accepted` is true with a reason of its own when something in the Service has no effect that its user may count on.
 *
 * They come with the first trouble that lasts, or remark, and stay, as true, when that is over. A Service that never had any has none: it
 * looks as the Go managers leave it, and nothing is written for it.
 */
export const loadBalancerConditions = { accepted: 'ccm-ts/Accepted', programmed: 'ccm-ts/Programmed' } as const;

export type LoadBalancerCondition = keyof typeof loadBalancerConditions;

/** The longest message of a condition that the API server takes is far longer; nobody reads more. */
const longestMessage = 1024;

/** What the API server takes for the reason of a condition. */
const reasonPattern = /^[A-Za-z](?:[A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;

/** @param reason CamelCase; what the API server would refuse is replaced */
export function troubled(condition: LoadBalancerCondition, reason: string, message: string): ConditionChange {
  return {
    type: loadBalancerConditions[condition],
    status: 'False',
    reason: reasonPattern.test(reason) ? reason : 'Unsupported',
    // A character may be cut in two.
    message: message.slice(0, longestMessage).toWellFormed(),
  };
}

export const accepted: ConditionChange = {
  type: loadBalancerConditions.accepted,
  status: 'True',
  reason: 'Accepted',
  message: 'the load balancer can be as the Service wants it',
};

const programmed: ConditionChange = {
  type: loadBalancerConditions.programmed,
  status: 'True',
  reason: 'Programmed',
  message: 'the load balancer is as the Service wants it',
};

const withRemarks = 'AcceptedWithRemarks';

/** What serving a Service changes about whether it is accepted; undefined when that is said already, or need not be. */
export function acceptance(present: readonly Condition[], remarks: readonly Remark[]): ConditionChange | undefined {
  const old = findCondition(present, accepted.type);
  if (remarks.length === 0) return old && (old.status !== 'True' || old.reason === withRemarks) ? accepted : undefined;
  const message = remarks
    .map(({ text }) => text)
    .join('; ')
    .slice(0, longestMessage)
    .toWellFormed();
  const isSaid = old?.status === 'True' && old.reason === withRemarks && old.message === message;
  return isSaid ? undefined : { type: accepted.type, status: 'True', reason: withRemarks, message };
}

/** What all being well changes about the conditions that are there; missing ones stay missing. */
export function recovered(present: readonly Condition[]): readonly ConditionChange[] {
  return [accepted, programmed].filter(({ type }) => (findCondition(present, type)?.status ?? 'True') !== 'True');
}

import type { ConditionChange } from '../../kube/conditions/conditions.ts';

/**
 * The condition that says why a Service's load balancer is not as the Service wants it. It appears with the first trouble
 * that lasts and stays, as true, when that is over; a Service that never had any has none, so that nothing is written for it.
 */
export const loadBalancerCondition = 'ccm-ts/LoadBalancerSynced';

/** The longest message of a condition that the API server takes is far longer; nobody reads more. */
const longestMessage = 1024;

/** @param reason CamelCase */
export function troubled(reason: string, message: string): ConditionChange {
  return { type: loadBalancerCondition, status: 'False', reason, message: message.slice(0, longestMessage) };
}

export const synced: ConditionChange = {
  type: loadBalancerCondition,
  status: 'True',
  reason: 'Synced',
  message: 'the load balancer is as the Service wants it',
};

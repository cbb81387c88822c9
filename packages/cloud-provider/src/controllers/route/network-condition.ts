import type { Node, NodeCondition } from '../../api/node.ts';
import type { Patch } from '../../kube/client/patch.ts';

/** The condition by which the scheduler knows that pods of a node could not be reached. */
export const networkUnavailable = 'NetworkUnavailable';

/**
 * What is known about the routes to a node.
 *
 * - `served`: all that it needs are there.
 * - `unserved`: it has ranges without a route.
 * - `stray`: it has no ranges, but a route led to its machine.
 */
export type RouteState = 'served' | 'unserved' | 'stray';

/** What is to be written; the texts are those of the Go managers. */
export interface NetworkCondition {
  readonly status: 'True' | 'False';
  readonly reason: 'RouteCreated' | 'NoRouteCreated';
  readonly message: string;
}

const created: NetworkCondition = {
  status: 'False',
  reason: 'RouteCreated',
  message: 'RouteController created a route',
};
const notCreated: NetworkCondition = {
  status: 'True',
  reason: 'NoRouteCreated',
  message: 'RouteController failed to create a route',
};

/**
 * The condition as it has to be written; undefined when it says so already, or when it is none of our business: a node
 * without ranges gets its network from somebody else, who may say so in a condition of his own.
 * Source: k8s.io/cloud-provider 0.36 controllers/route, updateNetworkingCondition.
 */
export function decideNetworkCondition(
  state: RouteState,
  present: Pick<NodeCondition, 'status' | 'reason'> | undefined,
): NetworkCondition | undefined {
  if (state === 'stray' && present && !isOurReason(present.reason)) return undefined;
  const wanted = state === 'served' ? created : notCreated;
  return present?.status === wanted.status && present.reason === wanted.reason ? undefined : wanted;
}

export function findNetworkCondition(node: Node): NodeCondition | undefined {
  return node.status.conditions.find(({ type }) => type === networkUnavailable);
}

/** Whether somebody else has written the condition since the older version. */
export function isConditionOverwritten(old: Node, next: Node): boolean {
  const [before, after] = [findNetworkCondition(old), findNetworkCondition(next)];
  if (before?.status === after?.status && before?.reason === after?.reason) return false;
  return after === undefined || !isOurReason(after.reason);
}

/** The patch of `nodes/status`. The list merges by type, so that other conditions are left alone. */
export function networkConditionPatch(node: Node, condition: NetworkCondition, now: Date): Patch {
  const present = findNetworkCondition(node);
  const time = `${now.toISOString().slice(0, 19)}Z`;
  const isTransition = present?.status !== condition.status || present.lastTransitionTime === '';
  const lastTransitionTime = isTransition ? time : present.lastTransitionTime;
  return {
    type: 'strategic',
    body: {
      // A Node of the same name that was created since has other routes.
      metadata: { uid: node.metadata.uid },
      status: {
        conditions: [{ type: networkUnavailable, ...condition, lastHeartbeatTime: time, lastTransitionTime }],
      },
    },
  };
}

function isOurReason(reason: string): boolean {
  return reason === created.reason || reason === notCreated.reason;
}

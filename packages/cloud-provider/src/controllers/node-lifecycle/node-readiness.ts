import type { Node } from '../../api/node.ts';
import { shutdownTaint } from '../../api/well-known.ts';
import { Duration } from '../../base/duration.ts';
import { machineAbsentTaint } from './lifecycle-taints.ts';

/** Whether the kubelet says that the node works. A node that says nothing is not ready. */
export function isReady(node: Node): boolean {
  return readyCondition(node)?.status === 'True';
}

/** Whether there may be something to do for the node: it is not ready, or it is and bears a taint of one that was not. */
export function needsAttention(node: Node): boolean {
  if (node.metadata.deletionTimestamp !== '') return false;
  return !isReady(node) || node.spec.taints.some(({ key }) => key === shutdownTaint || key === machineAbsentTaint.key);
}

/**
 * Differs between two versions of a Node when its machine, or the time since when it is not ready, is another one. The latter
 * tells of a moment of readiness that a cache did not see.
 */
export function outageIdentity(node: Node): string {
  return JSON.stringify([node.metadata.uid, node.spec.providerID, readyCondition(node)?.lastTransitionTime ?? '']);
}

/**
 * How long the Node exists at least. The wall clock of the API server and ours may differ, so that the time since when we
 * know of the Node counts too, and counts alone when the Node seems to be made in the future.
 *
 * @param knownFor by the monotonic clock
 */
export function ageOf(node: Node, knownFor: Duration, now: Date): Duration {
  const sinceCreation = now.getTime() - Date.parse(node.metadata.creationTimestamp);
  return sinceCreation >= 0 ? knownFor.min(Duration.milliseconds(sinceCreation)) : knownFor;
}

function readyCondition(node: Node) {
  return node.status.conditions.find(({ type }) => type === 'Ready');
}

import type { Node } from '../../api/node.ts';
import { shutdownTaint } from '../../api/well-known.ts';
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

function readyCondition(node: Node) {
  return node.status.conditions.find(({ type }) => type === 'Ready');
}

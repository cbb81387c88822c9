import type { Node } from '../../api/node.ts';
import type { InstanceView } from '../../cloud/instances.ts';
import { type TaintChanges, machineAbsentTaint, machineShutdownTaint } from './lifecycle-taints.ts';
import { isReady } from './node-readiness.ts';

const noChange: TaintChanges = { add: [], remove: [] };

/** A node that is ready is up, whatever was seen of its machine. Pure. */
export function taintsWhenReady(node: Node): TaintChanges {
  return isReady(node) ? { add: [], remove: [machineShutdownTaint, machineAbsentTaint] } : noChange;
}

/** A node whose machine is gone for certain, under the policy that taints. Pure. */
export function taintsWhenGone(node: Node): TaintChanges {
  return isReady(node) ? taintsWhenReady(node) : { add: [machineAbsentTaint], remove: [] };
}

/**
 * As in the Go managers a node loses the shutdown taint when it is ready again, not when its machine merely runs.
 * Pure.
 */
export function taintsFor(node: Node, view: InstanceView): TaintChanges {
  if (isReady(node)) return taintsWhenReady(node);
  switch (view.kind) {
    case 'present':
      return { add: view.state === 'stopped' ? [machineShutdownTaint] : [], remove: [machineAbsentTaint] };
    case 'absent':
    case 'replaced':
    case 'ambiguous':
    case 'foreign':
    case 'unknown':
      return noChange;
  }
}

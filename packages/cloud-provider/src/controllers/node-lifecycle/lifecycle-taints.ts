import type { Taint } from '../../api/node.ts';
import { shutdownTaint as shutdownTaintKey } from '../../api/well-known.ts';

/** On a node whose machine is stopped. Source: k8s.io/cloud-provider controllers/nodelifecycle, ShutdownTaint. */
export const machineShutdownTaint: Taint = { key: shutdownTaintKey, value: '', effect: 'NoSchedule', timeAdded: '' };

/** On a node whose machine is gone, where the policy is to taint instead of to delete. */
export const machineAbsentTaint: Taint = {
  key: 'ccm-ts/machine-absent',
  value: '',
  effect: 'NoSchedule',
  timeAdded: '',
};

/** Changes to a node's taints. A taint is known by key and effect. */
export interface TaintChanges {
  readonly add: readonly Taint[];
  readonly remove: readonly Taint[];
}

/** The node's taints after the changes; undefined when there is nothing to change. Pure. */
export function planTaints(present: readonly Taint[], changes: TaintChanges): readonly Taint[] | undefined {
  const kept = present.filter((taint) => !changes.remove.some((gone) => isSameTaint(taint, gone)));
  const added = changes.add.filter((taint) => !present.some((known) => isSameTaint(taint, known)));
  return kept.length === present.length && added.length === 0 ? undefined : [...kept, ...added];
}

function isSameTaint(left: Taint, right: Taint): boolean {
  return left.key === right.key && left.effect === right.effect;
}

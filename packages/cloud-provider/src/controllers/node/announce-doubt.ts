import type { Node } from '../../api/node.ts';
import type { InstanceMetadata } from '../../cloud/instances.ts';
import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import { nodeReference } from '../node-reference.ts';
import { unusableLabels } from './node-labels.ts';
import type { NodeWrites } from './plan-node.ts';

/** Tells of doubtful addresses when the condition that says so is written: once, not each time that they are looked at. */
export function announceDoubt(recorder: EventRecorder, node: Node, writes: NodeWrites): void {
  const { addressCondition } = writes;
  if (addressCondition?.status !== 'True') return;
  const { reason, message } = addressCondition;
  recorder.event(nodeReference(node), { type: 'Warning', reason, action: 'SetAddresses', note: message });
}

/** Tells of labels that the cloud gives and no Node can have: once, when the node is initialised. */
export function announceUnusableLabels(recorder: EventRecorder, node: Node, metadata: InstanceMetadata): void {
  const labels = unusableLabels(metadata);
  if (labels.length === 0) return;
  const shown = labels.slice(0, 5).map((label) => JSON.stringify(label.slice(0, 100)));
  recorder.event(nodeReference(node), {
    type: 'Warning',
    reason: 'LabelUnusable',
    action: 'Label',
    note: `metadata.labels: the cloud gives what can be no label, so that it is left out: ${shown.join(', ')}; rename it there`,
  });
}

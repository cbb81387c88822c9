import type { Node } from '../../api/node.ts';
import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import { nodeReference } from '../node-reference.ts';
import type { NodeWrites } from './plan-node.ts';

/** Tells of doubtful addresses when the condition that says so is written: once, not each time that they are looked at. */
export function announceDoubt(recorder: EventRecorder, node: Node, writes: NodeWrites): void {
  const { addressCondition } = writes;
  if (addressCondition?.status !== 'True') return;
  const { reason, message } = addressCondition;
  recorder.event(nodeReference(node), { type: 'Warning', reason, action: 'SetAddresses', note: message });
}

import { parseLabelSelector } from '../../base/label-selector.ts';
import type { FlagTable } from './flag.ts';

/** Which part of a cluster a manager looks after, where several do. */
export const ownershipFlags = {
  'manage-nodes': {
    kind: 'string',
    default: '',
    group: 'Generic',
    help: 'A label selector such as pool=a,zone in (x,y),!legacy: nodes that it does not select are left to another manager by all controllers. All nodes when empty.',
    check: aLabelSelector,
  },
  'manage-services': {
    kind: 'string',
    default: '',
    group: 'Generic',
    help: 'A label selector: Services that it does not select are left to another manager, with the load balancers and finalizers that they have. All Services when empty.',
    check: aLabelSelector,
  },
} as const satisfies FlagTable;

function aLabelSelector(text: string): string | undefined {
  const parsed = parseLabelSelector(text);
  if (parsed.kind === 'parsed') return undefined;
  return `write a label selector such as pool=a,zone in (x,y),!legacy: ${parsed.problem}`;
}

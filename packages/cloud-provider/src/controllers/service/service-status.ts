import type { ItemStatus } from '../controller.ts';
import type { MemberReport, MemberState } from './member-state.ts';

/** Most in need of attention first. */
const order: readonly MemberReport['state'][] = [
  'failed',
  'refused',
  'blocked',
  'deleting',
  'settling',
  'waiting',
  'converged',
];

/** The Services as the status page shows them. */
export function serviceItems(members: Iterable<MemberState>): readonly ItemStatus[] {
  return [...members]
    .sort((left, right) => order.indexOf(left.report.state) - order.indexOf(right.report.state) || compare(left, right))
    .map(({ key, nextAttempt, report, since }) => ({ kind: 'Service', key, since, nextAttempt, ...report }));
}

function compare(left: MemberState, right: MemberState): number {
  return left.key < right.key ? -1 : left.key > right.key ? 1 : 0;
}

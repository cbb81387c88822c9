import { Duration } from '../../base/duration.ts';
import { defaultDeletionLimits } from '../../controllers/node-lifecycle/deletion-limits.ts';
import { aPercentage, atLeastOne, notNegative, positive, zeroOrLonger } from './flag-checks.ts';
import type { FlagTable } from './flag.ts';

/** The flags of the node lifecycle controller: two of the Go managers', and how careful the deletion guard is. */
export const nodeLifecycleFlags = {
  'node-monitor-period': {
    kind: 'duration',
    default: Duration.seconds(5),
    group: 'Node lifecycle controller',
    help: 'How often nodes that are not ready are looked up in the cloud.',
    check: positive,
  },
  'concurrent-node-lifecycle-syncs': {
    kind: 'int',
    default: 1,
    group: 'Node lifecycle controller',
    help: 'Nodes that are tainted or deleted at the same time. Only when set; the cloud is asked about all of them together.',
    check: atLeastOne,
  },
  'node-deletion-policy': {
    kind: 'string',
    default: 'delete',
    group: 'Node lifecycle controller',
    help: 'What is done with a node whose machine is gone for certain: delete, taint, or observe, which only says so.',
    check: (value) =>
      value === 'delete' || value === 'taint' || value === 'observe' ? undefined : 'write delete, taint or observe',
  },
  'node-deletion-confirm-after': {
    kind: 'duration',
    default: defaultDeletionLimits.confirmAfter,
    group: 'Node lifecycle controller',
    help: 'The cloud must prove a second time, after at least so long, that the machine of a node is gone.',
    check: positive,
  },
  'node-deletion-minimum-age': {
    kind: 'duration',
    default: defaultDeletionLimits.minimumAge,
    group: 'Node lifecycle controller',
    help: 'No node is deleted before it has existed, and has been known to this process, for so long.',
    check: zeroOrLonger,
  },
  'node-deletion-max-per-minute': {
    kind: 'int',
    default: defaultDeletionLimits.perMinute.nodes,
    group: 'Node lifecycle controller',
    help: 'Nodes that may be deleted within a minute, if --node-deletion-max-percent-per-minute does not come to more.',
    check: notNegative,
  },
  'node-deletion-max-percent-per-minute': {
    kind: 'int',
    default: defaultDeletionLimits.perMinute.percent,
    group: 'Node lifecycle controller',
    help: 'The part of the nodes that may be deleted within a minute, if --node-deletion-max-per-minute is not more.',
    check: aPercentage,
  },
  'node-deletion-breaker-nodes': {
    kind: 'int',
    default: defaultDeletionLimits.breaker.allowance.nodes,
    group: 'Node lifecycle controller',
    help: 'When the machines of more nodes than this go missing at once, if --node-deletion-breaker-percent does not come to more, no node is deleted.',
    check: notNegative,
  },
  'node-deletion-breaker-percent': {
    kind: 'int',
    default: defaultDeletionLimits.breaker.allowance.percent,
    group: 'Node lifecycle controller',
    help: 'When the machines of a larger part of the nodes go missing at once, if --node-deletion-breaker-nodes is not more, no node is deleted.',
    check: aPercentage,
  },
  'node-deletion-breaker-window': {
    kind: 'duration',
    default: defaultDeletionLimits.breaker.window,
    group: 'Node lifecycle controller',
    help: 'What counts as at once for --node-deletion-breaker-nodes and --node-deletion-breaker-percent.',
    check: positive,
  },
  'node-deletion-breaker-review-period': {
    kind: 'duration',
    default: defaultDeletionLimits.breaker.reviewPeriod,
    group: 'Node lifecycle controller',
    help: 'How often it is judged whether nodes may be deleted again.',
    check: positive,
  },
  'node-deletion-breaker-hold': {
    kind: 'duration',
    default: defaultDeletionLimits.breaker.hold,
    group: 'Node lifecycle controller',
    help: 'Nodes are deleted again when the cloud has kept saying for so long that their machines are gone. At least --node-deletion-breaker-window.',
    check: positive,
  },
} as const satisfies FlagTable;

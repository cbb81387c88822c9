import { Duration } from '../../base/duration.ts';
import { defaultOrphanLimits, defaultSweepPeriod } from '../../controllers/orphan/orphan-settings.ts';
import { aPercentage, atLeastOne, notNegative, positive, zeroOrLonger } from './flag-checks.ts';
import type { FlagTable } from './flag.ts';

const group = 'Orphan controller';

/** The flags of the orphan controller, all of them ours. */
export const orphanFlags = {
  'orphan-policy': {
    kind: 'string',
    default: 'report',
    group,
    help: 'What is done with objects in the cloud whose Service or Node is gone: report, which only says so, or delete.',
    check: (value) => (value === 'report' || value === 'delete' ? undefined : 'write report or delete'),
  },
  'orphan-sweep-period': {
    kind: 'duration',
    default: defaultSweepPeriod,
    group,
    help: 'How often the objects of each kind in the cloud are listed. At least 1m.',
    check: (value) => (Duration.minutes(1).isLongerThan(value) ? 'write a duration of one minute or more' : undefined),
  },
  'orphan-minimum-age': {
    kind: 'duration',
    default: defaultOrphanLimits.minimumAge,
    group,
    help: 'No object is called an orphan before it has existed, or has been known to this process, for so long.',
    check: zeroOrLonger,
  },
  'orphan-confirm-after': {
    kind: 'duration',
    default: defaultOrphanLimits.confirmAfter,
    group,
    help: 'An object must be found without its owner a second time, after at least so long.',
    check: positive,
  },
  'orphan-max-deletions-per-minute': {
    kind: 'int',
    default: defaultOrphanLimits.deletionsPerMinute,
    group,
    help: 'Orphans that may be deleted within a minute.',
    check: atLeastOne,
  },
  'orphan-breaker-objects': {
    kind: 'int',
    default: defaultOrphanLimits.breaker.objects,
    group,
    help: 'While more objects than this seem to be orphans, if --orphan-breaker-percent does not come to more, none is deleted.',
    check: notNegative,
  },
  'orphan-breaker-percent': {
    kind: 'int',
    default: defaultOrphanLimits.breaker.percent,
    group,
    help: 'While a larger part of the objects seem to be orphans, if --orphan-breaker-objects is not more, none is deleted.',
    check: aPercentage,
  },
} as const satisfies FlagTable;

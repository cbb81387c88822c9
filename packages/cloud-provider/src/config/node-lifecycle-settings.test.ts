import { describe, expect, it } from '@jest/globals';
import { Duration } from '../base/duration.ts';
import { defaultDeletionLimits } from '../controllers/node-lifecycle/deletion-limits.ts';
import { managerFlags } from './flags/manager-flags.ts';
import { parseFlags } from './flags/parse-flags.ts';
import { nodeLifecycleSettings } from './node-lifecycle-settings.ts';
import { validateManagerFlags } from './validate-manager-flags.ts';

function parse(...args: readonly string[]) {
  const parsed = parseFlags(managerFlags, args);
  if (parsed.kind === 'usage') throw new Error(parsed.message);
  return { flags: parsed.values, settings: nodeLifecycleSettings(parsed.values, parsed.given) };
}

describe('nodeLifecycleSettings', () => {
  it('are the documented ones when nothing is said', () => {
    expect(parse().settings).toEqual({
      monitorPeriod: Duration.seconds(5),
      deletionPolicy: 'delete',
      deletionLimits: defaultDeletionLimits,
    });
  });

  it('follow every flag', () => {
    const { flags, settings } = parse(
      '--node-monitor-period=20s',
      '--concurrent-node-lifecycle-syncs=3',
      '--node-deletion-policy=observe',
      '--node-deletion-confirm-after=1m',
      '--node-deletion-minimum-age=10m',
      '--node-deletion-max-per-minute=1',
      '--node-deletion-max-percent-per-minute=2',
      '--node-deletion-breaker-nodes=3',
      '--node-deletion-breaker-percent=4',
      '--node-deletion-breaker-window=6m',
      '--node-deletion-breaker-review-period=30s',
      '--node-deletion-breaker-hold=1h',
    );
    expect(validateManagerFlags(flags)).toEqual([]);
    expect(settings).toEqual({
      monitorPeriod: Duration.seconds(20),
      concurrency: 3,
      deletionPolicy: 'observe',
      deletionLimits: {
        confirmAfter: Duration.minutes(1),
        minimumAge: Duration.minutes(10),
        perMinute: { nodes: 1, percent: 2 },
        breaker: {
          allowance: { nodes: 3, percent: 4 },
          window: Duration.minutes(6),
          reviewPeriod: Duration.seconds(30),
          hold: Duration.hours(1),
        },
      },
    });
  });

  it.each([
    ['--node-monitor-period=0s', '--node-monitor-period', 'write a duration above zero'],
    ['--concurrent-node-lifecycle-syncs=0', '--concurrent-node-lifecycle-syncs', 'write 1 or more'],
    ['--node-deletion-policy=never', '--node-deletion-policy', 'write delete, taint or observe'],
    ['--node-deletion-confirm-after=0s', '--node-deletion-confirm-after', 'write a duration above zero'],
    ['--node-deletion-minimum-age=-1s', '--node-deletion-minimum-age', 'write a duration of zero or more'],
    ['--node-deletion-max-per-minute=-1', '--node-deletion-max-per-minute', 'write 0 or more'],
    ['--node-deletion-breaker-percent=101', '--node-deletion-breaker-percent', 'write a percentage from 0 to 100'],
    [
      '--node-deletion-breaker-window=11m',
      '--node-deletion-breaker-hold',
      'write at least --node-deletion-breaker-window, which is 11m0s',
    ],
  ])('refuses %s', (arg, field, fix) => {
    expect(validateManagerFlags(parse(arg).flags)).toMatchObject([{ field, fix }]);
  });

  it('never deletes under a policy that it does not know', () => {
    expect(parse('--node-deletion-policy=remove').settings.deletionPolicy).toBe('observe');
  });
});

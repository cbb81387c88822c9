import { describe, expect, it } from '@jest/globals';
import { sweepCrashes } from './crash-sweep.ts';
import { live } from './live.ts';
import { printReport } from './print-report.ts';

describe('the scripted life', () => {
  it('ends as it must, and repeats itself exactly', async () => {
    const first = await live();
    const second = await live();
    expect(first.faults).toEqual([]);
    expect(second).toEqual(first);
    expect(first.starts).toBe(1);
  });
});

describe('crash sweep', () => {
  it('ends in the same state wherever the manager dies, with nothing leaked and nothing foreign touched', async () => {
    const report = await sweepCrashes(live, { restarts: ['atOnce'] });
    printReport(report);
    expect(report.failures).toEqual([]);
    expect(report.foreignWrites).toBe(0);
    expect(report.points).toBe(2 * (report.writes.cloud + report.writes.cluster));
  }, 1_200_000);

  it('does so too when the world went on while the manager was dead', async () => {
    const report = await sweepCrashes(live, { name: 'crash-sweep-late', restarts: ['afterNextStep'], every: 5 });
    printReport(report);
    expect(report.failures).toEqual([]);
    expect(report.foreignWrites).toBe(0);
  }, 1_200_000);
});

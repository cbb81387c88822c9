import { describe, expect, it } from '@jest/globals';
import { sweepCrashes } from './crash-sweep.ts';
import { journalLife } from './journal-life.ts';
import { type Live, live } from './live.ts';
import { printReport } from './print-report.ts';

const liveByJournal: Live = (options) => live({ ...options, steps: journalLife, forwarders: 'yes' });

describe('load balancers that nothing but the journal leads back to', () => {
  it('are served by a life that repeats itself exactly', async () => {
    const first = await liveByJournal({});
    expect(first.faults).toEqual([]);
    expect(first.starts).toBe(1);
  });

  it('are found again or cleaned up wherever the manager dies', async () => {
    const report = await sweepCrashes(liveByJournal, { name: 'journal-sweep', restarts: ['atOnce'] });
    printReport(report);
    expect(report.failures).toEqual([]);
    expect(report.foreignWrites).toBe(0);
    expect(report.points).toBe(2 * (report.writes.cloud + report.writes.cluster));
  }, 1_200_000);

  it('are so too when the world went on while the manager was dead', async () => {
    const report = await sweepCrashes(liveByJournal, {
      name: 'journal-sweep-late',
      restarts: ['afterNextStep'],
      every: 5,
    });
    printReport(report);
    expect(report.failures).toEqual([]);
    expect(report.foreignWrites).toBe(0);
  }, 1_200_000);
});

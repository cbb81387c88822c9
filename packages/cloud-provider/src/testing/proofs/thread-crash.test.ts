import { describe, expect, it } from '@jest/globals';
import { sweepDetachedCrashes } from './detached-crash-sweep.ts';
import { inThread } from './manager-body.ts';
import { printReport } from './print-report.ts';
import { threadSample } from './proof-table.ts';

describe('a manager in a thread that is terminated', () => {
  it('leaves what a manager leaves that was never terminated', async () => {
    const report = await sweepDetachedCrashes({ name: 'crash-sweep-thread', incarnate: inThread, every: threadSample });
    printReport(report);
    expect(report.failures).toEqual([]);
    expect(report.points).toBeGreaterThan(10);
  }, 1_200_000);
});

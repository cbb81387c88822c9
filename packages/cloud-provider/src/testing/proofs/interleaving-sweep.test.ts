import { expect, it } from '@jest/globals';
import { sweepInterleavings } from './interleaving-sweep.ts';
import { printReport } from './print-report.ts';

it('comes to the same end when things change while they are worked on', async () => {
  const report = await sweepInterleavings({ every: 3 });
  printReport(report);
  expect(report.failures).toEqual([]);
}, 1_200_000);

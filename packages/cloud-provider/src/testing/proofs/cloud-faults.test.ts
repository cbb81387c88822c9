import { describe, expect, it } from '@jest/globals';
import { cloudFaults, sweepFaults } from './fault-sweep.ts';
import { live } from './live.ts';
import { printReport } from './print-report.ts';

const patience = 1_200_000;

describe('fault sweep', () => {
  it(
    'comes to the same end whatever a request to the cloud meets',
    async () => {
      const report = await sweepFaults(live, { name: 'fault-sweep-cloud', faults: cloudFaults });
      printReport(report);
      expect(report.failures).toEqual([]);
      expect(report.foreignWrites).toBe(0);
      expect(Object.keys(report.struck)).toHaveLength(cloudFaults.length);
    },
    patience,
  );
});

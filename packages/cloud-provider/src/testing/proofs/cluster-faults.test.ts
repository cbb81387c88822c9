import { describe, expect, it } from '@jest/globals';
import { clusterFaults, cloudFaults, sweepFaults } from './fault-sweep.ts';
import { live } from './live.ts';
import { printReport } from './print-report.ts';

const patience = 1_200_000;

describe('fault sweep', () => {
  it(
    'comes to the same end whatever a request to the API server meets',
    async () => {
      const report = await sweepFaults(live, { name: 'fault-sweep-cluster', faults: clusterFaults });
      printReport(report);
      expect(report.failures).toEqual([]);
      expect(report.foreignWrites).toBe(0);
      expect(Object.keys(report.struck)).toHaveLength(clusterFaults.length);
    },
    patience,
  );

  it(
    'comes to the same end when two things go wrong',
    async () => {
      const report = await sweepFaults(live, {
        name: 'fault-pairs',
        faults: [...cloudFaults, ...clusterFaults],
        singles: 'none',
        pairs: 60,
      });
      printReport(report);
      expect(report.failures).toEqual([]);
      expect(report.foreignWrites).toBe(0);
    },
    patience,
  );
});

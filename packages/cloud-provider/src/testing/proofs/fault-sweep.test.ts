import { describe, expect, it } from '@jest/globals';
import { type FaultSweepReport, clusterFaults, cloudFaults, sweepFaults } from './fault-sweep.ts';

// All single faults take minutes; they are tried by `sweep-all.ts`. Here a part of them, the same in each run.
const every = 16;
const patience = 300_000;

function print(report: FaultSweepReport): void {
  process.stdout.write(`${JSON.stringify({ ...report, failures: report.failures.length })}\n`);
}

describe('fault sweep', () => {
  it(
    'comes to the same end whatever a request to the cloud meets',
    async () => {
      const report = await sweepFaults({ faults: cloudFaults, every });
      print(report);
      expect(report.failures).toEqual([]);
      expect(report.foreignWrites).toBe(0);
      expect(Object.keys(report.struck)).toHaveLength(cloudFaults.length);
    },
    patience,
  );

  it(
    'comes to the same end whatever a request to the API server meets',
    async () => {
      const report = await sweepFaults({ faults: clusterFaults, every });
      print(report);
      expect(report.failures).toEqual([]);
      expect(report.foreignWrites).toBe(0);
    },
    patience,
  );

  it(
    'comes to the same end when two things go wrong',
    async () => {
      const report = await sweepFaults({
        faults: [...cloudFaults, ...clusterFaults],
        every: Number.MAX_SAFE_INTEGER,
        pairs: 60,
      });
      print(report);
      expect(report.failures).toEqual([]);
      expect(report.foreignWrites).toBe(0);
    },
    patience,
  );
});

import { sweepCrashes } from './crash-sweep.ts';
import { clusterFaults, cloudFaults, sweepFaults } from './fault-sweep.ts';

/**
 * Runs the sweeps in full, which takes about ten minutes of one core:
 * `node --conditions=@ccm-ts/source src/testing/proofs/sweep-all.ts [crashes] [faults] [pairs]`. One JSON line each.
 */
async function run(wanted: ReadonlySet<string>): Promise<boolean> {
  const is = (name: string): boolean => wanted.size === 0 || wanted.has(name);
  const all = [...cloudFaults, ...clusterFaults];
  const reports = [
    ...(is('crashes') ? [await sweepCrashes()] : []),
    ...(is('faults') ? [await sweepFaults({ faults: all })] : []),
    ...(is('pairs') ? [await sweepFaults({ faults: all, every: Number.MAX_SAFE_INTEGER, pairs: 1000 })] : []),
  ];
  for (const { failures, ...report } of reports) {
    process.stdout.write(`${JSON.stringify({ ...report, failures: failures.length })}\n`);
    for (const failure of failures) process.stderr.write(`${failure}\n`);
  }
  return reports.every(({ failures }) => failures.length === 0);
}

if (import.meta.main) process.exitCode = (await run(new Set(process.argv.slice(2)))) ? 0 : 1;

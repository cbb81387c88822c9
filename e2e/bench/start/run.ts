import { writeFile } from 'node:fs/promises';
import { constants, loadavg, setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { NotRunnableHere } from '../../kube-apiserver/not-runnable.ts';
import { describeMachine } from '../machine.ts';
import { bundleParts } from './bundle-parts.ts';
import { findGoManager, goManagerVersion } from './go-manager.ts';
import { unpackApp } from './image.ts';
import { managerNames, type ManagerName, type ManagerProgram, startManager } from './managers.ts';
import { renderStartReport, type StartReport, type StartSample } from './report.ts';
import { startSmallCluster } from './small-cluster.ts';

/** The page is written when `--json` is not given. */
const page = join(import.meta.dirname, '../../../packages/cloud-provider-aws/docs/benchmarks.md');
/** Long enough for what follows a start, and for a garbage collector that returns memory in the background. */
const idleSeconds = 60;

function progress(line: string): void {
  console.error(line);
}

/** What else runs on the machine must not count: everything that is started here inherits it. Only root may. */
function goFirst(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
  } catch {
    progress('without priority over other programs: the times are those of the machine as it is');
  }
}

async function measure(runs: number, idleRuns: number): Promise<StartReport> {
  const goManager = await findGoManager(progress);
  progress('building the image');
  await using app = await unpackApp();
  const programs: Readonly<Record<ManagerName, ManagerProgram>> = {
    ours: app,
    go: { command: [goManager], environment: {} },
  };
  await using cluster = await startSmallCluster(programs.ours, progress);
  const samples: StartSample[] = [];
  let leases = 0;
  let highestLoad = 0;
  for (let run = 0; run < runs; run++) {
    for (const manager of run % 2 === 0 ? managerNames : managerNames.toReversed()) {
      leases += 1;
      await using started = await startManager(programs[manager], cluster.surroundings, `bench-${leases}`);
      const { secondsToHealthz, cpuSeconds } = started;
      samples.push({ manager, measure: 'healthz', value: secondsToHealthz });
      samples.push({ manager, measure: 'cpu', value: cpuSeconds });
      const load = loadavg()[0] ?? 0;
      highestLoad = Math.max(highestLoad, load);
      progress(`${manager}, start ${run + 1} of ${runs}: ${secondsToHealthz.toFixed(3)} s, load ${load.toFixed(1)}`);
      if (run >= idleRuns) continue;
      await sleep(idleSeconds * 1000);
      const { residentMegabytes, peakResidentMegabytes } = started.usage();
      samples.push({ manager, measure: 'idle', value: residentMegabytes });
      samples.push({ manager, measure: 'peak', value: peakResidentMegabytes });
      progress(`${manager}: ${residentMegabytes.toFixed(1)} MB after ${idleSeconds} s`);
    }
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(cluster.version),
    goManager: await goManagerVersion(),
    idleSeconds,
    load: highestLoad,
    appLayer: app.appLayer,
    image: app.image,
    parts: await bundleParts(),
    samples,
  };
}

/** `npm run bench -- start [--runs N] [--idle-runs N] [--json]`: an exit code. */
export async function runStartBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean' }, runs: { type: 'string' }, 'idle-runs': { type: 'string' } },
  });
  goFirst();
  try {
    const report = await measure(Number(values.runs ?? 9), Number(values['idle-runs'] ?? 3));
    if (values.json) {
      console.log(JSON.stringify(report, undefined, 2));
      return 0;
    }
    const text = renderStartReport(report);
    await writeFile(page, text);
    console.log(text);
    return 0;
  } catch (error) {
    if (!(error instanceof NotRunnableHere)) throw error;
    console.error(error.message);
    return 1;
  }
}

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { NotRunnableHere } from '../kube-apiserver/not-runnable.ts';
import { contenderNames, type ContenderName } from './contenders.ts';
import { BenchClusters } from './clusters.ts';
import { buildGoPrograms } from './go-programs.ts';
import { KeptSamples } from './kept-samples.ts';
import { type Bench, fullScale, measure, type Scale, type SingleMeasurement, singleMeasurements } from './measure.ts';
import { measureIdle } from './measure-idle.ts';
import { bundleOurManager } from './our-manager.ts';
import { figure, renderReport, type Report, targetText } from './report.ts';
import {
  concludeRow,
  isWithinTarget,
  type Measurement,
  measurements,
  type RowName,
  rows,
  type Size,
  sizes,
} from './rows.ts';
import { runStartBench } from './start/run.ts';

/** Few, so that all of it takes little more than half an hour; what takes long by itself is measured once. */
const usualRuns: Readonly<Record<Measurement, number>> = { start: 3, steady: 1, initialize: 1, services: 1, idle: 1 };

const usage = `npm run bench -- [--json] [--runs N] [--scale SHARE] [--keep FILE] [ROW …]

  ROW      ${rows.map((row) => row.name).join(', ')};
           default all; those of the same kind of run are measured together
  start    alone and first: start, memory and size of the AWS manager beside the Go one, with --runs, --idle-runs and --json
  --json   prints the outcome as JSON, and nothing else, on the standard output
  --runs   of each contender; default ${measurements.map((name) => `${usualRuns[name]} for ${name}`).join(', ')}
  --scale  for a quick look: that share of the Nodes, Services and updates; the page is not written then
  --keep   samples are written to that file as they come; what it holds of a run that broke off is not measured again`;

const page = join(import.meta.dirname, '..', '..', 'packages', 'cloud-provider', 'docs', 'benchmarks.md');

/**
 * At its default of 20 requests a second Go leaves the machine idle for many minutes in these runs: they are kept for the
 * end, where they and the idle hours go side by side.
 */
const patientRuns: Readonly<Record<SingleMeasurement, readonly ContenderName[]>> = {
  start: [],
  steady: [],
  services: ['go'],
  initialize: ['go'],
};

/** A row in which a contender needs longer than this gets one run of it. */
const longRunSeconds = 120;

interface Options {
  readonly json: boolean;
  readonly runs: number | undefined;
  readonly scale: Scale;
  readonly isFullScale: boolean;
  readonly keep: string | undefined;
  readonly rows: readonly RowName[];
}

function progress(line: string): void {
  console.error(line);
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  try {
    const report = await runBench(options);
    if (options.json) console.log(JSON.stringify(report, undefined, 2));
    else printTable(report);
    if (options.isFullScale && options.rows.length === rows.length) {
      await mkdir(dirname(page), { recursive: true });
      await writeFile(page, renderReport(report));
      progress(`wrote ${page}`);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof NotRunnableHere)) throw error;
    console.error(error.message);
    return 1;
  }
}

function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      runs: { type: 'string' },
      scale: { type: 'string' },
      keep: { type: 'string' },
    },
  });
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  if (runs !== undefined && (!Number.isInteger(runs) || runs < 1))
    throw new Error(`--runs ${values.runs}: a number of at least 1`);
  const share = Number(values.scale ?? 1);
  if (!(share > 0 && share <= 1)) throw new Error(`--scale ${values.scale}: a number above 0 and up to 1`);
  const known = rows.map((row) => row.name);
  const chosen = positionals.map((name) => {
    const row = known.find((each) => each === name);
    if (!row) throw new Error(`there is no row ${name}`);
    return row;
  });
  return {
    json: values.json ?? false,
    runs,
    scale: {
      nodes: Math.round(fullScale.nodes * share),
      fewNodes: Math.round(fullScale.fewNodes * share),
      services: Math.round(fullScale.services * share),
      joining: Math.round(fullScale.joining * share),
      updates: Math.round(fullScale.updates * share),
    },
    isFullScale: share === 1,
    keep: values.keep,
    rows: chosen.length > 0 ? chosen : known,
  };
}

async function runBench(options: Options): Promise<Report> {
  const go = await buildGoPrograms(progress);
  await using ours = await bundleOurManager();
  const bench: Bench = {
    scale: options.scale,
    programs: { ours: ours.path, go: go.ccm },
    cloudsim: go.cloudsim,
  };
  await using clusters = new BenchClusters(go.load, options.scale, progress);
  const samples = await KeptSamples.open(options.keep);
  const plan = { options, bench, clusters, samples };
  for (const measurement of singleMeasurements) {
    const hasTurn = (name: ContenderName): boolean => !patientRuns[measurement].includes(name);
    for (const size of wantedSizes(measurement, options)) {
      await runAlternating({ ...plan, measurement, size, contenders: contenderNames.filter(hasTurn) });
    }
  }
  await Promise.all([...sizes.map((size) => runPatiently({ ...plan, size })), liveIdleHours(plan, go.load)]);
  const { machine } = await clusters.get('large');
  return {
    date: new Date().toISOString().slice(0, 10),
    machine,
    scale: options.scale,
    rows: rows.filter((row) => options.rows.includes(row.name)).map((row) => concludeRow(row, samples.all)),
  };
}

/** What every run of one benchmark shares. */
interface Plan {
  readonly options: Options;
  readonly bench: Bench;
  readonly clusters: BenchClusters;
  readonly samples: KeptSamples;
}

/** Those of the runs on one cluster that leave the machine idle, one after the other. */
async function runPatiently(plan: Plan & { readonly size: Size }): Promise<void> {
  for (const measurement of singleMeasurements.toReversed()) {
    const contenders = patientRuns[measurement];
    if (contenders.length === 0 || !wantedSizes(measurement, plan.options).includes(plan.size)) continue;
    await runAlternating({ ...plan, measurement, contenders });
  }
}

/** On clusters of their own, because in the others Services and Nodes come and go meanwhile. */
async function liveIdleHours({ options, bench, samples }: Plan, load: string): Promise<void> {
  const wanted = wantedSizes('idle', options);
  const names = new Set<string>(options.rows.filter((name) => measurementOf(name) === 'idle'));
  if (wanted.length === 0 || samples.count(names) > 0) return;
  await using clusters = new BenchClusters(load, options.scale, progress);
  progress('idle, all contenders at once for some 15 minutes');
  try {
    await samples.add(await measureIdle(bench, await clusters.all(wanted)));
    progress('idle: done');
  } catch (error) {
    progress(`idle failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function wantedSizes(measurement: Measurement, options: Options): readonly Size[] {
  const wanted = options.rows.filter((name) => measurementOf(name) === measurement);
  return sizes.filter((size) => wanted.some((name) => sizeOf(name) === size));
}

function measurementOf(name: RowName): Measurement | undefined {
  return rows.find((row) => row.name === name)?.measurement;
}

function sizeOf(name: RowName): Size {
  return name.startsWith('small-') ? 'small' : 'large';
}

/** All contenders in turn, again and again, so that what the machine does meanwhile meets all of them alike. */
async function runAlternating(
  plan: Plan & {
    readonly measurement: SingleMeasurement;
    readonly size: Size;
    readonly contenders: readonly ContenderName[];
  },
): Promise<void> {
  const { measurement, bench, contenders, samples, size } = plan;
  const runs = plan.options.runs ?? usualRuns[measurement];
  const cluster = await plan.clusters.get(size);
  const its = rows.filter((row) => row.measurement === measurement && sizeOf(row.name) === size);
  const wanted = new Set<string>(its.map(({ name }) => name));
  const finished = new Set<ContenderName>();
  for (let run = 0; run < runs; run++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(turn + run) % contenders.length];
      if (contender === undefined || finished.has(contender) || samples.count(wanted, contender) > run) continue;
      const started = performance.now();
      const title = `${measurement} on ${cluster.nodes} nodes, run ${run + 1} of ${runs}, ${contender}`;
      try {
        const figures = await measure(measurement, contender, { bench, cluster });
        await samples.add(Object.entries(figures).map(([row, value]) => ({ row: row as RowName, contender, value })));
        progress(
          `${title}: ${Object.entries(figures)
            .map(([row, value]) => `${row} ${figure(value)}`)
            .join(', ')}`,
        );
      } catch (error) {
        // One run that went wrong must not cost the figures of half an hour; a missing sample is seen in the report.
        progress(`${title} failed: ${error instanceof Error ? error.message : String(error)}`);
      }
      if ((performance.now() - started) / 1000 > longRunSeconds) finished.add(contender);
    }
  }
}

function printTable(report: Report): void {
  for (const row of report.rows) {
    const verdict = isWithinTarget(row);
    const words = verdict === undefined ? '' : verdict ? 'met' : 'MISSED';
    console.log(
      `${row.name.padEnd(20)} ours ${figure(row.ours)}, Go ${figure(row.go)}, tuned ${figure(row.goTuned)} ${row.unit}; target ${targetText(row.target, row.unit)} ${words}`,
    );
  }
}

process.exitCode = process.argv[2] === 'start' ? await runStartBench(process.argv.slice(3)) : await main();

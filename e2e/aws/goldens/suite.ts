import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Failure, Outcome } from '../../harness/outcome.ts';
import { runParts, type Suite, type SuiteContext } from '../../harness/suite.ts';
import type { Minor } from '../../kube-apiserver/versions.ts';
import { bundleExecutable } from '../executable.ts';
import type { Difference } from './compare.ts';
import { type CallCount, type GoldenCase, loadCases } from './golden-case.ts';
import { given } from './golden-cloud.ts';
import { judgeDifferences, readListedDifferences } from './listed-differences.ts';
import { playCase } from './play-case.ts';
import { setUpStage, type Stage, type StageWithLogs } from './stage.ts';
import { takeOver } from './take-over.ts';

/** Played by every run; the others with `--all` or when they are asked for by name. */
const sample: readonly string[] = [
  'bad-clb-input',
  'clb-drift',
  'clb-tags',
  'nlb-drift',
  'nlb-managed-sg',
  'nlb-tags',
  'nlb-two-services',
  'nlb-udp',
  'node-addresses',
  'node-tagging',
  'services-restart',
];

/** Steps after which the Go manager had done all that ours would do: ours has nothing to write there. */
const takeovers: Readonly<Record<string, string>> = {
  'clb-attributes': 'create',
  'clb-proxy-protocol': 'create',
  'clb-source-ranges': 'create',
  'clb-ssl': 'create',
  'nlb-attributes': 'create',
  'nlb-local': 'create',
  'nlb-managed-sg': 'create',
  'nlb-target-group-attributes': 'create',
  'nlb-tls': 'create',
};

const sampledTakeovers: readonly string[] = ['takeover of clb-attributes', 'takeover of nlb-managed-sg'];

/** What the Go manager did in the same cases; each difference is one that the documentation tells, and the other way round. */
export const awsGoldensSuite: Suite = {
  name: 'aws-goldens',
  description: 'the bundled AWS manager against what the Go manager did, case by case',
  run: async (context) =>
    runParts(
      context.minors.map((minor) => ({
        title: `goldens on kube-apiserver ${minor}`,
        run: () => runOnStages(minor, context),
      })),
    ),
};

/** Most of a case is waiting until nothing happens any more, which cases can do side by side. */
const mostStages = 3;
/** About as many steps as a takeover with its alterations takes. */
const stepsOfTakeover = 14;

/** What is played on a stage of its own. */
interface Performance {
  readonly title: string;
  /** How long it takes, against others. */
  readonly steps: number;
  readonly play: (stage: Stage) => Promise<string>;
}

async function runOnStages(minor: Minor, context: SuiteContext): Promise<Outcome> {
  const cases = await loadCases();
  const { only, extent } = context;
  const isAskedFor = (title: string, isInSample: boolean): boolean =>
    only === undefined ? extent === 'all' || isInSample : only.test(title);
  const found = new Map<string, readonly Difference[]>();
  const played = cases.map((golden): Performance => {
    const title = golden.case;
    const play = async (stage: Stage): Promise<string> => {
      const { differences, ours, golden: theirs } = await playCase(stage, golden);
      found.set(title, differences);
      return `${differences.length} differences, calls ${count(ours)} (Go ${count(theirs)})`;
    };
    return { title, steps: golden.steps.length, play };
  });
  const takenOver = Object.entries(takeovers).map(([name, step]): Performance => {
    const golden = given(cases.find((each) => each.case === name));
    return {
      title: `takeover of ${name}`,
      steps: stepsOfTakeover,
      play: (stage) => judgeTakeover(stage, golden, step),
    };
  });
  const waiting = [
    ...played.filter(({ title }) => isAskedFor(title, sample.includes(title))),
    ...takenOver.filter(({ title }) => isAskedFor(title, sampledTakeovers.includes(title))),
  ].toSorted((a, b) => b.steps - a.steps);

  const executable = await bundleExecutable();
  const logs = await mkdtemp(join(tmpdir(), 'ccm-ts-goldens-'));
  const report = new Report(context);
  const perform = async (): Promise<void> => {
    await using stage = await setUpStage({ minor, executable, logs, ...context });
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await report.run(stage, next);
  };
  // Each takes its stage down before anybody hears that one of them could not be set up.
  const ends = await Promise.allSettled(Array.from({ length: Math.min(mostStages, waiting.length) }, perform));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  const { unlisted, stale } = judgeDifferences(found, await readListedDifferences());
  for (const [name, differences] of unlisted) {
    if (differences.length > 0) report.fail(name, differences.map(describe).join('\n'));
  }
  for (const message of stale) report.fail('differences', message);
  const outcome = report.outcome();
  if (outcome.failures.length > 0) context.print(`the logs of the managers are in ${logs}`);
  else await rm(logs, { recursive: true, force: true });
  return outcome;
}

async function judgeTakeover(stage: Stage, golden: GoldenCase, step: string): Promise<string> {
  const { differences, repaired, writes } = await takeOver(stage, golden, step);
  if (writes.length > 0) throw new Error(`written at takeover: ${writes.join(', ')}`);
  const { unlisted } = judgeDifferences(new Map([['takeover', differences]]), await readListedDifferences());
  const left = unlisted.get('takeover') ?? [];
  if (left.length > 0) throw new Error(left.map(describe).join('\n'));
  return `no write, ${repaired.length} alterations repaired`;
}

/** Remembers what became of each case. */
class Report {
  readonly #context: SuiteContext;
  readonly #failures: Failure[] = [];
  readonly #ran = new Set<string>();

  constructor(context: SuiteContext) {
    this.#context = context;
  }

  async run(stage: StageWithLogs, { play, title }: Performance): Promise<void> {
    const { print, signal } = this.#context;
    signal.throwIfAborted();
    stage.logTo(title.replaceAll(' ', '-'));
    this.#ran.add(title);
    const started = performance.now();
    try {
      const result = await play(stage);
      print(`  ${title}: ${result}, ${((performance.now() - started) / 1000).toFixed(0)} s`);
    } catch (error) {
      signal.throwIfAborted();
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.fail(title, `${message}\n${await stage.lastWords()}`);
    }
  }

  fail(test: string, message: string): void {
    this.#failures.push({ test, message });
    this.#context.print(`  ✗ ${test}\n      ${message.replaceAll('\n', '\n      ')}`);
  }

  outcome(): Outcome {
    const broken = new Set(this.#failures.map(({ test }) => test));
    return {
      passed: [...this.#ran].filter((name) => !broken.has(name)).length,
      failures: this.#failures,
      notRun: [],
    };
  }
}

function count({ reads, writes }: CallCount): string {
  return `${reads} r + ${writes} w`;
}

function describe({ path, golden, ours }: Difference): string {
  const short = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 400);
  return `${path}\n  Go:   ${short(golden)}\n  ours: ${short(ours)}`;
}

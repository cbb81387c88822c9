import type { Failure, Outcome } from '../../harness/outcome.ts';
import { runParts, type Suite, type SuiteContext } from '../../harness/suite.ts';
import type { Minor } from '../../kube-apiserver/versions.ts';
import type { Difference } from './compare.ts';
import { type CallCount, type GoldenCase, loadCases } from './golden-case.ts';
import { judgeDifferences, readListedDifferences } from './listed-differences.ts';
import { playCase } from './play-case.ts';
import { setUpStage, type StageWithLogs } from './stage.ts';
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

const sampledTakeovers: readonly string[] = ['clb-attributes', 'nlb-managed-sg'];

/** What the Go manager did in the same cases; each difference is one that the documentation tells, and the other way round. */
export const awsGoldensSuite: Suite = {
  name: 'aws-goldens',
  description: 'the bundled AWS manager against what the Go manager did, case by case',
  run: async (context) =>
    runParts(
      context.minors.map((minor) => ({
        title: `goldens on kube-apiserver ${minor}`,
        run: () => runOnStage(minor, context),
      })),
    ),
};

async function runOnStage(minor: Minor, context: SuiteContext): Promise<Outcome> {
  await using stage = await setUpStage(minor, context);
  const cases = await loadCases();
  const report = new Report(context, stage);
  const { only, extent } = context;
  const found = new Map<string, readonly Difference[]>();
  for (const golden of cases) {
    const name = golden.case;
    if (only === undefined ? extent === 'sample' && !sample.includes(name) : !only.test(name)) continue;
    await report.run(name, async () => {
      const { differences, ours, golden: theirs } = await playCase(stage, golden);
      found.set(name, differences);
      return `${differences.length} differences, calls ${count(ours)} (Go ${count(theirs)})`;
    });
  }
  const { unlisted, stale } = judgeDifferences(found, await readListedDifferences());
  for (const [name, differences] of unlisted) {
    if (differences.length > 0) report.fail(name, differences.map(describe).join('\n'));
  }
  for (const message of stale) report.fail('differences', message);
  for (const [name, step] of Object.entries(takeovers)) {
    const title = `takeover of ${name}`;
    if (only === undefined ? extent === 'sample' && !sampledTakeovers.includes(name) : !only.test(title)) continue;
    const golden = cases.find((each) => each.case === name);
    if (golden !== undefined) await report.run(title, () => judgeTakeover(stage, golden, step));
  }
  return report.outcome();
}

async function judgeTakeover(stage: StageWithLogs, golden: GoldenCase, step: string): Promise<string> {
  const { differences, repaired, writes } = await takeOver(stage, golden, step);
  if (writes.length > 0) throw new Error(`written at takeover: ${writes.join(', ')}`);
  const { unlisted } = judgeDifferences(new Map([['takeover', differences]]), await readListedDifferences());
  const left = unlisted.get('takeover') ?? [];
  if (left.length > 0) throw new Error(left.map(describe).join('\n'));
  return `no write, ${repaired.length} alterations repaired`;
}

/** Runs cases one after another and remembers what became of each. */
class Report {
  readonly #context: SuiteContext;
  readonly #stage: StageWithLogs;
  readonly #failures: Failure[] = [];
  readonly #ran = new Set<string>();

  constructor(context: SuiteContext, stage: StageWithLogs) {
    this.#context = context;
    this.#stage = stage;
  }

  async run(name: string, work: () => Promise<string>): Promise<void> {
    const { print, signal } = this.#context;
    signal.throwIfAborted();
    this.#stage.logTo(name.replaceAll(' ', '-'));
    this.#ran.add(name);
    const started = performance.now();
    try {
      const result = await work();
      print(`  ${name}: ${result}, ${((performance.now() - started) / 1000).toFixed(0)} s`);
    } catch (error) {
      signal.throwIfAborted();
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.fail(name, `${message}\n${await this.#stage.lastWords()}`);
    }
  }

  fail(test: string, message: string): void {
    this.#failures.push({ test, message });
    this.#context.print(`  ✗ ${test}\n      ${message.replaceAll('\n', '\n      ')}`);
  }

  outcome(): Outcome {
    const broken = new Set(this.#failures.map(({ test }) => test));
    if (broken.size > 0) this.#context.print(`the logs of the manager are in ${this.#stage.keepLogs()}`);
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

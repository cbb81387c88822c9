import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findAbsolutePaths } from './absolute-paths.ts';
import { type Check, type CheckContext, type CheckOutcome, outcomeOf, outcomeOfBreaches } from './check.ts';
import { runCommand } from './command.ts';
import { findDifferenceBreaches } from './differences.ts';
import { findDocumentationBreaches } from './documentation.ts';
import { findLockFileBreaches } from './lock-file.ts';
import { findBoundaryBreaches } from './module-boundaries.ts';
import { atLeastOneFailure, countHarnessReport, countJestReport, countProof } from './test-counts.ts';
import { readWorkspace, type Workspace } from './workspace.ts';

const toolConfiguration = 'tools/config';

/** Everything that `npm test` runs, quick and cheap first; what one check leaves behind, later ones may use. */
export function listChecks(workspace: Workspace): readonly Check[] {
  return [
    staticCheck('lock file', ({ root }) => findLockFileBreaches(root)),
    staticCheck('absolute paths', ({ root }) => findAbsolutePaths(root)),
    staticCheck('module boundaries', async ({ root }) => await findBoundaryBreaches(await readWorkspace(root))),
    staticCheck('differences', ({ root }) => findDifferenceBreaches(root)),
    staticCheck('documentation', ({ root }) => findDocumentationBreaches(root)),
    programCheck('format', ['biome', 'format', '--config-path', toolConfiguration, '.']),
    programCheck('lint', [
      'eslint',
      '--config',
      `${toolConfiguration}/eslint.config.js`,
      '--max-warnings',
      '0',
      'packages',
      'e2e',
      'tools',
    ]),
    ...workspace.packages.map(({ shortName }) =>
      programCheck(`types of ${shortName}`, nx('run', `${shortName}:typecheck`)),
    ),
    programCheck('generated files', [
      process.execPath,
      '--conditions=@ccm-ts/source',
      'tools/generate/generate.ts',
      '--check',
    ]),
    programCheck('build', nx('run-many', '-t', 'build', 'bundle')),
    ...workspace.packages.filter(({ manifest }) => manifest.scripts?.test).map(unitCheck),
    // The seed is fixed, so that a red does not depend on chance; `npm run proofs` plants them all.
    proofCheck('planted-defects', ['tools/proofs/run.ts', '--sample', '5', '--seed', '9151', '--sound']),
    proofCheck('crash-sweep-sigkill', ['tools/proofs/run.ts', 'crash-sweep-sigkill']),
    stagingCheck(),
    programCheck('generated provider', [
      process.execPath,
      '--conditions=@ccm-ts/source',
      'tools/generator/try-provider.ts',
    ]),
    demoCheck('demo', []),
    demoCheck('demo with 2,000 nodes', ['--nodes', '2000', '--services', '500']),
    harnessCheck('semantics'),
    harnessCheck('kubectl'),
    harnessCheck('manager'),
    harnessCheck('side-by-side'),
    harnessCheck('hostile'),
    harnessCheck('aws'),
    harnessCheck('aws-goldens'),
    harnessCheck('annotations'),
    harnessCheck('page'),
    harnessCheck('leader'),
    harnessCheck('soak'),
    harnessCheck('takeover'),
    harnessCheck('deploy'),
    harnessCheck('cli'),
    harnessCheck('docs'),
  ];
}

function staticCheck(name: string, find: (context: CheckContext) => ReturnType<typeof findAbsolutePaths>): Check {
  return { name, run: async (context) => outcomeOfBreaches(await find(context), context.log) };
}

/** A program whose exit code is the verdict. */
function programCheck(name: string, command: readonly [program: string, ...args: string[]]): Check {
  return { name, run: async (context) => outcomeOf((await run(context, command)).exitCode === 0) };
}

/** nx without anything that talks to the network or outlives the command. Only what passed comes from its cache. */
function nx(...args: readonly string[]): readonly [string, ...string[]] {
  return ['nx', ...args, '--outputStyle=stream'];
}

function unitCheck({ shortName, folder }: Workspace['packages'][number]): Check {
  const report = 'coverage/jest.json';
  return {
    name: `unit tests of ${shortName}`,
    timeLimitMilliseconds: 30 * 60_000,
    run: async (context) => {
      const file = join(context.root, folder, report);
      // Must be this run's, or what nx kept of the run that passed on the same input.
      await rm(file, { force: true });
      await mkdir(dirname(file), { recursive: true });
      const jest = ['--ci', '--json', `--outputFile=${report}`, '--maxWorkers=2'];
      const { exitCode } = await run(context, nx('run', `${shortName}:test`, ...jest));
      return countJestReport(await readFile(file, 'utf8'), exitCode);
    },
  };
}

/** A proof that is no unit test: it needs what is built, or copies of the source. */
function proofCheck(name: string, args: readonly string[]): Check {
  return {
    name: `proof ${name}`,
    run: async (context) => {
      const command = [process.execPath, '--conditions=@ccm-ts/source', ...args] as const;
      const { stdoutLines, exitCode } = await run(context, command);
      return countProof(name, stdoutLines, exitCode);
    },
  };
}

/** Builds every package once more, so the outcome is kept by nx until a package changes. */
function stagingCheck(): Check {
  return {
    name: 'staging',
    timeLimitMilliseconds: 20 * 60_000,
    run: async (context) => {
      const file = join(context.root, 'tools/coverage/staging.json');
      await rm(file, { force: true });
      const { exitCode } = await run(context, nx('run', 'tools:stage'));
      return atLeastOneFailure(JSON.parse(await readFile(file, 'utf8')) as CheckOutcome, exitCode);
    },
  };
}

/** A suite against real servers; the harness itself knows what it needs and says what this machine lacks. */
function harnessCheck(suite: string): Check {
  return {
    name: `e2e ${suite}`,
    besideWhatFollows: 'build',
    // The first time it builds an API server from its Go modules.
    timeLimitMilliseconds: 25 * 60_000,
    run: async (context) => {
      const folder = await mkdtemp(join(tmpdir(), 'e2e-report-'));
      try {
        const report = join(folder, 'report.json');
        const harness = [process.execPath, '--conditions=@ccm-ts/source', 'e2e/run.ts'] as const;
        const { exitCode } = await run(context, [...harness, '--suite', suite, '--minors', '1.36', '--report', report]);
        return countHarnessReport(await readFile(report, 'utf8'), exitCode);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** The first of the two commands, as a stranger types it. */
function demoCheck(name: string, args: readonly string[]): Check {
  return {
    name,
    besideWhatFollows: 'build',
    run: async (context) => {
      const command = ['npm', 'start', '--', '--once', '--output', 'json', ...args] as const;
      const { stdoutLines, exitCode } = await run(context, command);
      return outcomeOf(exitCode === 0 && isConverged(stdoutLines));
    },
  };
}

/** npm announces what it runs before the program prints its one JSON object. */
function isConverged(lines: readonly string[]): boolean {
  const start = lines.findIndex((line) => line.startsWith('{'));
  const report = JSON.parse(lines.slice(start).join('\n')) as { readonly converged?: unknown };
  return report.converged === true;
}

async function run(context: CheckContext, command: readonly [string, ...string[]]): ReturnType<typeof runCommand> {
  const [program, ...args] = command;
  const environment = { NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false', FORCE_COLOR: '0' };
  return await runCommand({ program, args, cwd: context.root, environment, log: context.log, signal: context.signal });
}

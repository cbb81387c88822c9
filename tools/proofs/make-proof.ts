import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from '../check/command.ts';
import { bundleManager } from './bundle-manager.ts';
import { type ProofCommand, proofCommands } from './proof-commands.ts';

export interface ProofWish {
  readonly name: string;
  /** The folder of the library. */
  readonly folder: string;
  readonly extent: 'usual' | 'full';
  /** `stop` when it is enough to know whether anything fails. */
  readonly onFailure: 'goOn' | 'stop';
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What a proof came to. `unmade`: it could not even be tried, which says nothing about the library. */
export interface ProofResult {
  readonly outcome: 'passed' | 'failed' | 'unmade';
  readonly points: number;
  readonly seconds: number;
  /** The JSON lines that it printed. */
  readonly lines: readonly string[];
}

/** Makes one proof. */
export async function makeProof(wish: ProofWish): Promise<ProofResult> {
  const command = proofCommands[wish.name];
  if (!command) throw new RangeError(`no proof is called ${wish.name}`);
  const began = performance.now();
  const report = join(wish.folder, `coverage/proof-${wish.name}.json`);
  await rm(report, { force: true });
  await mkdir(dirname(report), { recursive: true });
  await using bundle = command.kind === 'program' && command.kills ? await bundleManager(wish.folder) : undefined;
  const { exitCode, stdoutLines } = await runCommand({
    ...commandLine(command, wish, { report, bundle: bundle?.file }),
    cwd: wish.folder,
    environment: { NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning', FORCE_COLOR: '0' },
    log: wish.log,
    signal: wish.signal,
  });
  const printed = stdoutLines.filter((line) => line.startsWith('{"proof":'));
  const tests = command.kind === 'test' ? await readTestReport(report) : undefined;
  const isMade = tests ? tests.passed + tests.failed > 0 : printed.length > 0;
  const ownLine = { proof: wish.name, points: tests?.passed ?? 0, failures: tests?.failed ?? 0 };
  const lines = printed.length === 0 && isMade ? [JSON.stringify(ownLine)] : printed;
  const parsed = lines.map((line) => JSON.parse(line) as { readonly points?: number });
  return {
    outcome: !isMade ? 'unmade' : exitCode === 0 ? 'passed' : 'failed',
    points: parsed.reduce((sum, { points = 0 }) => sum + points, 0),
    seconds: (performance.now() - began) / 1000,
    lines,
  };
}

function commandLine(
  command: ProofCommand,
  { name, extent, onFailure }: ProofWish,
  { report, bundle }: { readonly report: string; readonly bundle: string | undefined },
): { readonly program: string; readonly args: readonly string[] } {
  if (command.kind === 'test') {
    return { program: 'jest', args: ['--ci', '--runInBand', '--json', `--outputFile=${report}`, command.file] };
  }
  const flags = [
    ...(extent === 'full' ? ['--full'] : []),
    ...(onFailure === 'stop' ? ['--first'] : []),
    ...(bundle === undefined ? [] : ['--program', bundle]),
  ];
  const program = 'src/testing/proofs/prove.ts';
  return { program: process.execPath, args: ['--conditions=@ccm-ts/source', program, ...flags, name] };
}

/** How many tests were run: none when the file can't even be loaded. */
async function readTestReport(file: string): Promise<{ readonly passed: number; readonly failed: number }> {
  try {
    const report = JSON.parse(await readFile(file, 'utf8')) as {
      readonly numPassedTests?: number;
      readonly numFailedTests?: number;
    };
    return { passed: report.numPassedTests ?? 0, failed: report.numFailedTests ?? 0 };
  } catch {
    return { passed: 0, failed: 0 };
  }
}

import type { Check, CheckContext, CheckOutcome, NotRun } from './check.ts';

/** How the checks are run. */
export interface RunOptions {
  readonly root: string;
  readonly signal: AbortSignal;
  /** `fail`: what could not be run on this machine makes the whole fail, as in CI. */
  readonly onNotRun: 'report' | 'fail';
  /** Takes the lines for people. */
  readonly print: (line: string) => void;
}

/** More of them only make each other wait, and miss deadlines, on two cores. */
const lanesForServers = 2;
const heartbeatMilliseconds = 30_000;
/** A suite that hangs must not hang the whole. */
const defaultTimeLimitMilliseconds = 10 * 60_000;

/**
 * Runs checks in lanes, each check to its end whatever the others did: one lane computes, the others wait for servers. The last
 * line printed is `N passed, N failed`, and no other printed line looks like it.
 * @returns the exit code
 */
export async function runChecks(checks: readonly Check[], options: RunOptions): Promise<number> {
  let passed = 0;
  let failed = 0;
  const notRun: NotRun[] = [];
  const failedChecks: string[] = [];
  const take = async (check: Check): Promise<void> => {
    const outcome = await runCheck(check, options);
    passed += outcome.passed;
    failed += outcome.failed;
    notRun.push(...(outcome.notRun ?? []));
    if (outcome.failed > 0) failedChecks.push(check.name);
  };
  const { computing, opener, waiting } = laneChecks(checks);
  await takeInTurn(computing.slice(0, opener + 1).values(), take);
  // Whoever is free takes the next one.
  const queue = waiting.values();
  const waitingLanes = Array.from({ length: lanesForServers }, () => takeInTurn(queue, take));
  await Promise.all([takeInTurn(computing.slice(opener + 1).values(), take), ...waitingLanes]);
  if (failedChecks.length > 0) options.print(`failed: ${failedChecks.join(', ')}`);
  const missing = notRun.map(({ name, reason, remedy }) => `${name} (${reason}; remedy: ${remedy})`);
  options.print(`not run: ${notRun.length}${missing.length > 0 ? `: ${missing.join(', ')}` : ''}`);
  options.print(`${passed} passed, ${failed} failed`);
  const isRefused = options.onNotRun === 'fail' && notRun.length > 0;
  return failed > 0 || passed === 0 || isRefused ? 1 : 0;
}

interface Lanes {
  readonly computing: readonly Check[];
  readonly waiting: readonly Check[];
  /** The index in the computing lane of the check that the others wait for; -1 when they wait for none. */
  readonly opener: number;
}

function laneChecks(checks: readonly Check[]): Lanes {
  const computing = checks.filter(({ besideWhatFollows }) => besideWhatFollows === undefined);
  const waiting = checks.filter(({ besideWhatFollows }) => besideWhatFollows !== undefined);
  const awaited = new Set(waiting.map(({ besideWhatFollows }) => besideWhatFollows));
  return { computing, waiting, opener: computing.findLastIndex(({ name }) => awaited.has(name)) };
}

async function takeInTurn(checks: Iterable<Check>, take: (check: Check) => Promise<void>): Promise<void> {
  for (const check of checks) await take(check);
}

async function runCheck(check: Check, options: RunOptions): Promise<CheckOutcome> {
  const started = performance.now();
  const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const lines: string[] = [];
  const heartbeat = setInterval(() => {
    options.print(`… ${check.name}, ${seconds()}: ${(lines.at(-1) ?? '').trim().slice(0, 100)}`);
  }, heartbeatMilliseconds);
  const outcome = await runSafely(check, {
    root: options.root,
    signal: AbortSignal.any([
      options.signal,
      AbortSignal.timeout(check.timeLimitMilliseconds ?? defaultTimeLimitMilliseconds),
    ]),
    log: (line) => lines.push(line),
  });
  clearInterval(heartbeat);
  options.print(`${markOf(outcome)} ${check.name.padEnd(28)} ${describeOutcome(outcome)}, ${seconds()}`);
  // Indented, so that no line of a suite can be taken for ours.
  if (outcome.failed > 0) for (const line of lines) options.print(`    ${line}`);
  return outcome;
}

async function runSafely(check: Check, context: CheckContext): Promise<CheckOutcome> {
  try {
    context.signal.throwIfAborted();
    const outcome = await check.run(context);
    context.signal.throwIfAborted();
    return outcome;
  } catch (error) {
    context.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return { passed: 0, failed: 1 };
  }
}

function markOf({ failed, notRun = [] }: CheckOutcome): string {
  if (failed > 0) return '✗';
  return notRun.length > 0 ? '–' : '✓';
}

function describeOutcome({ passed, failed, notRun = [] }: CheckOutcome): string {
  const parts = [`${passed} passed`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (notRun.length > 0) parts.push(`${notRun.length} not run`);
  return parts.join(', ');
}

import { writeFileSync } from 'node:fs';
import { parseArguments, usage } from './harness/arguments.ts';
import { addOutcomes, emptyOutcome, type Outcome } from './harness/outcome.ts';
import { runPart } from './harness/suite.ts';
import { suites } from './suites.ts';

function print(line: string): void {
  console.log(line);
}

async function main(): Promise<number> {
  const parsed = parseArguments(process.argv.slice(2), suites);
  if (parsed.kind === 'help') {
    print(usage(suites));
    return 0;
  }
  if (parsed.kind === 'invalid') {
    console.error(`${parsed.message}\n\n${usage(suites)}`);
    return 2;
  }
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      print(`${signal}: stopping`);
      interrupted.abort(new Error(signal));
    });
  }
  let outcome: Outcome = emptyOutcome;
  for (const suite of parsed.suites) {
    if (interrupted.signal.aborted) break;
    print(`suite ${suite.name}: ${suite.description}`);
    const { minors, only, extent, seconds } = parsed;
    const context = { minors, only, extent, seconds, signal: interrupted.signal, print };
    outcome = addOutcomes(outcome, await runPart(suite.name, () => suite.run(context)));
  }
  if (parsed.report !== undefined) writeFileSync(parsed.report, `${JSON.stringify(outcome, undefined, 2)}\n`);
  return conclude(outcome, interrupted.signal.aborted);
}

function conclude(outcome: Outcome, wasInterrupted: boolean): number {
  for (const { test, message } of outcome.failures)
    print(`failed: ${test}: ${(message.split('\n')[0] ?? '').slice(0, 300)}`);
  for (const { what, reason, remedy } of outcome.notRun) print(`not run: ${what}: ${reason}; ${remedy}`);
  const notRun = outcome.notRun.length > 0 ? `, ${outcome.notRun.length} not run` : '';
  print(`${outcome.passed} passed, ${outcome.failures.length} failed${notRun}`);
  // Where everything can be had, what did not run is a fault.
  const isIncomplete = outcome.notRun.length > 0 && process.env.CI === 'true';
  return outcome.failures.length > 0 || isIncomplete || wasInterrupted ? 1 : 0;
}

process.exitCode = await main();

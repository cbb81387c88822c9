import type { CheckOutcome, NotRun } from './check.ts';

/** What is read of the file that jest writes with `--json --outputFile`. */
interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly numPendingTests: number;
}

/**
 * Counts from jest's JSON report. A file that could not be loaded is a failure, and so is a skipped test: nothing in this
 * project is skipped.
 */
export function countJestReport(report: string, exitCode: number): CheckOutcome {
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests } = JSON.parse(
    report,
  ) as JestReport;
  const failed = numFailedTests + numRuntimeErrorTestSuites + numPendingTests;
  return atLeastOneFailure({ passed: numPassedTests, failed }, exitCode);
}

/**
 * Counts from the output of a harness: its last line `N passed, N failed`, and before it a line `not run: name: reason;
 * remedy` for each part that the machine could not run. A harness without that last line failed, whatever its exit code.
 */
export function countHarnessOutput(lines: readonly string[], exitCode: number): CheckOutcome {
  const last = lines.findLast((line) => line.trim() !== '') ?? '';
  const [, passed, failed] = last.match(/^(\d+) passed, (\d+) failed$/) ?? [];
  if (passed === undefined || failed === undefined) return { passed: 0, failed: 1 };
  const notRun = lines.flatMap((line) => parseNotRun(line) ?? []);
  const counts = { passed: Number(passed), failed: Number(failed), notRun };
  const isUnexplained = notRun.length === 0 && counts.passed === 0;
  return atLeastOneFailure(counts, isUnexplained ? 1 : exitCode);
}

function parseNotRun(line: string): NotRun | undefined {
  const [, name, reason, remedy] = line.match(/^\s*not run: ([^:]+): (.+); (.+)$/) ?? [];
  if (name === undefined || reason === undefined || remedy === undefined) return undefined;
  return { name, reason, remedy };
}

/** A program that ended with an error failed, even where its report knows of no failed test. */
function atLeastOneFailure(outcome: CheckOutcome, exitCode: number): CheckOutcome {
  return exitCode !== 0 && outcome.failed === 0 ? { ...outcome, failed: 1 } : outcome;
}

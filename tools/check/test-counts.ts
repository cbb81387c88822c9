import type { CheckOutcome } from './check.ts';

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

/** What is read of the file that e2e/run.ts writes with `--report`. */
interface HarnessReport {
  readonly passed: number;
  readonly failures: readonly unknown[];
  readonly notRun: readonly { readonly what: string; readonly reason: string; readonly remedy: string }[];
}

/**
 * Counts from the report of e2e/run.ts. In CI the harness ends with an error when parts could not be run; these are counted
 * as that and not as failures.
 */
export function countHarnessReport(report: string, exitCode: number): CheckOutcome {
  const { passed, failures, notRun } = JSON.parse(report) as HarnessReport;
  const outcome: CheckOutcome = {
    passed,
    failed: failures.length,
    notRun: notRun.map(({ what, reason, remedy }) => ({ name: what, reason, remedy })),
  };
  if (notRun.length > 0) return outcome;
  return atLeastOneFailure(outcome, passed === 0 ? 1 : exitCode);
}

/** What is read of the line that a proof prints. */
interface ProofLine {
  readonly points: number;
  readonly failures: number;
}

/** Counts from the one JSON line of the proof with that name; a proof that prints none, or has no points, proves nothing. */
export function countProof(name: string, lines: readonly string[], exitCode: number): CheckOutcome {
  const line = lines.find((one) => one.startsWith(`{"proof":${JSON.stringify(name)},`));
  if (line === undefined) return { passed: 0, failed: 1 };
  const { points, failures } = JSON.parse(line) as ProofLine;
  return atLeastOneFailure({ passed: Math.max(0, points - failures), failed: failures }, points === 0 ? 1 : exitCode);
}

/** A program that ended with an error failed, even where its report knows of no failed test. */
export function atLeastOneFailure(outcome: CheckOutcome, exitCode: number): CheckOutcome {
  return exitCode !== 0 && outcome.failed === 0 ? { ...outcome, failed: 1 } : outcome;
}

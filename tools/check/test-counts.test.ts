import { describe, expect, it } from '@jest/globals';
import { countHarnessOutput, countJestReport } from './test-counts.ts';

describe('countJestReport', () => {
  const report = (failed: number, broken = 0, pending = 0): string =>
    JSON.stringify({
      numPassedTests: 5,
      numFailedTests: failed,
      numRuntimeErrorTestSuites: broken,
      numPendingTests: pending,
    });

  it.each([
    ['all passed', report(0), 0, { passed: 5, failed: 0 }],
    ['some failed', report(2), 1, { passed: 5, failed: 2 }],
    ['a file that cannot be loaded', report(0, 1), 1, { passed: 5, failed: 1 }],
    ['a skipped test', report(0, 0, 1), 0, { passed: 5, failed: 1 }],
    ['an error after the last test', report(0), 1, { passed: 5, failed: 1 }],
  ])('counts when %s', (_what, text, exitCode, expected) => {
    expect(countJestReport(text, exitCode)).toEqual(expected);
  });

  it('does not take half a report for a result', () => {
    expect(() => countJestReport('{"numPassedTests": 5', 0)).toThrow(SyntaxError);
  });
});

describe('countHarnessOutput', () => {
  it('counts by the last line', () => {
    const lines = ['1 passed, 0 failed', 'more', '7 passed, 2 failed', ''];
    expect(countHarnessOutput(lines, 1)).toEqual({ passed: 7, failed: 2, notRun: [] });
  });

  it('reports what could not be run', () => {
    const lines = ['not run: semantics on 1.36: there is no Go toolchain; install Go ≥ 1.26', '3 passed, 0 failed'];
    const notRun = [{ name: 'semantics on 1.36', reason: 'there is no Go toolchain', remedy: 'install Go ≥ 1.26' }];
    expect(countHarnessOutput(lines, 0)).toEqual({ passed: 3, failed: 0, notRun });
  });

  it.each([
    ['it ended without the line', ['3 passed, 0 failed', 'Error: boom'], 0, { passed: 0, failed: 1 }],
    ['it printed nothing', [], 0, { passed: 0, failed: 1 }],
    ['it failed after the line', ['3 passed, 0 failed'], 1, { passed: 3, failed: 1, notRun: [] }],
    ['it ran nothing and does not say why', ['0 passed, 0 failed'], 0, { passed: 0, failed: 1, notRun: [] }],
  ])('fails when %s', (_what, lines, exitCode, expected) => {
    expect(countHarnessOutput(lines, exitCode)).toEqual(expected);
  });
});

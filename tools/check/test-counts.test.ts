import { describe, expect, it } from '@jest/globals';
import { countHarnessReport, countJestReport, countProof } from './test-counts.ts';

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

describe('countProof', () => {
  const line = (points: number, failures: number): string => JSON.stringify({ proof: 'sweep', points, failures });

  it.each([
    ['all points hold', ['seed 1', line(7, 0)], 0, { passed: 7, failed: 0 }],
    ['some fail', [line(7, 2)], 1, { passed: 5, failed: 2 }],
    ['nothing was tried', [line(0, 0)], 0, { passed: 0, failed: 1 }],
    ['the program failed after it', [line(7, 0)], 1, { passed: 7, failed: 1 }],
    [
      'it is the line of another proof',
      ['{"proof":"sweep-late","points":7,"failures":0}'],
      0,
      { passed: 0, failed: 1 },
    ],
  ])('counts when %s', (_what, lines, exitCode, expected) => {
    expect(countProof('sweep', lines, exitCode)).toEqual(expected);
  });
});

describe('countHarnessReport', () => {
  const missing = { what: 'semantics on 1.36', reason: 'there is no Go toolchain', remedy: 'install Go ≥ 1.26' };
  const report = (passed: number, failures: number, notRun: readonly object[] = []): string =>
    JSON.stringify({ passed, failures: Array.from({ length: failures }, () => ({ test: 'a', message: 'b' })), notRun });

  it.each([
    ['all passed', report(3, 0), 0, { passed: 3, failed: 0 }],
    ['some failed', report(7, 2), 1, { passed: 7, failed: 2 }],
    ['it ended with an error and names no failure', report(3, 0), 1, { passed: 3, failed: 1 }],
    ['it ran nothing and does not say why', report(0, 0), 0, { passed: 0, failed: 1 }],
  ])('counts when %s', (_what, text, exitCode, expected) => {
    expect(countHarnessReport(text, exitCode)).toEqual({ ...expected, notRun: [] });
  });

  it.each([0, 1])('counts what could not be run apart from what failed, exit code %d', (exitCode) => {
    const notRun = [{ name: 'semantics on 1.36', reason: 'there is no Go toolchain', remedy: 'install Go ≥ 1.26' }];
    expect(countHarnessReport(report(3, 0, [missing]), exitCode)).toEqual({ passed: 3, failed: 0, notRun });
    expect(countHarnessReport(report(0, 0, [missing]), exitCode)).toEqual({ passed: 0, failed: 0, notRun });
  });
});

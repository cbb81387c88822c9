import { ConformanceFailure } from './conformance-failure.ts';
import type { ConformanceReport } from './report.ts';
import { type ConformanceOptions, prepareConformance } from './run-conformance.ts';
import type { ConformanceSubject } from './subject.ts';

/** What a test runner gives: `it` of jest and vitest, `test` of node:test. */
export interface TestRunner {
  readonly it: (title: string, body: () => Promise<void>) => unknown;
  /** Called once at the end. @default nobody hears of the report */
  readonly afterAll?: (body: () => Promise<void> | void) => unknown;
}

/**
 * Registers every case of the suite with a test runner, as a test of its own that fails with what the case found. Returns
 * the report as far as it has come.
 */
export function registerConformance(
  subject: ConformanceSubject,
  runner: TestRunner & { readonly onReport?: (report: ConformanceReport) => Promise<void> | void },
  options: ConformanceOptions = {},
): () => ConformanceReport {
  const run = prepareConformance(subject, options);
  for (const one of run.cases) {
    runner.it(one.title, async () => {
      const { outcome } = await one.run();
      if (outcome.kind === 'failed') throw new ConformanceFailure(outcome.message);
    });
  }
  const { onReport } = runner;
  if (onReport) runner.afterAll?.(() => onReport(run.report()));
  return () => run.report();
}

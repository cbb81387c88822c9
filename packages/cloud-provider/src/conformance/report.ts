import type { Claim } from './claim.ts';

/**
 * - `notClaimed`: the provider does not claim what the case demands.
 * - `notOffered`: the world can't do what the case needs, so that nothing is known.
 */
export type CaseOutcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'notClaimed'; readonly claims: readonly Claim[] }
  | { readonly kind: 'notOffered'; readonly message: string };

export interface CaseReport {
  /** Unique in the report. */
  readonly title: string;
  readonly group: string;
  readonly outcome: CaseOutcome;
  /** Of real time. */
  readonly seconds: number;
}

/** What a run of the suite found. Prints as JSON. */
export interface ConformanceReport {
  readonly subject: string;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly cases: readonly CaseReport[];
  /** What holds and is not declared, for example `network: udp`. Not a failure: whoever declares it gets more demanded of it. */
  readonly undeclared: readonly string[];
}

/** The cases that failed. A provider conforms when there are none. */
export function failuresOf(report: ConformanceReport): readonly string[] {
  return report.cases.flatMap(({ title, outcome }) =>
    outcome.kind === 'failed' ? [`${title}: ${outcome.message}`] : [],
  );
}

/** How many cases came out how, in one line of JSON for logs. */
export function summaryOf(report: ConformanceReport): string {
  const counts = { passed: 0, failed: 0, notClaimed: 0, notOffered: 0 };
  for (const { outcome } of report.cases) counts[outcome.kind]++;
  const { subject, undeclared } = report;
  return JSON.stringify({ proof: 'conformance', subject, points: report.cases.length, ...counts, undeclared });
}

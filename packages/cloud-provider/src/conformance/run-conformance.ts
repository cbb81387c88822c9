import { type Clock, systemClock } from '../base/clock.ts';
import { type Claim, claimsOf } from './claim.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { ConformanceFailure, NotOffered, demand } from './conformance-failure.ts';
import { listCases } from './list-cases.ts';
import { judgePermissions, permissionTitle } from './permission-use.ts';
import type { CaseOutcome, CaseReport, ConformanceReport } from './report.ts';
import { Stage } from './stage.ts';
import type { ConformanceSubject, KindSubject } from './subject.ts';

export interface ConformanceOptions {
  /** Runs only cases whose title holds this text, and says nothing of permissions that nobody used. @default all */
  readonly only?: string;
  /** Gets each case's report as soon as it is there. */
  readonly onCase?: (report: CaseReport) => void;
  /** Gets the log of the managers of all cases. @default nobody */
  readonly log?: (line: string) => void;
  /** For the times of the report. @default the system's */
  readonly clock?: Clock;
}

/** A run whose cases somebody else calls one by one: a test runner. */
export interface ConformanceRun {
  /** In order. The last one judges what all of them used. */
  readonly cases: readonly { readonly title: string; run(): Promise<CaseReport> }[];
  /** What was found so far. */
  report(): ConformanceReport;
}

/** Runs the whole suite. Never rejects for what a provider does. */
export async function runConformance(
  subject: ConformanceSubject,
  options: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const run = prepareConformance(subject, options);
  for (const one of run.cases) await one.run();
  return run.report();
}

/** The suite as cases to be called; each has a world of its own, and none depends on another but the last. */
export function prepareConformance(subject: ConformanceSubject, options: ConformanceOptions = {}): ConformanceRun {
  const { clock = systemClock, onCase, only } = options;
  const startedAt = clock.now();
  const reports = new Map<string, CaseReport>();
  const undeclared = new Set<string>();
  const used = new Set<string>();
  const timed = async (title: string, group: string, judge: () => Promise<CaseOutcome>): Promise<CaseReport> => {
    const begin = clock.monotonic();
    const outcome = await judge();
    const report = { title, group, outcome, seconds: (clock.monotonic() - begin) / 1000 };
    reports.set(title, report);
    onCase?.(report);
    return report;
  };
  const cases = listCases(subject)
    .filter(({ title }) => only === undefined || title.includes(only))
    .map((one) => ({
      title: one.title,
      run: () => timed(one.title, one.group, () => judgeCase(subject, one, { used, undeclared, log: options.log })),
    }));
  const last = {
    title: permissionTitle,
    run: () => timed(permissionTitle, 'permissions', async () => judgePermissions(subject, used)),
  };
  return {
    cases: only === undefined ? [...cases, last] : cases,
    report: () => ({
      subject: subject.name,
      startedAt,
      finishedAt: clock.now(),
      cases: [...reports.values()],
      undeclared: [...undeclared],
    }),
  };
}

interface Findings {
  /** Operations that were sent. */
  readonly used: Set<string>;
  readonly undeclared: Set<string>;
  readonly log: ((line: string) => void) | undefined;
}

async function judgeCase(subject: ConformanceSubject, one: ConformanceCase, findings: Findings): Promise<CaseOutcome> {
  const kind = one.kind ?? noKind;
  const claims = declaredClaims(subject, one);
  const missing = one.claims.filter((claim) => !claims.has(claim));
  const outcome =
    missing.length === 0 || isProbe(one, missing) ? await play(subject, one, { kind, findings }) : undefined;
  if (missing.length === 0 && outcome) return outcome;
  if (outcome?.kind === 'passed') findings.undeclared.add([one.kind?.name, ...missing].filter(Boolean).join(': '));
  return { kind: 'notClaimed', claims: missing };
}

/** Whether the case would show that what is missing holds all the same. */
function isProbe(one: ConformanceCase, missing: readonly Claim[]): boolean {
  return one.shows !== undefined && missing.every((claim) => claim === one.shows);
}

/** A kind need not have what another one of the provider has. */
function declaredClaims(subject: ConformanceSubject, one: ConformanceCase): ReadonlySet<Claim> {
  const { instances, routes, volumes = false } = subject.capabilities;
  return claimsOf({ instances, routes, volumes, loadBalancers: one.kind?.capabilities ?? [] });
}

async function play(
  subject: ConformanceSubject,
  one: ConformanceCase,
  context: { readonly kind: KindSubject; readonly findings: Findings },
): Promise<CaseOutcome> {
  const { findings, kind } = context;
  try {
    await using stage = await Stage.open(subject, { ...one.stage, ...(findings.log && { log: findings.log }) });
    try {
      await one.run(stage, kind);
    } finally {
      for (const { tap } of stage.clusters) for (const { operation } of tap.calls) findings.used.add(operation);
    }
    demand(...stage.clusters.flatMap(({ watch }) => watch.breaches));
    return { kind: 'passed' };
  } catch (error) {
    if (error instanceof NotOffered) return { kind: 'notOffered', message: error.message };
    if (error instanceof ConformanceFailure) return { kind: 'failed', message: error.message };
    return { kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

const noKind: KindSubject = { name: '', annotations: {}, capabilities: [] };

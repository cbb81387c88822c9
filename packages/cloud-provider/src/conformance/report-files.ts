import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CaseReport, type ConformanceReport, failuresOf } from './report.ts';

/** What is known of the run from outside. */
export interface ReportContext {
  /** For people who look at the grid, for example `{ version: '1.36.2', kubernetes: '1.36' }`. @default none */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The commit that was tested; the grid sorts columns by it. @default unknown */
  readonly commit?: string;
}

/**
 * Writes a run as Prow leaves its jobs and TestGrid reads them: `started.json`, `finished.json` and
 * `artifacts/junit_conformance.xml`. Source: test-infra's metadata/job.go and testgrid's metadata/junit.go.
 *
 * @param folder is made when it is not there
 */
export async function writeConformanceFiles(
  report: ConformanceReport,
  folder: string,
  context: ReportContext = {},
): Promise<void> {
  const artifacts = join(folder, 'artifacts');
  await mkdir(artifacts, { recursive: true });
  await writeFile(join(folder, 'started.json'), startedOf(report, context));
  await writeFile(join(folder, 'finished.json'), finishedOf(report, context));
  await writeFile(join(artifacts, 'junit_conformance.xml'), junitOf(report));
}

function startedOf(report: ConformanceReport, { commit }: ReportContext): string {
  const timestamp = inSeconds(report.startedAt);
  return `${JSON.stringify({ timestamp, ...(commit !== undefined && { 'repo-commit': commit }) })}\n`;
}

function finishedOf(report: ConformanceReport, { commit, metadata }: ReportContext): string {
  const passed = failuresOf(report).length === 0;
  const finished = {
    timestamp: inSeconds(report.finishedAt),
    passed,
    result: passed ? 'SUCCESS' : 'FAILURE',
    ...(commit !== undefined && { revision: commit }),
    metadata: { subject: report.subject, undeclared: report.undeclared.join(', '), ...metadata },
  };
  return `${JSON.stringify(finished)}\n`;
}

/** The report as JUnit's XML, the way that TestGrid makes a row of each case. */
export function junitOf(report: ConformanceReport): string {
  const { cases, finishedAt, startedAt, subject } = report;
  const skipped = cases.filter(({ outcome }) => outcome.kind === 'notClaimed' || outcome.kind === 'notOffered').length;
  const suite = attributes({
    name: subject,
    tests: cases.length,
    failures: failuresOf(report).length,
    errors: 0,
    skipped,
    time: (finishedAt.getTime() - startedAt.getTime()) / 1000,
    timestamp: startedAt.toISOString().slice(0, 19),
  });
  const lines = cases.map((one) => junitCase(subject, one));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n<testsuite${suite}>\n${lines.join('')}</testsuite>\n</testsuites>\n`;
}

function junitCase(subject: string, { outcome, seconds, title }: CaseReport): string {
  const start = `<testcase${attributes({ classname: subject, name: title, time: seconds })}`;
  switch (outcome.kind) {
    case 'passed':
      return `${start}/>\n`;
    case 'failed':
      return `${start}><failure${attributes({ message: outcome.message })}>${escape(outcome.message)}</failure></testcase>\n`;
    case 'notClaimed':
      return `${start}><skipped${attributes({ message: `not claimed: ${outcome.claims.join(', ')}` })}/></testcase>\n`;
    case 'notOffered':
      return `${start}><skipped${attributes({ message: outcome.message })}/></testcase>\n`;
  }
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escape(String(value))}"`)
    .join('');
}

/** What XML 1.0 can't hold at all is left out: an error's text may be anything. */
function escape(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function inSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

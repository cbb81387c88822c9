import type { CallBudget, OperationCounts } from './measure-call-budget.ts';

/** One row of a published table. */
interface PublishedRow {
  readonly situation: string;
  readonly calls: string;
}

/** `5: CreateThing 1, DescribeThings 4`, or `0`. */
export function printCalls(counts: OperationCounts): string {
  const sorted = [...counts].toSorted(([left], [right]) => (left < right ? -1 : 1));
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return '0';
  return `${total}: ${sorted.map(([operation, count]) => `${operation} ${count}`).join(', ')}`;
}

/**
 * Compares what was measured with the table that a provider publishes: a Markdown table whose first two columns are the
 * situation and its calls, as {@link printCalls} prints them. More calls and fewer calls both differ, and so do rows that are
 * missing or too many.
 *
 * @returns one line for each difference, with the row as it has to be
 */
export function compareWithTable(measured: CallBudget, markdown: string): readonly string[] {
  const published = new Map(readRows(markdown).map(({ calls, situation }) => [situation, calls]));
  const differences: string[] = [];
  for (const [situation, counts] of measured) {
    const [wanted, stated] = [printCalls(counts), published.get(situation)];
    published.delete(situation);
    if (stated === undefined) differences.push(`there is no row | ${situation} | ${wanted} |`);
    else if (stated !== wanted) differences.push(`| ${situation} | ${wanted} | is what it takes, not ${stated}`);
  }
  for (const situation of published.keys()) differences.push(`nothing measures the row | ${situation} |`);
  return differences;
}

/** The same table with the calls as they were measured, everything else untouched; rows that are missing come last. */
export function withMeasuredCalls(measured: CallBudget, markdown: string): string {
  const left = new Map(measured);
  const lines = markdown.split('\n').map((line) => {
    const row = readRow(line);
    const counts = row && left.get(row.situation);
    if (!counts) return line;
    left.delete(row.situation);
    return line.replace(`| ${row.calls} |`, `| ${printCalls(counts)} |`);
  });
  const more = [...left].map(([situation, counts]) => `| ${situation} | ${printCalls(counts)} | | |`);
  const last = lines.findLastIndex((line) => line.startsWith('|'));
  return [...lines.slice(0, last + 1), ...more, ...lines.slice(last + 1)].join('\n');
}

function readRows(markdown: string): readonly PublishedRow[] {
  return markdown.split('\n').flatMap((line) => readRow(line) ?? []);
}

function readRow(line: string): PublishedRow | undefined {
  const [before, situation, calls, ...rest] = line.split('|').map((cell) => cell.trim());
  if (before !== '' || situation === undefined || calls === undefined || rest.length === 0) return undefined;
  // The head of the table and the line below it.
  return situation === 'situation' || /^-+$/.test(situation) ? undefined : { situation, calls };
}

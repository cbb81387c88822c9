import { readFile, writeFile } from 'node:fs/promises';
import type { ConformanceSubject } from '../subject.ts';
import { withMeasuredCalls } from './call-budget-table.ts';
import { measureCallBudget } from './measure-call-budget.ts';

/** Measures, and writes the calls into the provider's table; targets and reasons stay as people wrote them. */
export async function writeCallBudget(subject: ConformanceSubject, table: URL): Promise<void> {
  const markdown = await readFile(table, 'utf8');
  await writeFile(table, withMeasuredCalls(await measureCallBudget(subject), markdown));
}

import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { memorySubject } from '../memory-subject.ts';
import { compareWithTable } from './call-budget-table.ts';
import { measureCallBudget } from './measure-call-budget.ts';

it('the memory cloud takes exactly the calls that its table states', async () => {
  const table = await readFile(new URL('../../../docs/call-budget.md', import.meta.url), 'utf8');
  const measured = await measureCallBudget(memorySubject);
  process.stdout.write(`${JSON.stringify({ proof: 'call-budget', subject: 'memory-cloud', points: measured.size })}\n`);
  expect(compareWithTable(measured, table)).toEqual([]);
}, 1_200_000);

import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { compareWithTable, measureCallBudget } from '@ccm-ts/cloud-provider/conformance';
import { awsSubject } from './test-subject.ts';

it('AWS takes exactly the calls that its table states', async () => {
  const table = await readFile(new URL('../../docs/call-budget.md', import.meta.url), 'utf8');
  const measured = await measureCallBudget(awsSubject);
  process.stdout.write(
    `${JSON.stringify({ proof: 'call-budget', subject: awsSubject.name, points: measured.size })}\n`,
  );
  expect(compareWithTable(measured, table)).toEqual([]);
}, 600_000);

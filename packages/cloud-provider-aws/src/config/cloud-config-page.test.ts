import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { globalKeys } from './global-section.ts';

it('has every key on its page, and no other', async () => {
  const page = await readFile(new URL('../../docs/cloud-config.md', import.meta.url), 'utf8');
  const [, section = ''] = /^## `\[Global\]`\n([^]*?)^## /m.exec(page) ?? [];
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  const named = rows.flatMap((row) => (row.split('|')[1] ?? '').match(/[A-Za-z]+/g) ?? []);
  expect(named.toSorted()).toEqual([...globalKeys].toSorted());
});

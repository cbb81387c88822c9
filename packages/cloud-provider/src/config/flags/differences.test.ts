import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Flag } from './flag.ts';
import { managerFlags } from './manager-flags.ts';

const read = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8');
const recorded = JSON.parse(read('testdata/go-flags.json')) as { readonly flags: readonly (readonly [string])[] };
/** Go hides these two, so that they are not among those that it prints. */
const ofGo = new Set([...recorded.flags.map(([name]) => name), 'node-sync-period', 'allow-untagged-cloud']);
const table: Readonly<Record<string, Flag>> = managerFlags;
/** The flags that rows of the table of differences name as the place where they show. */
const told = new Set(
  [...read('../../../docs/differences.md').matchAll(/^\| [a-z0-9-]+ \|([^|]*)\|/gm)].flatMap(([, path = '']) =>
    [...path.matchAll(/`--([a-z0-9-]+)[`=]/g)].map(([, flag = '']) => flag),
  ),
);

describe('the table of differences', () => {
  it('tells of every flag that Go does not have, and of every one that is without effect here', () => {
    const different = Object.entries(table).filter(
      ([name, { withoutEffect }]) => !ofGo.has(name) || (withoutEffect !== undefined && name !== 'node-sync-period'),
    );
    expect(different.map(([name]) => name).filter((name) => !told.has(name))).toEqual([]);
  });

  it('tells of no flag that is not there', () => {
    expect([...told].filter((name) => table[name] === undefined)).toEqual([]);
  });
});

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Breach } from './breach.ts';

/** One difference from the Go manager, as `docs/differences.md` of a package tells it. */
export interface Difference {
  readonly line: number;
  readonly case: string;
  /** Where it shows. */
  readonly path: string;
  readonly go: string;
  readonly ours: string;
  /** The file that makes it so, relative to the package. */
  readonly reference: string;
}

const header = ['case', 'path', 'Go', 'ours', 'reference'];
const document = 'docs/differences.md';

/** Judges the table of every package: well-formed, each case once, each reference there. */
export async function findDifferenceBreaches(root: string): Promise<Breach[]> {
  const breaches: Breach[] = [];
  for (const name of (await readdir(join(root, 'packages'))).sort()) {
    const folder = `packages/${name}`;
    if (!existsSync(join(root, folder, document))) continue;
    const path = `${folder}/${document}`;
    const { rows, faults } = parseDifferences(await readFile(join(root, path), 'utf8'));
    breaches.push(...faults.map((fault) => ({ path, ...fault })));
    breaches.push(...judgeRows(rows, join(root, folder)).map((fault) => ({ path, ...fault })));
  }
  return breaches;
}

/** Reads the table out of the page. */
export function parseDifferences(text: string): {
  readonly rows: readonly Difference[];
  readonly faults: readonly Omit<Breach, 'path'>[];
} {
  const lines = text.split('\n').map((content, index) => ({ line: index + 1, content }));
  const table = lines.filter(({ content }) => content.startsWith('|'));
  const [head, , ...body] = table;
  if (!head || cellsOf(head.content).join() !== header.join()) {
    return { rows: [], faults: [{ message: `the table must have the columns ${header.join(', ')}` }] };
  }
  const rows: Difference[] = [];
  const faults: Omit<Breach, 'path'>[] = [];
  for (const { line, content } of body) {
    const [name = '', path = '', go = '', ours = '', reference = '', ...rest] = cellsOf(content);
    if (rest.length > 0 || [name, path, go, ours, reference].includes('')) {
      faults.push({ line, message: `a row has ${header.length} cells, none of them empty` });
    } else {
      rows.push({ line, case: name, path, go, ours, reference });
    }
  }
  if (rows.length === 0 && faults.length === 0) faults.push({ message: 'the table has no rows' });
  return { rows, faults };
}

function cellsOf(row: string): string[] {
  return row
    .replace(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}

function judgeRows(rows: readonly Difference[], folder: string): Omit<Breach, 'path'>[] {
  const seen = new Set<string>();
  return rows.flatMap((row) => {
    const { line, reference } = row;
    const found: Omit<Breach, 'path'>[] = [];
    if (seen.has(row.case)) found.push({ line, message: `the case ${row.case} stands here twice` });
    seen.add(row.case);
    if (!existsSync(join(folder, reference))) {
      found.push({ line, message: `${reference} is not there: name the file that makes the difference` });
    }
    return found;
  });
}

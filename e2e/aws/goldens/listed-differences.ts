import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Difference } from './compare.ts';

/** One row of `docs/differences.md` that is about cases. */
export interface ListedDifference {
  readonly line: number;
  /** Names of cases, or `*` for all. */
  readonly cases: readonly string[];
  readonly patterns: readonly RegExp[];
  readonly texts: readonly string[];
}

const page = join(import.meta.dirname, '../../../packages/cloud-provider-aws/docs/differences.md');

/**
 * Reads the rows whose second cell holds patterns: code with `/state/`, `/events/` or `/event-messages/` in it, where `*` stands
 * for anything.
 */
export async function readListedDifferences(): Promise<readonly ListedDifference[]> {
  const lines = (await readFile(page, 'utf8')).split('\n');
  return lines.flatMap((content, index) => {
    if (!content.startsWith('|')) return [];
    const [, cases = '', path = ''] = content.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const texts = [...path.matchAll(/`([^`]+)`/g)]
      .map(([, text = '']) => text)
      .filter((text) => /\/(state|events|event-messages)\//.test(text));
    if (texts.length === 0) return [];
    const names = cases.split(',').map((name) => name.trim());
    return [{ line: index + 1, cases: names, patterns: texts.map(globPattern), texts }];
  });
}

/** Judges the differences of the cases that ran: what is not listed, and what is listed and does not happen. */
export function judgeDifferences(
  found: ReadonlyMap<string, readonly Difference[]>,
  rows: readonly ListedDifference[],
): { readonly unlisted: ReadonlyMap<string, readonly Difference[]>; readonly stale: readonly string[] } {
  const unlisted = new Map(
    [...found].map(([name, differences]) => [
      name,
      differences.filter(({ path }) => !rows.some((row) => covers(row, name) && matches(row, path))),
    ]),
  );
  const stale = rows.flatMap((row) => {
    const ran = [...found].filter(([name]) => covers(row, name));
    const isComplete = row.cases.every((name) => name === '*' || found.has(name));
    if (ran.length === 0) return [];
    const idle = row.cases.filter(
      (name) => found.has(name) && !(found.get(name) ?? []).some(({ path }) => matches(row, path)),
    );
    const unused = row.texts.filter((_, index) => {
      const paths = ran.flatMap(([, differences]) => differences.map(({ path }) => path));
      return isComplete && !paths.some((path) => row.patterns[index]?.test(path));
    });
    return [
      ...idle.map((name) => `docs/differences.md:${row.line}: ${name} does not differ there any more`),
      ...unused.map((text) => `docs/differences.md:${row.line}: nothing matches ${text}`),
    ];
  });
  return { unlisted, stale };
}

function covers(row: ListedDifference, name: string): boolean {
  return row.cases.includes(name) || row.cases.includes('*');
}

function matches(row: ListedDifference, path: string): boolean {
  return row.patterns.some((pattern) => pattern.test(path));
}

function globPattern(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

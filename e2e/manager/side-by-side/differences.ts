/** One row of the table of differences. */
export interface Row {
  /** Names of cases; `*` stands for any characters. */
  readonly cases: readonly string[];
  readonly go: string;
  readonly ours: string;
}

/** How both managers answered one case. */
export interface Comparison {
  readonly name: string;
  readonly go: string;
  readonly ours: string;
}

const columns = 'case | Go | ours | reason';

/** Reads the table out of the page. Cells are code, so that they are taken as they are written. */
export function parseTable(page: string): readonly Row[] {
  const lines = page.split('\n').filter((line) => line.startsWith('| '));
  if (lines[0] !== `| ${columns} |`) throw new Error(`the table must have the columns ${columns}`);
  return lines.slice(1).map((line) => {
    const cells = line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|'));
    const [cases = '', go = '', ours = '', reason = ''] = cells;
    const names = [...cases.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    if (cells.length !== 4 || names.length === 0 || reason === '') throw new Error(`not a row of the table: ${line}`);
    return { cases: names, go: unquoted(go), ours: unquoted(ours) };
  });
}

/** What the table and the comparisons do not agree about: differences that are not listed, and rows that are stale. */
export function judge(comparisons: readonly Comparison[], rows: readonly Row[]): readonly string[] {
  const used = new Set<string>();
  const faults: string[] = [];
  for (const { name, go, ours } of comparisons) {
    if (go === ours) continue;
    const row = rows.find((each) => covers(each, { name, go, ours }, used));
    if (!row) faults.push(`not listed: | \`${name}\` | \`${go}\` | \`${ours}\` |`);
  }
  for (const row of rows) {
    for (const name of row.cases) {
      if (!used.has(keyOf(row, name))) faults.push(`stale: \`${name}\` does not differ in this way (any more)`);
    }
  }
  return faults;
}

function covers(row: Row, comparison: Comparison, used: Set<string>): boolean {
  if (!matches(row.go, comparison.go) || !matches(row.ours, comparison.ours)) return false;
  const name = row.cases.find((each) => matches(each, comparison.name));
  if (name === undefined) return false;
  used.add(keyOf(row, name));
  return true;
}

function keyOf(row: Row, name: string): string {
  return JSON.stringify([name, row.go, row.ours]);
}

function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .split('*')
    .map((part) => part.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`, 's').test(text);
}

function unquoted(cell: string): string {
  return /^`(.*)`$/.exec(cell)?.[1] ?? cell;
}

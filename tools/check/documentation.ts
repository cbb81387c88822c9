import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Breach } from './breach.ts';
import { findDeadLinks } from './page-links.ts';

/** Who runs the blocks of the pages, or why nobody does. */
const table = 'e2e/docs/blocks.json';
const neverOurs = new Set(['node_modules', 'dist', 'bundle', 'coverage', 'testdata', '.git', '.nx']);
/** The languages of what readers type or apply. */
const languages: ReadonlySet<string> = new Set(['sh', 'bash', 'console', 'yaml', 'yml', 'json', 'ini', 'ts']);
/** What would be a command although its block says no language. */
const command = /^\s*(?:\$ )?(?:kubectl|helm|npm|npx|node|ccm|curl|docker)\s/m;

/** A block of a page that somebody types, applies or copies. */
interface Block {
  readonly page: string;
  /** Of the fence, from 1. */
  readonly line: number;
  readonly text: string;
}

/** One line of the table. `begins` is how the block begins; `*` stands for every block of the page. */
interface Entry {
  readonly page: string;
  readonly begins: string;
  /** `commands` and `configuration` are run by the suite `docs`. */
  readonly run?: string;
  /** A file of this repository that runs it, and what must stand in there as long as it does. */
  readonly testedBy?: string;
  readonly holds?: string;
  /** Why it can't be run. */
  readonly notRun?: string;
}

/**
 * Every block of every page is run by a test, or listed with the reason why not; no entry is left over, and no link leads to
 * nothing.
 */
export async function findDocumentationBreaches(root: string): Promise<Breach[]> {
  const entries = JSON.parse(await readFile(join(root, table), 'utf8')) as readonly Entry[];
  const pages = await listPages(root);
  const blocks = (await Promise.all(pages.map((page) => readBlocks(root, page)))).flat();
  const breaches = (await Promise.all(pages.map((page) => findDeadLinks(root, page)))).flat();
  for (const { line, page, text } of blocks) {
    if (entries.some((entry) => isAbout(entry, { page, text }))) continue;
    const first = text.split('\n', 1)[0] ?? '';
    breaches.push({
      path: page,
      line,
      message: `nobody runs this block: say in ${table} who does, or why not: ${first}`,
    });
  }
  for (const entry of entries) {
    const message = await judgeEntry(root, entry, blocks);
    if (message !== undefined) breaches.push({ path: table, message: `${entry.page}, ${entry.begins}: ${message}` });
  }
  return breaches;
}

function isAbout({ begins, page }: Entry, block: Pick<Block, 'page' | 'text'>): boolean {
  return page === block.page && (begins === '*' || block.text.startsWith(begins));
}

async function judgeEntry(root: string, entry: Entry, blocks: readonly Block[]): Promise<string | undefined> {
  const { holds, notRun, run, testedBy } = entry;
  if (!blocks.some((block) => isAbout(entry, block))) return 'there is no such block any more';
  if ([run, testedBy, notRun].filter((proof) => proof !== undefined).length !== 1) {
    return 'say one of run, testedBy and notRun';
  }
  if (run !== undefined && run !== 'commands' && run !== 'configuration') return `the suite can't run ${run}`;
  if (testedBy === undefined) return undefined;
  const file = join(root, testedBy);
  if (!existsSync(file)) return `${testedBy} is not there`;
  if (holds === undefined || !(await readFile(file, 'utf8')).includes(holds))
    return `${testedBy} does not hold ${holds}`;
  return undefined;
}

async function listPages(root: string): Promise<readonly string[]> {
  const pages: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !neverOurs.has(entry.name)) await walk(path);
      if (entry.isFile() && entry.name.endsWith('.md')) pages.push(path);
    }
  };
  await walk('');
  return pages.sort();
}

async function readBlocks(root: string, page: string): Promise<readonly Block[]> {
  const blocks: Block[] = [];
  let open:
    | { readonly fence: string; readonly line: number; readonly language: string; readonly lines: string[] }
    | undefined;
  for (const [index, content] of (await readFile(join(root, page), 'utf8')).split('\n').entries()) {
    const [, fence, info = ''] = /^\s*(`{3,}|~{3,})\s*(.*)$/.exec(content) ?? [];
    if (open === undefined) {
      if (fence !== undefined) open = { fence, line: index + 1, language: info.split(/\s/, 1)[0] ?? '', lines: [] };
    } else if (fence?.startsWith(open.fence) && info === '') {
      const text = open.lines.join('\n').trim();
      const isCode = open.language === '' ? command.test(text) : languages.has(open.language);
      if (isCode) blocks.push({ page, line: open.line, text });
      open = undefined;
    } else open.lines.push(content);
  }
  return blocks;
}

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** One line of blocks.json, as far as the suite goes by it; tools/check judges the rest. */
interface Entry {
  readonly page: string;
  /** How the block begins. */
  readonly begins: string;
  readonly run?: 'commands' | 'configuration';
  /** What is typed instead of words that would take too long. @default nothing */
  readonly instead?: Readonly<Record<string, string>>;
}

/** A block that the suite runs. */
export interface RunnableBlock {
  readonly page: string;
  readonly kind: 'commands' | 'configuration';
  readonly text: string;
}

/** In the order of the table. @throws Error when a page does not have a block any more */
export async function readRunnableBlocks(): Promise<readonly RunnableBlock[]> {
  const entries = JSON.parse(await readFile(join(import.meta.dirname, 'blocks.json'), 'utf8')) as readonly Entry[];
  const blocks: RunnableBlock[] = [];
  for (const { begins, instead = {}, page, run } of entries) {
    if (run === undefined) continue;
    const text = await readFile(join(root, page), 'utf8');
    const found = [...text.matchAll(/^```[a-z]+\n([^`]*)^```$/gm)].map(([, block = '']) => block.trim());
    const block = found.find((one) => one.startsWith(begins));
    if (block === undefined) throw new Error(`${page} has no block that begins with ${begins}`);
    const typed = Object.entries(instead).reduce((all, [from, to]) => all.replaceAll(from, to), block);
    blocks.push({ page, kind: run, text: typed });
  }
  return blocks;
}

/** The commands of a block, each with its continued lines. */
export function commandsIn(text: string): readonly string[] {
  return text
    .replaceAll('\\\n', '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

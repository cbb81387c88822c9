import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Breach } from './breach.ts';

/** Links of a page to files of this repository and to their headings, where nothing is. */
export async function findDeadLinks(root: string, page: string): Promise<readonly Breach[]> {
  const breaches: Breach[] = [];
  const lines = withoutBlocks(await readFile(join(root, page), 'utf8')).split('\n');
  for (const [index, content] of lines.entries()) {
    for (const [, target = ''] of content.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : posix.normalize(posix.join(posix.dirname(page), path));
      const isThere = existsSync(join(root, file)) && (await hasHeading(join(root, file), anchor));
      if (!isThere) breaches.push({ path: page, line: index + 1, message: `the link leads to nothing: ${target}` });
    }
  }
  return breaches;
}

async function hasHeading(file: string, anchor: string | undefined): Promise<boolean> {
  if (anchor === undefined || !file.endsWith('.md')) return true;
  const headings = withoutBlocks(await readFile(file, 'utf8')).matchAll(/^#+ (.*)$/gm);
  return [...headings].some(([, text = '']) => anchorOf(text) === anchor);
}

/** As code hosts make them of headings. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}\p{Connector_Punctuation} -]/gu, '')
    .replaceAll(' ', '-');
}

/** What stands in blocks is no link and no heading; the lines keep their numbers. */
function withoutBlocks(text: string): string {
  return text.replaceAll(/^ *```[^]*?^ *```/gm, (block) => block.replaceAll(/[^\n]/g, ''));
}

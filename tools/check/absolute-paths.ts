import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Breach } from './breach.ts';

// Written so that they do not match their own source.
const ofOneMachine = /(^|[^A-Za-z0-9_.])\/(root|home|work|tmp|Users)\/[A-Za-z0-9_.-]/;
const ofOneNetwork = /https?:\/\/(registry|proxy|files|repo1)\./;

/** Finds paths and hosts of one machine in the files that git knows, whether committed or about to be. */
export async function findAbsolutePaths(root: string): Promise<Breach[]> {
  const { stdout } = await promisify(execFile)(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const breaches: Breach[] = [];
  for (const path of new Set(stdout.split('\0').filter(Boolean))) {
    const content = await readFile(join(root, path)).catch(ignoreDeleted);
    if (content === undefined || content.includes(0)) continue;
    breaches.push(...judgeLines(content.toString('utf8')).map((finding) => ({ path, ...finding })));
  }
  return breaches;
}

function judgeLines(text: string): Omit<Breach, 'path'>[] {
  return text.split('\n').flatMap((line, index) => {
    const found = [
      { match: line.match(ofOneMachine), what: 'a path of one machine' },
      { match: line.match(ofOneNetwork), what: 'a host of one network' },
    ];
    return found.flatMap(({ match, what }) =>
      match ? [{ line: index + 1, message: `'${match[0].trim()}…' is ${what}: derive it from the environment` }] : [],
    );
  });
}

/** A file that git knows and the disk does not was deleted and not yet committed. */
function ignoreDeleted(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'EISDIR') return undefined;
  throw error;
}

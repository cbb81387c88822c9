import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findAbsolutePaths } from './absolute-paths.ts';
import { describeBreach } from './breach.ts';
import { makeScratchFolder, type ScratchFolder } from './scratch-folder.ts';

async function makeRepository(files: Readonly<Record<string, string>>): Promise<ScratchFolder> {
  const folder = await makeScratchFolder(files);
  execFileSync('git', ['init', '--quiet'], { cwd: folder.path });
  return folder;
}

async function judge(path: string): Promise<string[]> {
  return (await findAbsolutePaths(path)).map(describeBreach);
}

/** Spelt in parts, so that this file passes the check itself. */
const of = (...parts: string[]): string => parts.join('/');

describe('findAbsolutePaths', () => {
  it.each([
    [of('', 'home', 'me', 'project')],
    [`cd ${of('', 'root', 'x')}`],
    [`'${of('', 'tmp', 'scratch')}'`],
    [`"${of('', 'Users', 'me')}"`],
    [`see file:${of('', 'work', 'main')}`],
  ])('finds %s', async (text) => {
    await using repository = await makeRepository({ 'docs/a.md': `fine\n${text}\n` });
    expect(await judge(repository.path)).toEqual([
      expect.stringMatching(/^docs\/a\.md:2: '.*is a path of one machine/),
    ]);
  });

  it('finds the host of a registry', async () => {
    const address = ['https:', '', 'registry.example', 'x'].join('/');
    await using repository = await makeRepository({ a: address });
    expect(await judge(repository.path)).toEqual([expect.stringContaining('is a host of one network')]);
  });

  it('finds it in a committed file and passes over ignored, binary and deleted ones', async () => {
    const path = of('', 'home', 'me');
    await using repository = await makeRepository({
      '.gitignore': 'ignored\n',
      ignored: path,
      binary: `\0${path}`,
      kept: path,
      gone: path,
    });
    execFileSync('git', ['add', '.'], { cwd: repository.path });
    await rm(join(repository.path, 'gone'));
    expect(await judge(repository.path)).toEqual([expect.stringMatching(/^kept:1: /)]);
  });

  it('lets relative paths, URLs and system paths be', async () => {
    const text = [
      './home/a',
      'e2e/work/x',
      'https://example.com/home/x',
      '/var/run/secrets',
      '/etc/hosts',
      '~/.cache',
    ].join('\n');
    await using repository = await makeRepository({ a: text });
    expect(await judge(repository.path)).toEqual([]);
  });
});

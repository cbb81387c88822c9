import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { makeScratchFolder } from '../check/scratch-folder.ts';
import { isInstalled } from './ensure-installed.mjs';
import { findNode } from './find-node.mjs';

const locked = {
  '': { name: 'root' },
  'packages/own': { version: '1.0.0' },
  'node_modules/own': { link: true },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/only-elsewhere': { version: '1.0.0', integrity: 'sha512-b', optional: true },
};
const installed = {
  'packages/own': {},
  'node_modules/own': { link: true },
  'node_modules/a': locked['node_modules/a'],
};

function files(inLock: object, inModules: object | undefined): Record<string, string> {
  return {
    'package-lock.json': JSON.stringify({ packages: inLock }),
    ...(inModules && { 'node_modules/.package-lock.json': JSON.stringify({ packages: inModules }) }),
  };
}

describe('isInstalled', () => {
  it.each([
    ['what npm left behind is what is locked', installed, true],
    ['nothing is installed, or an installation was interrupted', undefined, false],
    [
      'another version is installed',
      { ...installed, 'node_modules/a': { version: '0.9.0', integrity: 'sha512-a' } },
      false,
    ],
    [
      'another content is installed',
      { ...installed, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-x' } },
      false,
    ],
    ['something is missing', { 'node_modules/own': { link: true } }, false],
    ['something is there that is not locked', { ...installed, 'node_modules/b': { version: '1.0.0' } }, false],
  ])('when %s', async (_what, inModules, expected) => {
    await using folder = await makeScratchFolder(files(locked, inModules));
    expect(isInstalled(folder.path)).toBe(expected);
  });

  it('notices that the lock file changed after it was found to be installed', async () => {
    await using folder = await makeScratchFolder(files(locked, installed));
    expect(isInstalled(folder.path)).toBe(true);
    expect(isInstalled(folder.path)).toBe(true);
    await folder.write(files({ ...locked, 'node_modules/c': { version: '1.0.0' } }, installed));
    expect(isInstalled(folder.path)).toBe(false);
  });
});

describe('findNode', () => {
  const own = (version: string): { execPath: string; version: string } => ({ execPath: 'own-node', version });

  it('prefers the one that the lock file pins', async () => {
    await using folder = await makeScratchFolder({ 'node_modules/.bin/node': '' });
    expect(findNode(folder.path, own('26.0.0'))).toBe(join(folder.path, 'node_modules/.bin/node'));
  });

  it.each(['24.11.0', '24.21.0', '25.0.0', '26.1.0'])('takes its own when that is %s', async (version) => {
    await using folder = await makeScratchFolder();
    expect(findNode(folder.path, own(version))).toBe('own-node');
  });

  it.each(['20.20.2', '22.22.0', '24.10.9'])('refuses %s with what to do about it', async (version) => {
    await using folder = await makeScratchFolder();
    expect(() => findNode(folder.path, own(version))).toThrow(
      new RegExp(`^Node ${version} is too old and npm offers none for .*: install Node ≥ 24\\.11`),
    );
  });
});

describe('launch', () => {
  const entry = join(import.meta.dirname, 'launch.mjs');

  function launchWith(options: object): ReturnType<typeof spawnSync> {
    const program = `import(${JSON.stringify(entry)}).then(({ launch }) => launch(${JSON.stringify(options)}))`;
    return spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  }

  function launchIn(root: string, ...args: readonly string[]): ReturnType<typeof spawnSync> {
    return launchWith({ root, script: 'program.ts', args });
  }

  /** A workspace whose nx does what the given program says. */
  function filesWithNx(nx: string): Record<string, string> {
    return {
      ...files(locked, installed),
      'node_modules/nx/package.json': JSON.stringify({ type: 'commonjs', bin: { nx: './nx.js' } }),
      'node_modules/nx/nx.js': nx,
      'program.ts': `import { readFileSync } from 'node:fs';
        console.log(readFileSync(new URL('built', import.meta.url), 'utf8') + process.execArgv.join());`,
    };
  }

  it('passes arguments, output and exit code through', async () => {
    const program = `const words: string[] = process.argv.slice(2); console.log(words.join('+')); process.exit(7);`;
    await using folder = await makeScratchFolder({ ...files(locked, installed), 'program.ts': program });
    const { status, stdout } = launchIn(folder.path, 'a b', '--c');
    expect({ status, stdout }).toEqual({ status: 7, stdout: 'a b+--c\n' });
  });

  it('says in one line what hinders it and runs nothing', async () => {
    await using folder = await makeScratchFolder({
      'package.json': JSON.stringify({ name: 'root', dependencies: { unlocked: '1.0.0' } }),
      'package-lock.json': JSON.stringify({ name: 'root', lockfileVersion: 3, packages: { '': { name: 'root' } } }),
      'program.ts': `console.log('ran');`,
    });
    const { status, stdout, stderr } = launchIn(folder.path);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(String(stderr).trim().split('\n').at(-1)).toMatch(/^npm ci failed, see its words above/);
    expect(existsSync(join(folder.path, 'node_modules', '.installed-lock-hash'))).toBe(false);
  });

  it('builds first what is to be used as built, and keeps the words of the build from stdout', async () => {
    const nx = `console.log('noise'); require('fs').writeFileSync('built', process.argv.slice(2, 4).join(' '));`;
    await using folder = await makeScratchFolder(filesWithNx(nx));
    const { status, stdout } = launchWith({ root: folder.path, script: 'program.ts', args: [], runsOn: 'some' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'run some:build\n' });
  });

  it('shows the words of a build that failed and runs nothing', async () => {
    await using folder = await makeScratchFolder(filesWithNx(`console.log('no such type'); process.exit(1);`));
    const { status, stdout, stderr } = launchWith({
      root: folder.path,
      script: 'program.ts',
      args: [],
      runsOn: 'some',
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(String(stderr)).toMatch(/no such type\n+building some failed, see the words above/);
  });
});

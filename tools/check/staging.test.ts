import { describe, expect, it } from '@jest/globals';
import { makeScratchFolder } from './scratch-folder.ts';
import { stagePackages } from './staging.ts';

const build = `node -e "fs.mkdirSync('dist',{recursive:true});fs.copyFileSync('src/index.js','dist/index.js')"`;

function manifest(name: string, rest: object = {}): string {
  return JSON.stringify({
    name,
    version: '1.0.0',
    type: 'module',
    nx: { tags: ['type:library'] },
    files: ['dist'],
    exports: { '.': { '@ccm-ts/source': './src/index.js', default: './dist/index.js' } },
    scripts: { build, test: 'node src/check.js' },
    ...rest,
  });
}

const sound: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'root', version: '0.0.0', private: true }),
  'package-lock.json': JSON.stringify({ lockfileVersion: 3, requires: true, packages: { '': {} } }),
  'packages/base/package.json': manifest('@fixture/base'),
  'packages/base/src/index.js': `export const answer = 42;`,
  'packages/base/src/check.js': `import { answer } from './index.js'; if (answer !== 42) process.exit(1);`,
  'packages/app/package.json': manifest('@fixture/app', { dependencies: { '@fixture/base': '1.0.0' } }),
  'packages/app/src/index.js': `export { answer } from '@fixture/base';`,
  'packages/app/src/check.js': `import { answer } from './index.js'; if (answer !== 42) process.exit(1);`,
};

async function stage(
  planted: Readonly<Record<string, string>>,
): Promise<{ passed: number; failed: number; log: string }> {
  await using folder = await makeScratchFolder({ ...sound, ...planted });
  const lines: string[] = [];
  const signal = new AbortController().signal;
  const context = { root: folder.path, log: (line: string) => lines.push(line), signal };
  const { passed, failed } = await stagePackages(folder.path, context);
  return { passed, failed, log: lines.join('\n') };
}

describe('stagePackages', () => {
  it('passes packages that stand alone, each on the tarball of the other', async () => {
    expect(await stage({})).toMatchObject({ passed: 2, failed: 0 });
  }, 60_000);

  it('finds a package that leans on the folder next to it', async () => {
    const leaning = `export { answer } from '../../base/src/index.js';`;
    const { passed, failed, log } = await stage({ 'packages/app/src/index.js': leaning });
    expect({ passed, failed }).toEqual({ passed: 1, failed: 1 });
    expect(log).toContain('packages/app does not stand alone: npm run test ended with');
  }, 60_000);

  it('finds a package whose tarball lacks a file that others import', async () => {
    const exports = { '.': './dist/index.js', './more': './dist/more.js' };
    const { passed, failed, log } = await stage({
      'packages/base/package.json': manifest('@fixture/base', { exports }),
    });
    expect({ passed, failed }).toEqual({ passed: 0, failed: 2 });
    expect(log).toContain('package.json promises ./dist/more.js: build the package first');
  }, 60_000);
});

import { describe, expect, it } from '@jest/globals';
import { findLockFileBreaches } from './lock-file.ts';
import { makeScratchFolder } from './scratch-folder.ts';

async function judge(packages: object): Promise<string[]> {
  await using folder = await makeScratchFolder({ 'package-lock.json': JSON.stringify({ packages }) });
  return (await findLockFileBreaches(folder.path)).map(({ message }) => message);
}

const compiler = { version: '1.0.0', optionalDependencies: { 'compiler-linux': '1.0.0', 'compiler-darwin': '1.0.0' } };

describe('findLockFileBreaches', () => {
  it('finds nothing where every platform has an entry, near or further up', async () => {
    const packages = {
      '': { optionalDependencies: { compiler: '1.0.0' } },
      'packages/own': { optionalDependencies: { compiler: '1.0.0' } },
      'node_modules/own': { resolved: 'packages/own', link: true },
      'node_modules/compiler': compiler,
      'node_modules/compiler-linux': { version: '1.0.0' },
      'node_modules/compiler/node_modules/compiler-darwin': { version: '1.0.0' },
      'node_modules/other/node_modules/compiler': { ...compiler, optionalDependencies: { 'compiler-linux': '1.0.0' } },
    };
    expect(await judge(packages)).toEqual([]);
  });

  it('finds a platform that was left out', async () => {
    const packages = { 'node_modules/compiler': compiler, 'node_modules/compiler-linux': { version: '1.0.0' } };
    expect(await judge(packages)).toEqual([
      'node_modules/compiler 1.0.0 wants compiler-darwin@1.0.0, which has no entry: pin a version that is complete',
    ]);
  });

  it('does not look inside a sibling for what is missing', async () => {
    const packages = {
      'node_modules/compiler': { version: '1.0.0', optionalDependencies: { 'compiler-linux': '1.0.0' } },
      'node_modules/sibling/node_modules/compiler-linux': { version: '1.0.0' },
    };
    expect(await judge(packages)).toHaveLength(1);
  });

  it('finds the address of a registry', async () => {
    const resolved = ['https', '://registry.example/compiler-1.0.0.tgz'].join('');
    expect(await judge({ 'node_modules/compiler': { version: '1.0.0', resolved } })).toEqual([
      `node_modules/compiler is resolved to ${resolved}: set omit-lockfile-registry-resolved=true`,
    ]);
  });
});

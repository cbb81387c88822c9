import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { makeScratchFolder } from '../check/scratch-folder.ts';
import { packPackage } from './pack.ts';

const manifest = {
  name: '@fixture/packed',
  version: '1.2.3',
  files: ['dist'],
  nx: { name: 'packed' },
  exports: {
    '.': { '@ccm-ts/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  },
  devDependencies: { jest: '30.0.0' },
};

const files = {
  'package.json': JSON.stringify(manifest),
  'src/index.ts': 'export {};',
  'dist/index.js': 'export {};',
  'dist/index.d.ts': 'export {};',
};

describe('packPackage', () => {
  it('packs what is built, without sources and without what only the workspace reads', async () => {
    await using folder = await makeScratchFolder(files);
    const tarball = await packPackage({ folder: folder.path, into: join(folder.path, 'out') });
    expect(tarball).toBe(join(folder.path, 'out', 'fixture-packed-1.2.3.tgz'));
    const list = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n').sort();
    expect(list).toEqual(['package/dist/index.d.ts', 'package/dist/index.js', 'package/package.json']);
    const packed = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
    expect(JSON.parse(packed)).toEqual({
      name: '@fixture/packed',
      version: '1.2.3',
      files: ['dist'],
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
    });
  });

  it('refuses a package that is not built', async () => {
    await using folder = await makeScratchFolder({ 'package.json': files['package.json'] });
    await expect(packPackage({ folder: folder.path, into: join(folder.path, 'out') })).rejects.toThrow(
      'package.json promises ./dist/index.d.ts, ./dist/index.js: build the package first',
    );
  });
});

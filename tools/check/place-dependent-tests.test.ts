import { describe, expect, it } from '@jest/globals';
import { findPlaceDependentTests } from './place-dependent-tests.ts';
import { makeScratchFolder } from './scratch-folder.ts';

describe('findPlaceDependentTests', () => {
  it.each([
    ['reads a file', `import { readFileSync } from 'node:fs';`],
    ['starts a program', `import { spawn } from 'node:child_process';`],
    ['knows its address', `const here = import.meta.dirname;`],
    ['loads what it finds by name', `await import(name);`],
    ['leaves the package', `import { x } from '../../other/src/x.ts';`],
  ])('takes a test that %s', async (_what, text) => {
    await using folder = await makeScratchFolder({ 'src/a.test.ts': text, 'src/b.test.ts': `const one = 1;` });
    expect(await findPlaceDependentTests(folder.path)).toEqual({
      all: ['src/a.test.ts', 'src/b.test.ts'],
      dependent: ['src/a.test.ts'],
    });
  });

  it('follows the modules that a test loads, in a circle too', async () => {
    await using folder = await makeScratchFolder({
      'src/deep/a.test.ts': `import { b } from '../b.ts';`,
      'src/b.ts': `import { c } from './c.ts'; import './d.ts';`,
      'src/c.ts': `import { b } from './b.ts';`,
      'src/d.ts': `export { readFile } from 'node:fs/promises';`,
      'src/deep/e.test.ts': `import { f } from './f.ts';`,
      'src/deep/f.ts': `import { g } from './f.ts';`,
    });
    expect((await findPlaceDependentTests(folder.path)).dependent).toEqual(['src/deep/a.test.ts']);
  });
});

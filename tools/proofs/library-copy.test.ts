import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { copyLibrary } from './library-copy.ts';
import { plantedDefects } from './planted-defects.ts';
import { proofCommands } from './proof-commands.ts';

const root = resolve(import.meta.dirname, '../..');

describe('copyLibrary', () => {
  it('makes a copy that is changed for the time of a deed only', async () => {
    await using copy = await copyLibrary(root);
    const file = 'cloud/guard.ts';
    const read = (): Promise<string> => readFile(join(copy.folder, 'src', file), 'utf8');
    const sound = await read();
    const change = { file, text: 'export function guardOperation(', replacement: 'export function spoilt(' };
    const done = await copy.withChange(change, read);
    expect(done).toEqual({ kind: 'done', value: sound.replace(change.text, change.replacement) });
    expect(await read()).toBe(sound);
    const failing = copy.withChange(change, () => Promise.reject(new Error('the deed failed')));
    await expect(failing).rejects.toThrow('the deed failed');
    expect(await read()).toBe(sound);
  });

  it.each([
    ['is not there', { file: 'cloud/guard.ts', text: 'no such text' }, 0],
    ['is in no file', { file: 'cloud/nowhere.ts', text: 'export' }, 0],
    ['is there more than once', { file: 'cloud/guard.ts', text: 'readonly' }, expect.any(Number)],
  ])('changes nothing when the text %s', async (_what, { file, text }, occurrences: unknown) => {
    await using copy = await copyLibrary(root);
    const changed = await copy.withChange({ file, text, replacement: '' }, () => Promise.resolve('done'));
    expect(changed).toEqual({ kind: 'stale', occurrences });
  });
});

describe('the planted defects', () => {
  it('are twenty at least, and each has a name and a proof of its own', () => {
    expect(plantedDefects.length).toBeGreaterThanOrEqual(20);
    expect(new Set(plantedDefects.map(({ name }) => name)).size).toBe(plantedDefects.length);
    for (const { proof } of plantedDefects) expect(Object.keys(proofCommands)).toContain(proof);
  });

  it.each(plantedDefects.map((defect) => [defect.name, defect] as const))(
    '"%s" changes what stands in the source exactly once',
    async (_name, { file, text, replacement }) => {
      const source = await readFile(join(root, 'packages/cloud-provider/src', file), 'utf8');
      expect(source.split(text)).toHaveLength(2);
      expect(replacement).not.toBe(text);
    },
  );
});

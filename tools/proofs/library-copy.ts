import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The library in a temporary folder, to be spoilt. */
export interface LibraryCopy extends AsyncDisposable {
  /** The folder of the package. */
  readonly folder: string;
  /**
   * Replaces what stands exactly once in a file below `src`, as long as the deed takes.
   *
   * @returns how often the text stands there when that is not once; nothing is replaced then
   */
  withChange<T>(
    change: { readonly file: string; readonly text: string; readonly replacement: string },
    deed: () => Promise<T>,
  ): Promise<{ readonly kind: 'done'; readonly value: T } | { readonly kind: 'stale'; readonly occurrences: number }>;
}

/** What a package has that is made from its source, or is nobody's concern here. */
const leftOut = new Set(['dist', 'bundle', 'coverage', 'node_modules']);

/** @param root the workspace, whose installed dependencies the copy uses */
export async function copyLibrary(root: string): Promise<LibraryCopy> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'proofs-')));
  const source = join(root, 'packages/cloud-provider');
  const folder = join(base, 'cloud-provider');
  await cp(source, folder, {
    recursive: true,
    filter: (path) => !leftOut.has(path.slice(source.length + 1)),
  });
  await symlink(join(root, 'node_modules'), join(base, 'node_modules'));
  return {
    folder,
    async withChange({ file, text, replacement }, deed) {
      const path = join(folder, 'src', file);
      const sound = await readFile(path, 'utf8').catch(() => '');
      const occurrences = sound.split(text).length - 1;
      if (occurrences !== 1) return { kind: 'stale', occurrences };
      await writeFile(
        path,
        sound.replace(text, () => replacement),
      );
      try {
        return { kind: 'done', value: await deed() };
      } finally {
        await writeFile(path, sound);
      }
    },
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  };
}

import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { readModuleSyntax } from './module-syntax.ts';

/** What lets a module know where it lies: files, other programs, its own address, modules looked for while it runs. */
const placeAware =
  /node:(fs|child_process|worker_threads|module)\b|\bimport\.meta\b|\bprocess\.cwd\b|\bimport\((?!\s*'\.)|\bfetch\('file:/;

/** The tests of a package, and those among them that could come out differently in another folder. */
export interface PlaceDependence {
  readonly all: readonly string[];
  readonly dependent: readonly string[];
}

/**
 * Finds the tests that could notice where their package lies, by themselves or by a module of the package that they load,
 * however indirectly. To all others a folder is as good as the next: what they import is judged by the compiler.
 * @param folder of a package, with its sources in `src`
 * @returns paths from the folder, in order
 */
export async function findPlaceDependentTests(folder: string): Promise<PlaceDependence> {
  const entries = await readdir(join(folder, 'src'), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const modules = new Map<string, { readonly isAware: boolean; readonly imports: readonly string[] }>();
  for (const path of paths) {
    const text = await readFile(join(folder, path), 'utf8');
    const imports = readModuleSyntax(path, text)
      .references.filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier }) => normalize(join(dirname(path), specifier)));
    modules.set(path, { isAware: placeAware.test(text) || imports.some((each) => each.startsWith('..')), imports });
  }
  const isDependent = (test: string): boolean => {
    const reached = new Set([test]);
    for (const path of reached) {
      const module = modules.get(path);
      if (module?.isAware) return true;
      for (const imported of module?.imports ?? []) reached.add(imported);
    }
    return false;
  };
  const all = paths.filter((path) => path.endsWith('.test.ts')).toSorted();
  return { all, dependent: all.filter(isDependent) };
}

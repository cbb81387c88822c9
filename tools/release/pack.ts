import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The condition under which the packages of the workspace see each other's sources. Ours alone: nothing published has it. */
const sourceCondition = '@ccm-ts/source';
const neverPacked = new Set(['node_modules', 'coverage', 'src']);

type ExportTarget = string | Record<string, string>;

interface Manifest {
  exports?: Record<string, ExportTarget>;
  bin?: Record<string, string>;
  nx?: unknown;
  devDependencies?: unknown;
}

/** What is to be packed, and whereto. */
export interface PackOptions {
  /** The package's folder, built. */
  readonly folder: string;
  /** The folder that takes the tarball; made if it is missing. */
  readonly into: string;
}

/**
 * Packs a built package as it is published: from a copy, without the source condition, whose files are not published, and
 * without what only the workspace reads.
 * @returns the tarball's path
 * @throws Error when something that package.json promises is not built, or npm pack fails
 */
export async function packPackage({ folder, into }: PackOptions): Promise<string> {
  const staging = await mkdtemp(join(tmpdir(), 'pack-'));
  try {
    await cp(folder, staging, {
      recursive: true,
      filter: (source) => !neverPacked.has(relative(folder, source).split('/')[0] ?? ''),
    });
    const file = join(staging, 'package.json');
    const published = publishedManifest(JSON.parse(await readFile(file, 'utf8')) as Manifest);
    assertBuilt(staging, published);
    await writeFile(file, `${JSON.stringify(published, undefined, 2)}\n`);
    await mkdir(into, { recursive: true });
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', resolve(into)];
    const { stdout } = await promisify(execFile)('npm', args, { cwd: staging, maxBuffer: 64 * 1024 * 1024 });
    const [packed] = JSON.parse(stdout) as { filename: string }[];
    if (!packed) throw new Error(`npm pack of ${folder} named no tarball`);
    return join(resolve(into), basename(packed.filename));
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** The manifest as it is published. Pure. */
export function publishedManifest(manifest: Manifest): Manifest {
  const published = { ...manifest };
  delete published.nx;
  delete published.devDependencies;
  if (manifest.exports) {
    published.exports = Object.fromEntries(
      Object.entries(manifest.exports).map(([entry, target]) => [entry, publishedTarget(target)]),
    );
  }
  return published;
}

function publishedTarget(target: ExportTarget): ExportTarget {
  if (typeof target === 'string') return target;
  return Object.fromEntries(Object.entries(target).filter(([condition]) => condition !== sourceCondition));
}

function assertBuilt(folder: string, manifest: Manifest): void {
  const exported = Object.values(manifest.exports ?? {}).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  const missing = [...exported, ...Object.values(manifest.bin ?? {})].filter((path) => !existsSync(join(folder, path)));
  if (missing.length > 0) throw new Error(`package.json promises ${missing.join(', ')}: build the package first`);
}

if (import.meta.main) {
  const [folder, into] = process.argv.slice(2);
  if (folder === undefined || into === undefined) {
    console.error('usage: node tools/release/pack.ts <package folder> <folder for the tarball>');
    process.exitCode = 2;
  } else {
    console.log(await packPackage({ folder, into }));
  }
}

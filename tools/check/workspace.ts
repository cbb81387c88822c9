import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a package is, from its tag in package.json; the boundary rules speak of these. */
export type PackageType = 'library' | 'client' | 'provider' | 'tool' | 'e2e';

/** What the checks read of a package.json. */
export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly nx?: { readonly name?: string; readonly tags?: readonly string[] };
}

/** One package of the workspace. */
export interface WorkspacePackage {
  /** Relative to the root, with forward slashes: `packages/cloud-provider`. */
  readonly folder: string;
  /** The last part of the folder; also its project name in nx. */
  readonly shortName: string;
  readonly manifest: PackageManifest;
  readonly type: PackageType;
}

/** The workspace as far as the checks need it. */
export interface Workspace {
  readonly root: string;
  readonly manifest: PackageManifest;
  readonly packages: readonly WorkspacePackage[];
}

const packageTypes: readonly PackageType[] = ['library', 'client', 'provider', 'tool', 'e2e'];
const neverOurs = new Set(['node_modules', 'dist', 'bundle', 'coverage', 'testdata']);

/**
 * Finds the packages: the folders of `packages/`, and `e2e` and `tools`.
 * @throws Error when a package.json is missing or has no `type:` tag that the rules know.
 */
export async function readWorkspace(root: string): Promise<Workspace> {
  const shipped = existsSync(join(root, 'packages'))
    ? await readdir(join(root, 'packages'), { withFileTypes: true })
    : [];
  const folders = [
    ...shipped.filter((entry) => entry.isDirectory()).map((entry) => `packages/${entry.name}`),
    ...['e2e', 'tools'].filter((folder) => existsSync(join(root, folder, 'package.json'))),
  ];
  const packages = await Promise.all(folders.sort().map((folder) => readPackage(root, folder)));
  return { root, manifest: await readManifest(join(root, 'package.json')), packages };
}

async function readPackage(root: string, folder: string): Promise<WorkspacePackage> {
  const manifest = await readManifest(join(root, folder, 'package.json'));
  const type = packageTypes.find((known) => manifest.nx?.tags?.includes(`type:${known}`));
  if (type === undefined) {
    throw new Error(
      `${folder}/package.json: nx.tags must hold one of ${packageTypes.map((t) => `type:${t}`).join(', ')}`,
    );
  }
  return { folder, shortName: folder.slice(folder.lastIndexOf('/') + 1), manifest, type };
}

async function readManifest(file: string): Promise<PackageManifest> {
  return JSON.parse(await readFile(file, 'utf8')) as PackageManifest;
}

/** The TypeScript files of a package, relative to its folder, sorted; without build results and test data. */
export async function listTypeScriptFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (relative: string): Promise<void> => {
    for (const entry of await readdir(join(folder, relative), { withFileTypes: true })) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory() && !neverOurs.has(entry.name)) await walk(path);
      if (entry.isFile() && /\.[cm]?ts$/.test(entry.name) && !entry.name.endsWith('.d.ts')) found.push(path);
    }
  };
  await walk('');
  return found.sort();
}

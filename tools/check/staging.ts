import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPackage } from '../release/pack.ts';
import type { CheckContext, CheckOutcome } from './check.ts';
import { runCommand } from './command.ts';
import { findPlaceDependentTests } from './place-dependent-tests.ts';
import { readWorkspace, type WorkspacePackage } from './workspace.ts';

const neverCopied = new Set(['node_modules', 'dist', 'bundle', 'coverage']);

interface Manifest {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  overrides?: Record<string, string>;
}

/**
 * Copies each shipped package out alone, installs its dependencies (those of ours from tarballs packed in the same way, the
 * rest in the versions that the workspace locks), builds it and runs those of its unit tests that could come out differently
 * there. One test a package.
 */
export async function stagePackages(root: string, context: CheckContext): Promise<CheckOutcome> {
  const { packages } = await readWorkspace(root);
  const shipped = packages.filter(({ folder }) => folder.startsWith('packages/'));
  const area = await mkdtemp(join(tmpdir(), 'staging-'));
  const tarballs = new Map<string, string>();
  let failed = 0;
  try {
    for (const item of inOrderOfDependency(shipped)) {
      try {
        tarballs.set(item.manifest.name, await stagePackage(item, { root, area, tarballs, context }));
        context.log(`${item.folder} stands alone`);
      } catch (error) {
        failed += 1;
        context.log(`${item.folder} does not stand alone: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    await rm(area, { recursive: true, force: true });
  }
  return { passed: shipped.length - failed, failed };
}

interface Stage {
  readonly root: string;
  readonly area: string;
  /** Of the packages of ours that stood alone, by name. */
  readonly tarballs: ReadonlyMap<string, string>;
  readonly context: CheckContext;
}

/** @returns the tarball of the package as built out there */
async function stagePackage(item: WorkspacePackage, stage: Stage): Promise<string> {
  const { root, area, context } = stage;
  // A parent of its own: next to its siblings a path into one of them would still lead somewhere.
  const folder = join(area, `only-${item.shortName}`, item.shortName);
  const source = join(root, item.folder);
  await cp(source, folder, {
    recursive: true,
    filter: (path) => !neverCopied.has(path.slice(source.length + 1).split('/')[0] ?? ''),
  });
  await installAlone(folder, stage);
  const { scripts: known = {} } = item.manifest;
  const scripts = ['build', 'bundle', 'typecheck'].filter((script) => known[script]);
  for (const script of scripts) await npm(['run', script], folder, context);
  await testAlone(item, { folder, context });
  return await packPackage({ folder, into: join(area, 'tarballs') });
}

/** Its tests, without those to which every folder is the same. */
async function testAlone(
  { manifest: { scripts = {} } }: WorkspacePackage,
  { folder, context }: { readonly folder: string; readonly context: CheckContext },
): Promise<void> {
  // Sweeps of minutes say nothing about standing alone, so a package may offer its tests without them.
  const script = ['test:unit', 'test'].find((name) => scripts[name]);
  if (script === undefined) return;
  const { all, dependent } = await findPlaceDependentTests(folder);
  context.log(`${dependent.length} of ${all.length} test files could notice where they lie`);
  await npm(['run', script, ...(dependent.length > 0 ? ['--', ...dependent] : [])], folder, context);
}

async function installAlone(folder: string, { root, tarballs, context }: Stage): Promise<void> {
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest;
  const workspace = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest;
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    const tarball = tarballs.get(name);
    if (tarball !== undefined && manifest.dependencies) manifest.dependencies[name] = `file:${tarball}`;
  }
  const alone: Manifest = {
    ...manifest,
    // The workspace's Node too: what is pinned for the whole is pinned for the part.
    ...(workspace.optionalDependencies && { optionalDependencies: workspace.optionalDependencies }),
    ...(workspace.overrides && { overrides: workspace.overrides }),
  };
  await writeFile(file, `${JSON.stringify(alone, undefined, 2)}\n`);
  await writeFile(join(folder, 'package-lock.json'), await lockOf(root, alone));
  await npm(['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'], folder, context);
}

/** The workspace's lock file as one of the package alone: npm drops what the package does not need. */
async function lockOf(root: string, manifest: Manifest): Promise<string> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { link?: boolean }>;
  };
  const outside = Object.entries(lock.packages).filter(
    ([path, entry]) => path.startsWith('node_modules/') && !entry.link,
  );
  return JSON.stringify({ ...lock, packages: { '': manifest, ...Object.fromEntries(outside) } });
}

async function npm(args: readonly string[], cwd: string, { log, signal }: CheckContext): Promise<void> {
  log(`npm ${args.join(' ')}`);
  const environment = { CI: 'true' };
  const { exitCode } = await runCommand({ program: 'npm', args, cwd, environment, log, signal });
  if (exitCode !== 0) throw new Error(`npm ${args.join(' ')} ended with ${exitCode}`);
}

/** Every package after those of ours that it depends on. */
function inOrderOfDependency(packages: readonly WorkspacePackage[]): WorkspacePackage[] {
  const ordered: WorkspacePackage[] = [];
  const place = (item: WorkspacePackage): void => {
    if (ordered.includes(item)) return;
    const names = Object.keys(item.manifest.dependencies ?? {});
    for (const dependency of packages) if (names.includes(dependency.manifest.name)) place(dependency);
    ordered.push(item);
  };
  for (const item of packages) place(item);
  return ordered;
}

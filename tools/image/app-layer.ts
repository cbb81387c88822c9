import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { imageUser } from './base-layer.ts';
import type { TarEntry } from './tar.ts';

/** A manager in one file and what it was made of: the same for every processor. */
export interface BundledApp {
  readonly entries: readonly TarEntry[];
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Files of the workspace that are in the bundle. */
  readonly sources: readonly string[];
}

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
}

/** A small young generation costs no time and saves tens of megabytes with thousands of nodes. */
const nodeFlags = ['--max-semi-space-size=1'];
/**
 * One arena instead of one for each thread, and large blocks of their own that go back to the system when they are freed:
 * some ten megabytes less.
 */
const mallocSettings = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };
/** Without them what V8 keeps of a program differs from run to run; they don't count when it is asked whether it still fits. */
const sameEveryTime = ['--predictable', '--random-seed=1'];

export async function bundleApp(packageFolder: string): Promise<BundledApp> {
  const { bin } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as Manifest;
  const [name = ''] = Object.keys(bin);
  const area = await mkdtemp(join(tmpdir(), 'ccm-ts-app-'));
  try {
    const tsup = createRequire(import.meta.url).resolve('tsup/dist/cli-default.js');
    const bundling = ['--config', 'tsup.bundle.config.ts', '--silent', '--out-dir', join(area, 'bundle')];
    await promisify(execFile)(process.execPath, [tsup, ...bundling], { cwd: packageFolder });
    const program = await readFile(join(area, 'bundle', `${name}.js`));
    const files = { [`${name}.js`]: program, 'package.json': Buffer.from('{"type":"module"}\n') };
    return {
      entries: Object.entries(files).map(([file, content]) => ({
        kind: 'file',
        path: `app/${file}`,
        mode: 0o644,
        content,
      })),
      entrypoint: ['/usr/bin/node', ...nodeFlags, `/app/${name}.js`],
      environment: {
        NODE_COMPILE_CACHE: '/app/compile-cache',
        NODE_COMPILE_CACHE_PORTABLE: '1',
        ...mallocSettings,
        HOME: '/',
      },
      sources: await bundledFiles(join(area, 'bundle/metafile-esm.json')),
    };
  } finally {
    await rm(area, { recursive: true, force: true });
  }
}

/**
 * Node's cache of compiled code, which it names after version, processor, flags and the user that runs it.
 *
 * @param node how the Node of the image is run here
 */
export async function compileAhead(app: BundledApp, node: readonly string[]): Promise<readonly TarEntry[]> {
  const [program = ''] = app.entries.map(({ path }) => basename(path));
  const contents = app.entries.map((entry) => (entry.kind === 'file' ? entry.content : Buffer.alloc(0)));
  const folder = await foreseeableFolder(
    contents.reduce((hash, content) => hash.update(content), createHash('sha256')).digest('hex'),
  );
  try {
    for (const [index, { path }] of app.entries.entries()) {
      await writeFile(join(folder, basename(path)), contents[index] ?? '');
    }
    const cache = join(folder, 'compile-cache');
    const environment = { PATH: process.env.PATH, NODE_COMPILE_CACHE: cache, NODE_COMPILE_CACHE_PORTABLE: '1' };
    const [command = '', ...args] = [...node, ...nodeFlags, ...sameEveryTime, join(folder, program), '--version'];
    await promisify(execFile)(command, args, { cwd: folder, env: environment });
    const entries: TarEntry[] = [];
    for (const kind of await readdir(cache)) {
      const ofImageUser = kind.replace(/-\d+$/, `-${imageUser}`);
      for (const file of await readdir(join(cache, kind))) {
        const content = await readFile(join(cache, kind, file));
        entries.push({ kind: 'file', path: `app/compile-cache/${ofImageUser}/${file}`, mode: 0o644, content });
      }
    }
    return entries;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** V8 writes down where a program was, though it is found elsewhere too: it must be in the same place each time. */
async function foreseeableFolder(name: string): Promise<string> {
  // Not the folder that the environment names: it differs from machine to machine, and the digest would too.
  const folder = join(sep, 'tmp', `ccm-ts-compiled-${name.slice(0, 16)}`);
  for (let attempt = 0; attempt < 600; attempt++) {
    try {
      await mkdir(folder, { mode: 0o700 });
      return folder;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    // Another process compiles the same program.
    await sleep(100);
  }
  throw new Error(`${folder} has been there for a minute: remove it if no other build runs`);
}

async function bundledFiles(metafile: string): Promise<readonly string[]> {
  const { outputs } = JSON.parse(await readFile(metafile, 'utf8')) as {
    outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
  };
  return Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path);
}

import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'tsup';

/** How a provider bundles its executable. */
const settings = resolve(import.meta.dirname, '../../packages/cloud-provider-aws/tsup.bundle.config.ts');

/** An executable in a temporary folder, all of it in one file. */
export interface BundledManager extends AsyncDisposable {
  readonly file: string;
}

/**
 * Bundles the manager for the cloud in memory with the settings of a real provider's executable, so that what is killed is
 * like what users run: all of it in one file.
 *
 * @param library the folder of the library
 */
export async function bundleManager(library: string): Promise<BundledManager> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'bundle-')));
  await build({
    config: settings,
    silent: true,
    entry: { manager: join(library, 'src/testing/proofs/process-manager.ts') },
    tsconfig: join(library, 'tsconfig.json'),
    outDir: folder,
    // They leave out what that provider has no use for, which this cloud's client needs.
    esbuildPlugins: [],
    metafile: false,
  });
  return {
    file: join(folder, 'manager.js'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

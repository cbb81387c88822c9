import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'tsup';
import { startWatchdog } from '../kube-apiserver/child-process.ts';

/** A manager in one file, bundled the way that the managers ship. */
export interface BundledProgram extends AsyncDisposable {
  /** One JavaScript file, alone in its folder. */
  readonly path: string;
}

/** Bundles the source as it is now. */
export async function bundleProgram(entry: string): Promise<BundledProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-bundle-'));
  const watchdog = startWatchdog([], folder);
  await build({
    config: false,
    silent: true,
    entry: { manager: entry },
    outDir: folder,
    format: ['esm'],
    outExtension: () => ({ js: '.mjs' }),
    target: 'node24',
    platform: 'node',
    noExternal: [/.*/],
    splitting: false,
    dts: false,
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    esbuildOptions: (options) => {
      options.conditions = ['@ccm-ts/source', ...(options.conditions ?? [])];
      options.minifySyntax = true;
      options.minifyWhitespace = true;
      options.legalComments = 'none';
    },
  });
  return {
    path: join(folder, 'manager.mjs'),
    [Symbol.asyncDispose]: async () => {
      watchdog.dismiss();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

import { defineConfig } from 'tsup';
import { leaveOut } from './bundling/leave-out.ts';
import { literalKeys } from './bundling/literal-keys.ts';
import { requireBuiltins } from './bundling/require-builtins.ts';

/**
 * The credential provider for kubelet, in one ESM file of its own. Kubelet waits for a new process of it with each pull, so it
 * holds nothing of the manager.
 */
export default defineConfig({
  entry: { 'ecr-credential-provider': 'src/ecr-credential-provider/main.ts' },
  outDir: 'bundle/ecr',
  format: ['esm'],
  target: 'node24',
  platform: 'node',
  removeNodeProtocol: false,
  noExternal: [/.*/],
  splitting: false,
  clean: true,
  dts: false,
  sourcemap: false,
  metafile: true,
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  esbuildPlugins: [leaveOut(), literalKeys(), requireBuiltins()],
  esbuildOptions(options) {
    options.conditions = ['@ccm-ts/source', 'module', ...(options.conditions ?? [])];
    options.mainFields = ['module', 'main'];
    options.minifySyntax = true;
    options.minifyWhitespace = true;
    options.legalComments = 'none';
  },
});

import { defineConfig } from 'tsup';
import { leaveOut } from './bundling/leave-out.ts';
import { literalKeys } from './bundling/literal-keys.ts';
import { requireBuiltins } from './bundling/require-builtins.ts';

/** The executable: everything in one ESM file. Identifiers are kept, so that stacks and error names stay readable. */
export default defineConfig({
  entry: { 'aws-cloud-controller-manager': 'src/main.ts' },
  outDir: 'bundle',
  format: ['esm'],
  target: 'node24',
  platform: 'node',
  // Some of Node's own modules are known by their full names only.
  removeNodeProtocol: false,
  noExternal: [/.*/],
  splitting: false,
  // The credential provider has a folder of its own in there.
  clean: ['!ecr/**'],
  dts: false,
  sourcemap: false,
  metafile: true,
  // A small young generation costs no time and saves tens of megabytes with thousands of nodes.
  // CommonJS dependencies inside an ESM bundle need a real require().
  banner: {
    js: "#!/usr/bin/env -S node --max-semi-space-size=1\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  esbuildPlugins: [leaveOut(), literalKeys(), requireBuiltins()],
  esbuildOptions(options) {
    // Naming conditions drops esbuild's own `module`. Of modules only what is used is bundled, of CommonJS everything.
    options.conditions = ['@ccm-ts/source', 'module', ...(options.conditions ?? [])];
    options.mainFields = ['module', 'main'];
    // undici's word for builds without its experimental parser.
    options.define = { ...options.define, esbuildDetection: 'true' };
    options.minifySyntax = true;
    options.minifyWhitespace = true;
    options.legalComments = 'none';
  },
});

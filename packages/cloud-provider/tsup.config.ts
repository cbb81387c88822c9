import { defineConfig } from 'tsup';

/** Library build: ESM and declarations, dependencies stay external. */
export default defineConfig({
  entry: ['src/index.ts', 'src/testing/index.ts', 'src/conformance/index.ts'],
  format: ['esm'],
  target: 'node24',
  platform: 'node',
  // Some of Node's own modules are known by their full names only.
  removeNodeProtocol: false,
  dts: true,
  sourcemap: true,
  clean: true,
  splitting: true,
});

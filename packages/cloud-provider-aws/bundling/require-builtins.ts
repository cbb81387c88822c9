import type { Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/**
 * Modules of Node that have exports which are made when they are asked for. An import asks for every one of them, used or
 * not: that of `node:http` loads the whole of Node's own undici for its WebSocket, 28 ms and 13 MB; that of `node:process`
 * opens the standard input.
 */
const withLazyExports = /^(node:)?(http|process|fs|util)$/;

/** Bundles imports of such modules as `require()`, which only asks for what is used. */
export function requireBuiltins(): Plugin {
  const namespace = 'builtin';
  return {
    name: 'require-builtins',
    setup(build) {
      build.onResolve({ filter: withLazyExports }, ({ path, namespace: from }) => {
        const full = path.startsWith('node:') ? path : `node:${path}`;
        return from === namespace ? { path: full, external: true } : { path: full, namespace };
      });
      build.onLoad({ filter: /.*/, namespace }, ({ path }) => {
        return { contents: `module.exports = require(${JSON.stringify(path)});`, loader: 'js' };
      });
    },
  };
}

import { readFile } from 'node:fs/promises';
import type { Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

const tables = /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/;

/**
 * Writes the keys of the SDK's schema tables as they are. In the sources they are computed from constants (`{ [_xN]: _it }`),
 * which might have effects as far as a bundler can tell, so that the schemas of all operations would stay in the bundle: of
 * EC2 alone three quarters of a megabyte.
 */
export function literalKeys(): Plugin {
  return {
    name: 'literal-keys',
    setup(build) {
      build.onLoad({ filter: tables }, async ({ path }) => {
        return { contents: withLiteralKeys(await readFile(path, 'utf8')), loader: 'js' };
      });
    },
  };
}

/** Replaces `[_name]:` by the text of the constant; keys of which none is known stay. */
export function withLiteralKeys(source: string): string {
  const constants = new Map<string, string>();
  for (const [, name = '', text = ''] of source.matchAll(/^const (_\w*) = ("(?:[^"\\]|\\.)*");$/gm)) {
    constants.set(name, text);
  }
  return source.replaceAll(/\[(_\w*)\]:/g, (key, name: string) => {
    const text = constants.get(name);
    return text === undefined ? key : `${text}:`;
  });
}

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleExecutable } from '../../aws/executable.ts';

/** A package in the bundle. */
export interface BundlePart {
  readonly name: string;
  /** In the bundle, before compression. */
  readonly bytes: number;
  /** What the manager needs it for. */
  readonly use: string;
}

interface UsedFor {
  readonly usedFor: Readonly<Record<string, string>>;
}

interface Metafile {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >;
}

/** Beside the program that bundles, and no part of what the package exports. */
const bundling = join(import.meta.dirname, '../../../packages/cloud-provider-aws/bundling');

/** What the bundle of the AWS manager is made of, the largest first. */
export async function bundleParts(): Promise<readonly BundlePart[]> {
  const folder = dirname(await bundleExecutable());
  const { usedFor } = (await import(pathToFileURL(join(bundling, 'used-for.ts')).href)) as UsedFor;
  const { outputs } = JSON.parse(await readFile(join(folder, 'metafile-esm.json'), 'utf8')) as Metafile;
  const sizes = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs))) {
    const name = partOf(path);
    sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
  }
  return [...sizes]
    .filter(([, bytes]) => bytes > 0)
    .map(([name, bytes]) => ({ name, bytes, use: usedFor[name] ?? 'of this repository' }))
    .toSorted((a, b) => b.bytes - a.bytes);
}

/** The folder of a package of ours, or the name of a dependency. */
function partOf(path: string): string {
  const [, dependency] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  if (dependency !== undefined) return dependency;
  const [, library] = /(?:^|\/)cloud-provider\/(src\/[^/]+)/.exec(path) ?? [];
  return library === undefined ? '@ccm-ts/cloud-provider-aws' : `@ccm-ts/cloud-provider ${library}`;
}

const shown = 14;

/** A table of the largest parts. */
export function renderParts(parts: readonly BundlePart[]): string {
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const rest = parts.slice(shown);
  const line = (name: string, bytes: number, use: string): string =>
    `| ${name} | ${(bytes / 1000).toFixed(0)} | ${((100 * bytes) / total).toFixed(0)} % | ${use} |`;
  return [
    '| part | kB | share | what for |',
    '|---|---|---|---|',
    ...parts.slice(0, shown).map(({ name, bytes, use }) => line(`\`${name}\``, bytes, use)),
    line(
      `${rest.length} more`,
      rest.reduce((sum, { bytes }) => sum + bytes, 0),
      '',
    ),
    line('together', total, ''),
  ].join('\n');
}

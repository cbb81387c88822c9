import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Architecture } from './architecture.ts';
import { debianDistribution, debianPackages } from './debian-packages.ts';

/** Something that is in the image, as CycloneDX has it. */
interface Component {
  readonly type: 'library' | 'application';
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly unknown[];
  readonly hashes?: readonly unknown[];
}

export interface SbomInput {
  readonly packageFolder: string;
  /** Files that are in the bundle, relative to the package. */
  readonly sources: readonly string[];
  readonly architecture: Architecture;
  /** How the Node of the image is run here. */
  readonly node: readonly string[];
}

/** A bill of materials (CycloneDX 1.5) of what is in the image: packages that only stand in node_modules are not. */
export async function sbom({ packageFolder, sources, architecture, node }: SbomInput): Promise<unknown> {
  const own = await component(packageFolder);
  const folders = new Set(sources.map((path) => packageOf(resolve(packageFolder, path))));
  folders.delete(undefined);
  const packages = await Promise.all([...folders].map((folder) => component(folder ?? '')));
  const debian = debianPackages[architecture].map(({ name, version, sha256 }): Component => {
    const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=${debianDistribution}`;
    return { type: 'library', name, version, purl, hashes: [{ alg: 'SHA-256', content: sha256 }] };
  });
  const components = [...packages.filter(({ purl }) => purl !== own.purl), ...debian, ...(await partsOfNode(node))];
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { ...own, type: 'application', 'bom-ref': own.purl } },
    components: components
      .toSorted((a, b) => (a.purl < b.purl ? -1 : 1))
      .map((each) => ({ ...each, 'bom-ref': each.purl })),
  };
}

function packageOf(path: string): string | undefined {
  // Stand-ins of the bundler are nobody's files.
  if (!existsSync(path)) return undefined;
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    // Some packages have manifests in their folders that only say which kind of modules is there.
    if (existsSync(manifest) && !/[\\/](dist|build|esm|cjs|lib)[\\/]?[^\\/]*$/.test(folder)) return folder;
  }
  return undefined;
}

async function component(folder: string): Promise<Component> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const { name, version, license } = manifest;
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { type: 'library', name, version, purl, ...(license && { licenses: [{ expression: license }] }) };
}

/** Among the versions that Node tells, but of nothing that is inside. */
const numbersOfInterfaces: ReadonlySet<string> = new Set(['modules', 'napi']);

/** What Node was built with is in its program. */
async function partsOfNode([program = '', ...args]: readonly string[]): Promise<readonly Component[]> {
  const { stdout } = await promisify(execFile)(program, [...args, '-p', 'JSON.stringify(process.versions)']);
  const { node: version = '', ...parts } = JSON.parse(stdout) as Record<string, string>;
  return [
    { type: 'application', name: 'node', version, purl: `pkg:generic/node@${version}` },
    ...Object.entries(parts)
      .filter(([name, part]) => part !== '' && !numbersOfInterfaces.has(name))
      .map(([name, part]): Component => {
        return {
          type: 'library',
          name: `node/${name}`,
          version: part,
          purl: `pkg:generic/node-${name}@${encodeURIComponent(part)}`,
        };
      }),
  ];
}

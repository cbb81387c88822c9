import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { applyEdits, type DerivedFile, moveImports, rename } from './derived-file.ts';
import { exampleFiles, exampleFolder } from './example-files.ts';
import { packageFiles } from './package-files.ts';
import { readVendorName, type VendorName } from './vendor-name.ts';

/** The files of a workspace, as nx hands them to generators: nothing is written before the generator has ended well. */
export interface Tree {
  readonly root: string;
  exists(path: string): boolean;
  read(path: string, encoding: 'utf-8'): string | null;
  write(path: string, content: string): void;
}

/**
 * Makes `packages/cloud-provider-VENDOR`: a provider that lints, builds, bundles, makes an image and passes the conformance suite
 * against the example cloud, with notes where the real one goes.
 *
 * @returns what is to be done once the files are written
 * @throws Error when the name can't be one, or when the package is there already; nothing is written then
 */
export function generateProvider(tree: Tree, options: { readonly vendor?: unknown }): () => Promise<void> {
  const name = readVendorName(options.vendor);
  const folder = `packages/cloud-provider-${name.kebab}`;
  if (tree.exists(folder)) throw new Error(`${folder} is there already: nothing was written`);
  const read = (path: string): string => {
    const text = tree.read(path, 'utf-8');
    if (text === null) throw new Error(`${path} is not there: run this in the workspace`);
    return text;
  };
  const files = new Map([...derivedFiles(read, name), ...templateFiles(read, name), ...packageFiles(read, name)]);
  for (const [path, text] of files) tree.write(`${folder}/${path}`, text);
  return async () => {
    // Names are as long as they are: the lines are broken anew. Pages are made of what the new provider declares.
    for (const [program, ...args] of [
      ['biome', 'format', '--config-path', 'tools/config', '--write', folder],
      [process.execPath, '--conditions=@ccm-ts/source', 'tools/generate/generate.ts'],
    ] as const) {
      await promisify(execFile)(program, args, {
        cwd: tree.root,
        env: { ...process.env, PATH: `${join(tree.root, 'node_modules/.bin')}:${process.env.PATH ?? ''}` },
      });
    }
    console.log(`\n${folder} is a provider of an example cloud. Next:\n`);
    console.log('  npm install');
    console.log(
      `  npm test -- lint "types of cloud-provider-${name.kebab}" "unit tests of cloud-provider-${name.kebab}"\n`,
    );
    console.log(`Then put your cloud in its place: ${folder}/README.md\n`);
  };
}

type NamedText = readonly [path: string, text: string];

function derivedFiles(read: (path: string) => string, name: VendorName): readonly NamedText[] {
  const targets = new Map([
    ...exampleFiles.map(({ source, target }) => [source, target] as const),
    ['annotations.ts', 'src/annotations.ts'] as const,
  ]);
  const imports = { targets, library: '@ccm-ts/cloud-provider' };
  return exampleFiles.map((file) => {
    const edited = applyEdits(file.source, read(`${exampleFolder}/${file.source}`), file.edits ?? []);
    const text = rename(moveImports(file, edited, imports), name);
    return [fill(file.target, name), fill(`${noteOf(file)}${text}`, name)];
  });
}

function noteOf({ note }: DerivedFile): string {
  return note === undefined ? '' : `// YOUR CLOUD: ${note}\n`;
}

const templateSuffix = '.template';

function templateFiles(read: (path: string) => string, name: VendorName): readonly NamedText[] {
  const { version } = JSON.parse(read('packages/cloud-provider/package.json')) as { readonly version: string };
  const folder = join(import.meta.dirname, 'templates');
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith(templateSuffix),
  );
  return paths.map((path) => [
    fill(path.slice(0, -templateSuffix.length), name),
    fill(read(`tools/generator/templates/${path}`), name).replaceAll('__version__', version),
  ]);
}

function fill(text: string, { camel, kebab, pascal }: VendorName): string {
  return text.replaceAll('__vendor__', kebab).replaceAll('__vendorCamel__', camel).replaceAll('__Vendor__', pascal);
}

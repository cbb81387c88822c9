import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { applyEdits, moveImports } from './derived-file.ts';
import { generateProvider, type Tree } from './provider.ts';
import { readVendorName } from './vendor-name.ts';

const root = resolve(import.meta.dirname, '../..');

/** Reads the workspace and keeps to itself what is written. */
function treeOf(written: Map<string, string>, there: readonly string[] = []): Tree {
  return {
    root,
    exists: (path) => there.includes(path) || existsSync(join(root, path)),
    read: (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null),
    write: (path, content) => void written.set(path, content),
  };
}

describe('the generator of providers', () => {
  it('writes a package that knows its own name and no other', () => {
    const written = new Map<string, string>();
    generateProvider(treeOf(written), { vendor: 'acme-cloud' });
    const folder = 'packages/cloud-provider-acme-cloud';
    expect([...written.keys()].filter((path) => !path.startsWith(`${folder}/`))).toEqual([]);
    expect(written.get(`${folder}/src/acme-cloud-provider.ts`)).toContain('export function acmeCloudProvider(');
    expect(written.get(`${folder}/src/provider-id.ts`)).toContain("providerName = 'acme-cloud'");
    for (const [path, text] of written) {
      expect(`${path} ${text.match(/__\w+__/)?.[0] ?? ''}`).toBe(`${path} `);
      // The cloud behind the example calls itself by its own name.
      const isExample = /src\/(conformance|client\/http-transport|permissions)/.test(path);
      if (path.includes('/src/') && !isExample)
        expect(`${path}: ${text.match(/.*memory.*/i)?.[0]}`).toBe(`${path}: undefined`);
    }
  });

  it('makes what its users install and read, in the layout of all providers', () => {
    const written = new Map<string, string>();
    generateProvider(treeOf(written), { vendor: 'acme' });
    const text = (path: string): string => written.get(`packages/cloud-provider-acme/${path}`) ?? '';
    expect(text('chart/Chart.yaml')).toMatch(/^name: acme-cloud-controller-manager\ndescription: .* for Acme$/m);
    expect(text('chart/values.yaml')).toContain('name: acme\n');
    expect(text('package.json')).toContain('"bundle": "tsup --config tsup.bundle.config.ts"');
    for (const path of [
      'OWNERS',
      'CHANGELOG.md',
      'docs/getting-started.md',
      'docs/resources/node/README.md',
      'docs/resources/node/labels.md',
      'docs/resources/service/README.md',
      'docs/resources/persistentvolumes/README.md',
      'docs/example-manifests/service.yaml',
    ]) {
      expect(`${path}: ${text(path).slice(0, 1)}`).toMatch(/: \S$/);
      expect(`${path}: ${/aws/i.exec(text(path))?.[0]}`).toBe(`${path}: undefined`);
    }
  });

  it('says in each file that knows the cloud what goes in its place', () => {
    const written = new Map<string, string>();
    generateProvider(treeOf(written), { vendor: 'acme' });
    const marked = [...written].filter(([, text]) => text.startsWith('// YOUR CLOUD: ')).map(([path]) => path);
    for (const file of ['client/acme-client.ts', 'provider-id.ts', 'load-balancers/desired.ts', 'config.ts']) {
      expect(marked).toContain(`packages/cloud-provider-acme/src/${file}`);
    }
  });

  it('writes nothing over a package that is there', () => {
    const written = new Map<string, string>();
    const tree = treeOf(written, ['packages/cloud-provider-acme']);
    expect(() => generateProvider(tree, { vendor: 'acme' })).toThrow(
      'packages/cloud-provider-acme is there already: nothing was written',
    );
    expect(() => generateProvider(treeOf(written), { vendor: 'aws' })).toThrow('is there already');
    expect(written.size).toBe(0);
  });
});

describe('names of vendors', () => {
  it.each([
    ['acme', 'acme', 'acme', 'Acme'],
    ['acme-cloud2', 'acme-cloud2', 'acmeCloud2', 'AcmeCloud2'],
  ])('%s', (text, kebab, camel, pascal) => expect(readVendorName(text)).toEqual({ kebab, camel, pascal }));

  it.each([
    [undefined, 'name the cloud, for example: acme'],
    ['', 'name the cloud, for example: acme'],
    [
      'AcmeCloud',
      "'AcmeCloud' can't be the name of a provider: write lower-case letters, digits and single dashes, beginning with a letter, such as acme-cloud",
    ],
    ['cloud-provider-Acme', 'such as acme'],
    ['../acme', 'such as acme'],
    ['acme--cloud', 'such as acme-cloud'],
    ['2acme', 'such as acme'],
    ['ü', 'such as acme'],
    ['a'.repeat(31), 'it has 31 characters, take at most 30'],
    ['testing', 'the library uses it for something else'],
  ])('refuses %s', (text, message) => expect(() => readVendorName(text)).toThrow(message));
});

describe('files that are taken over', () => {
  it('tells when an edit no longer fits', () => {
    const edit = { kind: 'replace', from: 'old', to: 'new' } as const;
    expect(applyEdits('a.ts', 'an old text', [edit])).toBe('an new text');
    expect(() => applyEdits('a.ts', 'a text', [edit])).toThrow('a.ts no longer holds this exactly once');
    expect(() => applyEdits('a.ts', 'old and old', [edit])).toThrow('a.ts no longer holds this exactly once');
    const cut = { kind: 'cut', from: 'b', upTo: 'd' } as const;
    expect(applyEdits('a.ts', 'abcde', [cut])).toBe('ade');
    expect(() => applyEdits('a.ts', 'abce', [cut])).toThrow('change the edits of the generator: d');
  });

  it('leads imports to the new places and to the library', () => {
    const file = { source: 'routes/plan.ts', target: 'src/routes/plan.ts' };
    const targets = new Map([['client/c.ts', 'src/client/acme-client.ts']]);
    const text =
      "import { type B, a } from '../client/c.ts';\nimport type { D } from '../../../cloud/d.ts';\nimport { c } from '../../e.ts';\n\nbody;\n";
    expect(moveImports(file, text, { targets, library: 'lib' })).toBe(
      "import { type D, c } from 'lib';\nimport { type B, a } from '../client/acme-client.ts';\n\nbody;\n",
    );
    const unknown = "import { a } from '../client/x.ts';\n";
    expect(() => moveImports(file, unknown, { targets, library: 'lib' })).toThrow(
      'client/x.ts, which the generator does not take over',
    );
  });
});

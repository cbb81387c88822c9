import { describe, expect, it } from '@jest/globals';
import { findBoundaryBreaches } from './module-boundaries.ts';
import { makeScratchFolder } from './scratch-folder.ts';
import { readWorkspace } from './workspace.ts';

const library = 'packages/cloud-provider';
const provider = 'packages/cloud-provider-acme';

const sound: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'root', version: '0.0.0', devDependencies: { typescript: '6.0.3' } }),
  [`${library}/package.json`]: manifest('@ccm-ts/cloud-provider', 'library', {
    dependencies: { undici: '8.0.0', 'ipaddr.js': '2.0.0' },
    devDependencies: { jest: '30.0.0', 'fast-check': '4.0.0' },
    exports: {
      '.': { types: './dist/index.d.ts', '@ccm-ts/source': './src/index.ts' },
      './testing': './src/testing/index.ts',
    },
  }),
  [`${library}/src/index.ts`]: `export * from './cloud/plan.ts';`,
  [`${library}/src/testing/index.ts`]: `export * from '../base/clock.ts';`,
  [`${library}/src/base/clock.ts`]: `import { hrtime } from 'node:process'; export const now = hrtime;`,
  [`${library}/src/cloud/plan.ts`]: `import type { now } from '../base/clock.ts'; export type Now = typeof now;`,
  [`${library}/src/kube/client.ts`]: `import { request } from 'undici'; export const send = request;`,
  [`${library}/src/kube/client.test.ts`]: `import { it } from '@jest/globals'; import '../testing/fake.ts'; import fc from 'fast-check';`,
  [`${library}/src/controllers/controller.ts`]: `export interface Controller {}`,
  [`${library}/src/controllers/node/loop.ts`]: `import type { Controller } from '../controller.ts';`,
  [`${library}/tsup.config.ts`]: `export default {};`,
  [`${provider}/package.json`]: manifest('@ccm-ts/cloud-provider-acme', 'provider', {
    dependencies: { '@ccm-ts/cloud-provider': '1.36.0', '@acme/sdk': '1.0.0' },
    exports: { '.': './src/index.ts' },
  }),
  [`${provider}/src/index.ts`]: `import type { Now } from '@ccm-ts/cloud-provider'; export type { Now };`,
  [`${provider}/src/client/machines.ts`]: `import { Client } from '@acme/sdk'; export const client = Client;`,
  [`${provider}/src/index.test.ts`]: `import '@ccm-ts/cloud-provider/testing';`,
  'tools/package.json': manifest('@ccm-ts/tools', 'tool', { dependencies: { '@ccm-ts/cloud-provider': '1.36.0' } }),
  'tools/check/own.ts': `import ts from 'typescript'; import '@ccm-ts/cloud-provider';`,
};

function manifest(name: string, type: string, rest: object): string {
  return JSON.stringify({ name, version: '1.36.0', nx: { tags: [`type:${type}`] }, ...rest });
}

async function judge(planted: Readonly<Record<string, string>>): Promise<string[]> {
  await using folder = await makeScratchFolder({ ...sound, ...planted });
  const breaches = await findBoundaryBreaches(await readWorkspace(folder.path));
  return breaches.map(({ path, line, message }) => `${path}:${line ?? '-'} ${message}`);
}

describe('findBoundaryBreaches', () => {
  it('finds nothing in a sound tree', async () => {
    expect(await judge({})).toEqual([]);
  });

  it.each([
    [
      'an import upwards',
      `${library}/src/base/bad.ts`,
      `\nimport '../kube/client.ts';`,
      ':2 src/base must not import src/kube',
    ],
    [
      'contract and machinery knowing each other',
      `${library}/src/cloud/bad.ts`,
      `import '../kube/client.ts';`,
      'src/cloud must not import src/kube',
    ],
    [
      'an import upwards for its type',
      `${library}/src/base/bad.ts`,
      `type A = import('../kube/client.ts').A;`,
      'src/base must not import src/kube',
    ],
    [
      'an import upwards at run time',
      `${library}/src/base/bad.ts`,
      `void import('../kube/client.ts');`,
      'src/base must not import src/kube',
    ],
    [
      'a re-export upwards',
      `${library}/src/base/bad.ts`,
      `export * from '../kube/client.ts';`,
      'src/base must not import src/kube',
    ],
    [
      'shipped code using doubles',
      `${library}/src/kube/bad.ts`,
      `import '../testing/fake.ts';`,
      'src/kube must not import src/testing',
    ],
    [
      'a controller importing another',
      `${library}/src/controllers/service/bad.ts`,
      `import '../node/loop.ts';`,
      'src/controllers/service must not import src/controllers/node',
    ],
    [
      'what controllers share importing one',
      `${library}/src/controllers/bad.ts`,
      `import './node/loop.ts';`,
      'src/controllers must not import src/controllers/node',
    ],
    ['a file in no layer', `${library}/src/lib/bad.ts`, `export {};`, 'stands in no layer'],
    [
      'a dependency in the wrong layer',
      `${library}/src/cloud/bad.ts`,
      `import 'undici';`,
      'undici must be imported in src/kube',
    ],
    [
      'an undeclared dependency',
      `${library}/src/kube/bad.ts`,
      `import 'left-pad';`,
      'left-pad, which packages/cloud-provider/package.json does not declare',
    ],
    [
      'a development dependency in shipped code',
      `${library}/src/kube/bad.ts`,
      `import 'fast-check';`,
      'for development only',
    ],
    ['a builtin without its scheme', `${library}/src/kube/bad.ts`, `import 'fs';`, `write 'node:fs'`],
    ['a vendor in the library', `${library}/src/cloud/bad.ts`, `// as on AWS\nexport {};`, `:1 'AWS' names a vendor`],
    [
      'a vendor in an identifier with a separator',
      `${library}/src/cloud/bad.ts`,
      `export const key = 'my-azure-key';`,
      `'azure' names a vendor`,
    ],
    [
      'the library importing a provider',
      `${library}/src/manager/bad.ts`,
      `import '@ccm-ts/cloud-provider-acme';`,
      'a library package must not import',
    ],
    [
      'a package importing itself by name',
      `${library}/src/manager/bad.ts`,
      `import '@ccm-ts/cloud-provider';`,
      'by relative path',
    ],
    [
      'a path into another package',
      `${provider}/src/bad.ts`,
      `import '../../cloud-provider/src/base/clock.ts';`,
      'leaves the package',
    ],
    [
      'a way around the public entries',
      `${provider}/src/bad.ts`,
      `import '@ccm-ts/cloud-provider/src/base/clock.ts';`,
      'is not a public entry',
    ],
    [
      'doubles in a shipped provider',
      `${provider}/src/bad.ts`,
      `import '@ccm-ts/cloud-provider/testing';`,
      'is for tests only',
    ],
    [
      'an SDK outside client/',
      `${provider}/src/instances/bad.ts`,
      `import '@acme/sdk';`,
      '@acme/sdk must be imported in src/client/ only',
    ],
    [
      'a tool importing a provider',
      'tools/check/bad.ts',
      `import '@ccm-ts/cloud-provider-acme';`,
      'a tool package must not import',
    ],
    [
      'an index.ts that is no entry',
      `${provider}/src/instances/index.ts`,
      `export {};`,
      'index.ts stands at public entries only',
    ],
    ['a default export', `${provider}/src/bad.ts`, `export default class A {}`, 'default export'],
    ['a default export by assignment', `${provider}/src/bad.ts`, `const a = 1; export default a;`, 'default export'],
    ['a default export by name', `${provider}/src/bad.ts`, `const a = 1; export { a as default };`, 'default export'],
  ])('finds %s', async (_what, path, text, expected) => {
    const breaches = await judge({ [path]: text });
    expect(breaches).toHaveLength(1);
    expect(breaches[0]).toContain(path);
    expect(breaches[0]).toContain(expected);
  });

  it('does not take part of a longer word for a vendor', async () => {
    expect(await judge({ [`${library}/src/cloud/sound.ts`]: `export const laws = 'outlaws, novar, gceX';` })).toEqual(
      [],
    );
  });

  it('refuses a package of no known type', async () => {
    await expect(judge({ 'packages/odd/package.json': manifest('odd', 'oddity', {}) })).rejects.toThrow(
      'packages/odd/package.json: nx.tags must hold one of',
    );
  });
});

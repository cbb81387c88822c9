import { cp, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { CheckOutcome } from './check.ts';
import { listChecks } from './check-table.ts';
import { makeScratchFolder, type ScratchFolder } from './scratch-folder.ts';
import { readWorkspace } from './workspace.ts';

const repository = resolve(import.meta.dirname, '../..');
const sourceFile = 'packages/sample/src/sample.ts';
const testFile = 'packages/sample/src/sample.test.ts';

/** A workspace of one small package, with this repository's own configuration and programs. */
async function makeSampleWorkspace(files: Readonly<Record<string, string>>): Promise<ScratchFolder> {
  const folder = await makeScratchFolder({
    'package.json': json({ name: 'sample-root', version: '0.0.0', type: 'module', workspaces: ['packages/*'] }),
    'package-lock.json': JSON.stringify({ lockfileVersion: 3, packages: {} }),
    'packages/sample/package.json': json({
      name: 'sample',
      version: '1.0.0',
      type: 'module',
      scripts: {
        typecheck: 'tsc --noEmit -p tsconfig.json',
        test: `NODE_OPTIONS='--experimental-vm-modules --disable-warning=ExperimentalWarning' jest`,
      },
      nx: { name: 'sample', tags: ['type:library'] },
    }),
    'e2e/sample.ts': `export const sample = 1;\n`,
    'tools/sample.ts': `export const sample = 1;\n`,
    [sourceFile]: `export const answer = 42;\n`,
    [testFile]: `import { expect, it } from '@jest/globals';\n\nit('passes', () => expect(1).toBe(1));\n`,
    ...files,
  });
  await cp(join(repository, 'nx.json'), join(folder.path, 'nx.json'));
  await cp(join(repository, 'tools/config'), join(folder.path, 'tools/config'), { recursive: true });
  for (const part of ['tools', 'e2e']) {
    await cp(join(repository, part, 'tsconfig.json'), join(folder.path, part, 'tsconfig.json'));
  }
  for (const file of ['tsconfig.json', 'jest.config.cjs']) {
    await cp(join(repository, 'packages/cloud-provider', file), join(folder.path, 'packages/sample', file));
  }
  await symlink(join(repository, 'node_modules'), join(folder.path, 'node_modules'));
  return folder;
}

/** As the formatter wants it. */
function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

interface Verdict extends CheckOutcome {
  readonly log: string;
}

async function runRow(folder: ScratchFolder, name: string): Promise<Verdict> {
  const checks = listChecks(await readWorkspace(folder.path));
  const check = checks.find((candidate) => candidate.name === name)!;
  const lines: string[] = [];
  const context = { root: folder.path, log: (line: string) => lines.push(line), signal: new AbortController().signal };
  return { ...(await check.run(context)), log: lines.join('\n') };
}

describe('the table of checks', () => {
  it('names each check once', async () => {
    const names = listChecks(await readWorkspace(repository)).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    ['format', { [sourceFile]: `export const answer   =  42\n` }, 'sample.ts'],
    ['lint', { [sourceFile]: `async function f(): Promise<void> {}\n\nf();\n` }, 'no-floating-promises'],
    ['types of sample', { [sourceFile]: `export const answer: string = 42;\n` }, 'TS2322'],
    [
      'unit tests of sample',
      { [testFile]: `import { expect, it } from '@jest/globals';\nit('fails', () => expect(1).toBe(2));\n` },
      'fails',
    ],
    ['unit tests of sample', { [testFile]: `import './nowhere.ts';\n` }, 'nowhere'],
  ])(
    '%s passes a sound tree and finds %j',
    async (name, planted, word) => {
      await using folder = await makeSampleWorkspace({});
      const sound = await runRow(folder, name);
      // Compared with its log, so that a failure shows it.
      expect(sound).toEqual({ passed: 1, failed: 0, log: sound.log });
      await folder.write(planted);
      const verdict = await runRow(folder, name);
      expect(verdict).toMatchObject({ passed: 0, failed: 1 });
      expect(verdict.log).toContain(word);
      // What failed is not remembered as passed.
      expect(await runRow(folder, name)).toMatchObject({ failed: 1 });
    },
    120_000,
  );

  it.each([
    ['passes when everything converged', { converged: true }, 0, { passed: 1, failed: 0 }],
    ['finds what did not converge', { converged: false }, 0, { passed: 0, failed: 1 }],
    ['finds a demo that ends with an error', { converged: true }, 1, { passed: 0, failed: 1 }],
  ])('demo %s', async (_what, report, exitCode, expected) => {
    const start = `console.log(${JSON.stringify(JSON.stringify(report))}); process.exitCode = ${exitCode};`;
    const scripts = { start: 'node start.mjs' };
    const manifest = json({ name: 'sample-root', version: '0.0.0', type: 'module', scripts });
    await using folder = await makeSampleWorkspace({ 'package.json': manifest, 'start.mjs': start });
    expect(await runRow(folder, 'demo')).toMatchObject(expected);
  });

  it.each([
    ['e2e semantics', { passed: 3, failures: [], notRun: [] }, { passed: 3, failed: 0 }],
    ['e2e aws', { passed: 2, failures: [{ test: 'a', message: 'b' }], notRun: [] }, { passed: 2, failed: 1 }],
  ])('%s counts the tests of the harness', async (name, report, expected) => {
    const harness = `import { writeFileSync } from 'node:fs';
const [, file = ''] = process.argv.slice(process.argv.indexOf('--report'));
writeFileSync(file, ${JSON.stringify(JSON.stringify(report))});
`;
    await using folder = await makeSampleWorkspace({ 'e2e/run.ts': harness });
    expect(await runRow(folder, name)).toMatchObject(expected);
  });

  it('build finds a package that cannot be built', async () => {
    const manifest = (build: string): string =>
      json({ name: 'sample', version: '1.0.0', scripts: { build }, nx: { name: 'sample', tags: ['type:library'] } });
    await using folder = await makeSampleWorkspace({ 'packages/sample/package.json': manifest('exit 1') });
    expect(await runRow(folder, 'build')).toMatchObject({ passed: 0, failed: 1 });
    await folder.write({ 'packages/sample/package.json': manifest('exit 0') });
    expect(await runRow(folder, 'build')).toMatchObject({ passed: 1, failed: 0 });
  }, 60_000);

  it('counts the same tests when nx has the result already', async () => {
    await using folder = await makeSampleWorkspace({});
    expect(await runRow(folder, 'unit tests of sample')).toMatchObject({ passed: 1, failed: 0 });
    const again = await runRow(folder, 'unit tests of sample');
    expect(again).toMatchObject({ passed: 1, failed: 0 });
    expect(again.log).toMatch(/existing outputs match the cache|local cache/);
  }, 120_000);
});

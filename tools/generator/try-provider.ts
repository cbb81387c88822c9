import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runCommand } from '../check/command.ts';
import { findBoundaryBreaches } from '../check/module-boundaries.ts';
import { describeBreach } from '../check/breach.ts';
import { findDifferenceBreaches } from '../check/differences.ts';
import { findDocumentationBreaches } from '../check/documentation.ts';
import { readWorkspace } from '../check/workspace.ts';
import { copyWorkspace } from './workspace-copy.ts';

/**
 * Generates a provider in a copy of the workspace, as its author would, and does with it what is done with every package. The
 * copy is thrown away. Exit code 1 when something of it fails.
 */
const root = resolve(import.meta.dirname, '../..');
const vendor = 'acme-cloud';
const folder = `packages/cloud-provider-${vendor}`;
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
const log = (line: string): boolean => process.stdout.write(`${line}\n`);
const startedAt = performance.now();
let failed = 0;

await using copy = await copyWorkspace(root);
const generate = ['nx', 'g', 'provider'] as const;
await step('generate', [...generate, vendor]);
await step('another one of that name', [...generate, vendor], { says: 'is there already: nothing was written' });
await step('a name that can be none', [...generate, 'Acme_Cloud'], { says: 'such as acme-cloud' });
await rulesOfTheTree();
await step('generated files', [
  process.execPath,
  '--conditions=@ccm-ts/source',
  'tools/generate/generate.ts',
  '--check',
]);
await step(
  'chart and manifests',
  [process.execPath, '--conditions=@ccm-ts/source', 'e2e/deploy/write-manifests.ts', `cloud-provider-${vendor}`],
  { leftOutWhen: 'there is no Go' },
);
await step('format', ['biome', 'format', '--config-path', 'tools/config', folder]);
await together([
  ['lint', ['eslint', '--config', 'tools/config/eslint.config.js', '--max-warnings', '0', folder]],
  ['types', ['tsc', '--noEmit', '-p', `${folder}/tsconfig.json`]],
]);
await together([
  ['tests and conformance', ['npm', 'test', '--workspace', folder, '--', '--ci', '--maxWorkers=1']],
  ['build', ['npm', 'run', 'build', '--workspace', folder]],
]);
await step('image', [process.execPath, 'tools/image/build.ts', '--package', folder, '--out', join(copy.root, 'image')]);
await imageLayout();
log(`${failed === 0 ? 'the generated provider passes' : `${failed} steps failed`} after ${seconds()} s`);
if (failed > 0) process.exitCode = 1;

type Step = readonly [name: string, command: readonly [string, ...string[]]];

async function together(steps: readonly Step[]): Promise<void> {
  await Promise.all(steps.map(([name, command]) => step(name, command)));
}

interface Expectation {
  /** It is to fail, and to say this. */
  readonly says?: string;
  /** It may fail when it says this: something is not installed here. */
  readonly leftOutWhen?: string;
}

/** A program that ends well unless something else is expected of it. */
async function step(
  name: string,
  [program, ...args]: readonly [string, ...string[]],
  expected: Expectation = {},
): Promise<void> {
  const lines: string[] = [];
  const environment = {
    NX_DAEMON: 'false',
    NX_NO_CLOUD: 'true',
    NX_TUI: 'false',
    NO_COLOR: '1',
    npm_config_loglevel: 'error',
    npm_config_offline: 'true',
  };
  const { exitCode } = await runCommand({
    program,
    args,
    cwd: copy.root,
    environment,
    log: (line) => lines.push(line),
    signal: ending.signal,
  });
  const { leftOutWhen } = expected;
  if (exitCode !== 0 && leftOutWhen !== undefined && lines.join('\n').includes(leftOutWhen)) {
    log(`left out: ${name}: ${leftOutWhen}`);
    return;
  }
  const isAsExpected =
    expected.says === undefined ? exitCode === 0 : exitCode !== 0 && lines.join('\n').includes(expected.says);
  report(name, isAsExpected, lines);
}

function report(name: string, isAsExpected: boolean, lines: readonly string[]): void {
  log(`${isAsExpected ? 'ok' : 'FAILED'}: ${name} (${seconds()} s)`);
  if (isAsExpected) return;
  failed += 1;
  for (const line of lines.slice(0, 60)) log(`  ${line}`);
}

async function rulesOfTheTree(): Promise<void> {
  const breaches = [
    ...(await findBoundaryBreaches(await readWorkspace(copy.root))),
    ...(await findDocumentationBreaches(copy.root)),
    ...(await findDifferenceBreaches(copy.root)),
  ].filter(({ path }) => path.startsWith(folder));
  report('rules of the tree', breaches.length === 0, breaches.map(describeBreach));
}

async function imageLayout(): Promise<void> {
  const layout = join(copy.root, 'image/layout');
  const index = await readFile(join(layout, 'index.json'), 'utf8').catch(() => '');
  const version = await readFile(join(layout, 'oci-layout'), 'utf8').catch(() => '');
  report('image layout', index.includes('"sha256:') && version.includes('imageLayoutVersion'), [index, version]);
}

function seconds(): string {
  return ((performance.now() - startedAt) / 1000).toFixed(1);
}

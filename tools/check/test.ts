import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { listChecks } from './check-table.ts';
import { runChecks } from './run-checks.ts';
import { readWorkspace } from './workspace.ts';

const usage = `npm test [-- [--list] [name…]]
  Runs every check and suite, or those whose name contains one of the given words.
  --list   prints the names and runs nothing
  CI=true  makes what cannot be run on this machine count as a failure`;

const root = resolve(import.meta.dirname, '../..');

async function main(args: readonly string[]): Promise<number> {
  let words: readonly string[];
  let list: boolean | undefined;
  try {
    const parsed = parseArgs({ args: [...args], allowPositionals: true, options: { list: { type: 'boolean' } } });
    words = parsed.positionals;
    list = parsed.values.list;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return 2;
  }
  const checks = listChecks(await readWorkspace(root));
  const unknown = words.find((word) => !checks.some(({ name }) => name.includes(word)));
  if (unknown !== undefined) {
    console.error(`no check is called '${unknown}'; there are: ${checks.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const chosen = checks.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  if (list) {
    for (const { name } of chosen) console.log(name);
    return 0;
  }
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => abort.abort());
  return await runChecks(chosen, {
    root,
    signal: abort.signal,
    onNotRun: process.env.CI === 'true' ? 'fail' : 'report',
    print: (line) => console.log(line),
  });
}

process.exitCode = await main(process.argv.slice(2));

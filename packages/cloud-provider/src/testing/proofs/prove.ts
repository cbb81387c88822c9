import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { printReport } from './print-report.ts';
import { proofTable } from './proof-table.ts';

const usage = `node --conditions=@ccm-ts/source prove.ts [--full] [--first] [--program <file>] [proof…]
  Makes the proofs of these names, or all; prints one JSON line for each, and what failed to the standard error.
  --full     every point, each in a life of its own where lives are shared otherwise
  --first    ends a proof with its first failure
  --program  the manager whose processes are killed, bundled; the one of the source is the default`;

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { full: { type: 'boolean' }, first: { type: 'boolean' }, program: { type: 'string' } },
  });
  const unknown = positionals.find((name) => !proofTable.some((proof) => proof.name === name));
  if (unknown !== undefined) {
    process.stderr.write(
      `no proof is called ${unknown}; there are ${proofTable.map(({ name }) => name).join(', ')}\n${usage}\n`,
    );
    return 2;
  }
  let failed = 0;
  for (const { name, prove } of proofTable) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    const report = await prove({
      extent: values.full ? 'full' : 'usual',
      onFailure: values.first ? 'stop' : 'goOn',
      program: values.program ?? fileURLToPath(new URL('./process-manager.ts', import.meta.url)),
    });
    printReport(report);
    for (const failure of report.failures) process.stderr.write(`${failure}\n`);
    failed += report.failures.length;
  }
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2));

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { DefectVerdict, PlantedDefect } from './defect.ts';
import { judgeDefects } from './judge-defects.ts';
import { makeProof, type ProofResult } from './make-proof.ts';
import { plantedDefects } from './planted-defects.ts';
import { proofCommands } from './proof-commands.ts';
import { pickSome } from './sample.ts';

const usage = `npm run proofs [-- [--full] [--sample <number> [--seed <number>]] [name…]]
  Makes the proofs of the library and then plants defects, each of which must turn its proof red.
  name…      only the proofs and planted defects whose name contains one of these
  --full     every point, and each in a life of its own
  --sample   so many planted defects only, and no proofs besides; --seed chooses which
  --sound    takes it for known that the proofs pass without a defect, as the unit tests have shown
  --list     prints the names and does nothing`;

const root = resolve(import.meta.dirname, '../..');
const lanes = 2;

interface Row {
  readonly name: string;
  readonly verdict: string;
  readonly points: string;
  readonly seconds: number;
  readonly isGood: boolean;
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals: words } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      full: { type: 'boolean' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
      sound: { type: 'boolean' },
      sample: { type: 'string' },
      seed: { type: 'string' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const isWanted = (name: string): boolean => words.length === 0 || words.some((word) => name.includes(word));
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
  const candidates = plantedDefects.filter(({ name }) => isWanted(name));
  const defects = values.sample === undefined ? candidates : pickSome(candidates, Number(values.sample), seed);
  const proofs = values.sample === undefined ? Object.keys(proofCommands).filter(isWanted) : [];
  if (values.list) {
    for (const name of [...proofs, ...defects.map((defect) => defect.name)]) console.log(name);
    return 0;
  }
  if (proofs.length + defects.length === 0) {
    console.error(`no proof and no defect is called like that\n${usage}`);
    return 2;
  }
  if (values.sample !== undefined) console.log(`seed ${seed}`);
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());
  const rows: Row[] = [];
  const made = await makeAll(proofs, values.full ? 'full' : 'usual', { rows, signal: abort.signal });
  await judgeDefects(defects, {
    root,
    lanes,
    proven: values.sound ? new Set(Object.keys(proofCommands)) : made,
    log: () => undefined,
    signal: abort.signal,
    onVerdict: (defect, verdict, seconds) => rows.push(rowOfDefect(defect, verdict, seconds)),
  });
  return conclude(rows, defects.length);
}

/** Returns the names of those that passed. */
async function makeAll(
  names: readonly string[],
  extent: 'usual' | 'full',
  to: { readonly rows: Row[]; readonly signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  const passed = new Set<string>();
  const waiting = [...names];
  const folder = resolve(root, 'packages/cloud-provider');
  const lane = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const output: string[] = [];
      const log = (line: string): void => void output.push(line);
      const result = await makeProof({ name, folder, extent, onFailure: 'goOn', log, signal: to.signal });
      for (const line of result.lines) console.log(line);
      if (result.outcome === 'passed') passed.add(name);
      else for (const line of output) console.error(`    ${line}`);
      to.rows.push(rowOfProof(name, result));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return passed;
}

function rowOfProof(name: string, { outcome, points, seconds }: ProofResult): Row {
  return { name, verdict: outcome, points: String(points), seconds, isGood: outcome === 'passed' };
}

function rowOfDefect(defect: PlantedDefect, verdict: DefectVerdict, seconds: number): Row {
  console.log(
    JSON.stringify({ proof: 'planted-defect', defect: defect.name, by: defect.proof, verdict: verdict.kind }),
  );
  if (verdict.kind === 'broken') console.error(verdict.output);
  const isGood = verdict.kind === 'noticed';
  return { name: `${defect.name} (${defect.proof})`, verdict: verdict.kind, points: '', seconds, isGood };
}

function conclude(rows: readonly Row[], defects: number): number {
  const noticed = rows.filter(({ verdict }) => verdict === 'noticed').length;
  if (defects > 0) {
    console.log(JSON.stringify({ proof: 'planted-defects', points: defects, failures: defects - noticed }));
  }
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, verdict, points, seconds, isGood } of rows) {
    console.log(
      `${isGood ? '✓' : '✗'} ${name.padEnd(width)}  ${verdict.padEnd(9)} ${points.padStart(6)} ${seconds.toFixed(1).padStart(7)} s`,
    );
  }
  return rows.every(({ isGood }) => isGood) ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));

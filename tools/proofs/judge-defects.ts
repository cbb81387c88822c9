import type { DefectVerdict, PlantedDefect } from './defect.ts';
import { copyLibrary, type LibraryCopy } from './library-copy.ts';
import { makeProof } from './make-proof.ts';

export interface JudgeOptions {
  readonly root: string;
  /** Copies that are spoilt side by side. */
  readonly lanes: number;
  /** The proofs that passed already on this very source. The others are made on a sound copy first. */
  readonly proven: ReadonlySet<string>;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
  readonly onVerdict: (defect: PlantedDefect, verdict: DefectVerdict, seconds: number) => void;
}

/** A cheap proof that passes in every sound copy, so that a copy that can't be used is not taken for a spoilt one. */
const canary = 'life';

/**
 * Plants each defect alone and makes its proof, which must fail. A proof that fails without any defect makes all verdicts of
 * its defects `broken`.
 */
export async function judgeDefects(defects: readonly PlantedDefect[], options: JudgeOptions): Promise<void> {
  const waiting = [...defects];
  const soundness = new Map<string, Promise<string | undefined>>();
  const lane = async (): Promise<void> => {
    await using copy = await copyLibrary(options.root);
    for (let defect = waiting.shift(); defect; defect = waiting.shift()) {
      const began = performance.now();
      const known = soundness.get(defect.proof) ?? complaintAgainst(copy, defect.proof, options);
      soundness.set(defect.proof, known);
      const complaint = await known;
      const verdict: DefectVerdict =
        complaint === undefined ? await judge(copy, defect, options) : { kind: 'broken', output: complaint };
      options.onVerdict(defect, verdict, (performance.now() - began) / 1000);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.lanes, defects.length) }, lane));
}

/** Why a proof can't be made on a sound copy; undefined when it can. */
async function complaintAgainst(copy: LibraryCopy, proof: string, options: JudgeOptions): Promise<string | undefined> {
  const output: string[] = [];
  const name = options.proven.has(proof) ? canary : proof;
  const { outcome } = await make(copy, name, { ...options, log: (line) => output.push(line) });
  return outcome === 'passed' ? undefined : `${name}, without a defect: ${outcome}\n${output.join('\n')}`;
}

async function judge(copy: LibraryCopy, defect: PlantedDefect, options: JudgeOptions): Promise<DefectVerdict> {
  const output: string[] = [];
  const log = (line: string): void => {
    output.push(line);
    options.log(line);
  };
  const changed = await copy.withChange(defect, () => make(copy, defect.proof, { ...options, log }));
  if (changed.kind === 'stale') return changed;
  switch (changed.value.outcome) {
    case 'passed':
      return { kind: 'unnoticed' };
    case 'failed':
      return { kind: 'noticed' };
    case 'unmade':
      return { kind: 'broken', output: output.join('\n') };
  }
}

function make(copy: LibraryCopy, name: string, { log, signal }: Pick<JudgeOptions, 'log' | 'signal'>) {
  return makeProof({ name, folder: copy.folder, extent: 'usual', onFailure: 'stop', log, signal });
}

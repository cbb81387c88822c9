/** How a proof is made in a folder of the library. */
export type ProofCommand =
  /** By the program of the proofs, under its name there; one that kills processes is given a bundled manager for that. */
  | { readonly kind: 'program'; readonly kills?: 'bundle' }
  /** By a test file; relative to the folder of the library. */
  | { readonly kind: 'test'; readonly file: string };

const proofs = 'src/testing/proofs';

/** Every proof by its name, in the order in which they are made: cheap ones first. */
export const proofCommands: Readonly<Record<string, ProofCommand>> = {
  life: { kind: 'program' },
  guard: { kind: 'test', file: `${proofs}/guard.test.ts` },
  'deletion-guard': { kind: 'test', file: 'src/controllers/node-lifecycle/deletion-guard-histories.test.ts' },
  'leader-election': { kind: 'test', file: 'src/kube/leader-election/leader-elector.test.ts' },
  'late-requests': { kind: 'test', file: 'src/manager/late-requests.test.ts' },
  'work-queue': { kind: 'test', file: 'src/kube/work-queue/work-queue.test.ts' },
  'second-look': { kind: 'test', file: 'src/controllers/service/outdated-wish.test.ts' },
  drift: { kind: 'test', file: `${proofs}/drift.test.ts` },
  races: { kind: 'test', file: `${proofs}/races.test.ts` },
  'clock-jumps': { kind: 'test', file: `${proofs}/clock-jumps.test.ts` },
  'journal-sweep': { kind: 'test', file: `${proofs}/journal-sweep.test.ts` },
  histories: { kind: 'test', file: `${proofs}/histories.test.ts` },
  'crash-sweep': { kind: 'program' },
  'crash-sweep-late': { kind: 'program' },
  interleavings: { kind: 'program' },
  'two-clusters': { kind: 'program' },
  'several-managers': { kind: 'program' },
  'fault-sweep-cloud': { kind: 'program' },
  'fault-sweep-cluster': { kind: 'program' },
  'fault-pairs': { kind: 'program' },
  'crash-sweep-thread': { kind: 'program' },
  'crash-sweep-sigkill': { kind: 'program', kills: 'bundle' },
};

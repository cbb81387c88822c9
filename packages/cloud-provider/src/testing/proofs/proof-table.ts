import { type CrashPoint, sweepCrashes } from './crash-sweep.ts';
import { sweepDetachedCrashes } from './detached-crash-sweep.ts';
import { clusterFaults, cloudFaults, sweepFaults } from './fault-sweep.ts';
import { sweepInterleavings } from './interleaving-sweep.ts';
import { live } from './live.ts';
import { asProcess, inThread } from './manager-body.ts';
import type { ProofReport } from './print-report.ts';
import { proveSeveralManagers } from './several-managers.ts';
import { proveTwoClusters } from './two-clusters.ts';

/** How thoroughly a proof is made. */
export interface ProofExtent {
  /** `usual` is what every test run can afford. */
  readonly extent: 'usual' | 'full';
  /** `stop` ends with the first failure, for who wants to know only whether there is one. */
  readonly onFailure: 'goOn' | 'stop';
  /** The program of the proof that kills processes: `process-manager.ts`, or the file that it was bundled to. */
  readonly program: string;
}

/** One proof that needs nothing but Node. */
export interface Proof {
  readonly name: string;
  readonly prove: (extent: ProofExtent) => Promise<ProofReport>;
}

/** The proofs that can be run as a program, in the order of what they cost. */
export const proofTable: readonly Proof[] = [
  {
    name: 'life',
    async prove() {
      const report = await live();
      return { proof: 'life', points: report.messages.cloud + report.messages.cluster, failures: report.faults };
    },
  },
  {
    name: 'two-clusters',
    prove: ({ extent }) => proveTwoClusters(seedsUpTo(extent === 'full' ? 40 : 2)),
  },
  {
    name: 'several-managers',
    prove: ({ extent }) => proveSeveralManagers(seedsUpTo(extent === 'full' ? 200 : 8)),
  },
  crashes('crash-sweep', 'atOnce'),
  crashes('crash-sweep-late', 'afterNextStep'),
  { name: 'interleavings', prove: ({ onFailure }) => sweepInterleavings({ onFailure }) },
  {
    name: 'fault-sweep-cloud',
    prove: ({ extent, onFailure }) =>
      sweepFaults(live, { name: 'fault-sweep-cloud', faults: cloudFaults, singles: singlesOf(extent), onFailure }),
  },
  {
    name: 'fault-sweep-cluster',
    prove: ({ extent, onFailure }) =>
      sweepFaults(live, { name: 'fault-sweep-cluster', faults: clusterFaults, singles: singlesOf(extent), onFailure }),
  },
  {
    name: 'fault-pairs',
    prove: ({ extent, onFailure }) =>
      sweepFaults(live, {
        name: 'fault-pairs',
        faults: [...cloudFaults, ...clusterFaults],
        singles: 'none',
        pairs: extent === 'full' ? 1000 : 60,
        onFailure,
      }),
  },
  {
    name: 'crash-sweep-thread',
    prove: ({ extent }) =>
      sweepDetachedCrashes({
        name: 'crash-sweep-thread',
        incarnate: inThread,
        every: extent === 'full' ? 1 : threadSample,
      }),
  },
  {
    name: 'crash-sweep-sigkill',
    prove: ({ extent, program }) =>
      sweepDetachedCrashes({
        name: 'crash-sweep-sigkill',
        incarnate: asProcess(program),
        every: extent === 'full' ? 3 : 24,
      }),
  },
];

/** Which part of the deaths a test run can afford in real time. */
export const threadSample = 16;

function crashes(name: string, restart: CrashPoint['restart']): Proof {
  return {
    name,
    prove: ({ extent, onFailure }) =>
      sweepCrashes(live, {
        name,
        restarts: [restart],
        every: extent === 'full' || restart === 'atOnce' ? 1 : 5,
        onFailure,
      }),
  };
}

function seedsUpTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function singlesOf(extent: ProofExtent['extent']): 'apart' | 'together' {
  return extent === 'full' ? 'apart' : 'together';
}

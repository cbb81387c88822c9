import type { Machine } from '../machine.ts';
import { type BundlePart, renderParts } from './bundle-parts.ts';
import { smallCluster } from './small-cluster.ts';
import { managerNames, type ManagerName } from './managers.ts';

export type StartMeasure = 'healthz' | 'cpu' | 'idle' | 'peak';

export interface StartSample {
  readonly manager: ManagerName;
  readonly measure: StartMeasure;
  readonly value: number;
}

export interface StartReport {
  readonly date: string;
  readonly machine: Machine;
  readonly goManager: string;
  readonly idleSeconds: number;
  /** The highest load average of the machine at a start: above the number of processors, programs wait for one. */
  readonly load: number;
  /** In bytes, as it is pulled. */
  readonly appLayer: number;
  readonly image: number;
  /** What the bundle in that layer is made of. */
  readonly parts: readonly BundlePart[];
  readonly samples: readonly StartSample[];
}

const rows: readonly {
  readonly measure: StartMeasure;
  readonly title: string;
  readonly digits: number;
  readonly target?: number;
}[] = [
  { measure: 'healthz', title: 'start to `/healthz` (s)', digits: 3, target: 0.3 },
  { measure: 'cpu', title: 'CPU until then (s)', digits: 2 },
  { measure: 'idle', title: 'resident memory when idle (MB)', digits: 1, target: 95 },
  { measure: 'peak', title: 'peak of resident memory (MB)', digits: 1 },
];

const appLayerTarget = 1_000_000;

/** The page of the provider's documentation that holds the figures. */
export function renderStartReport(report: StartReport): string {
  const { machine } = report;
  const lines = rows.map(({ measure, title, digits, target }) => {
    const [ours, go] = managerNames.map((manager) => median(valuesOf(report, manager, measure)));
    const verdict = target === undefined ? '' : (ours ?? Infinity) <= target ? 'met' : '**missed**';
    const cells = [
      title,
      ours?.toFixed(digits),
      go?.toFixed(digits),
      target === undefined ? '–' : `≤ ${target}`,
      verdict,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const samples = rows.flatMap(({ measure, title, digits }) => [
    `- ${title}`,
    ...managerNames.map((manager) => {
      const values = valuesOf(report, manager, measure).map((value) => value.toFixed(digits));
      return `  - ${manager}: ${values.join(', ')}`;
    }),
  ]);
  return `# Benchmarks: start and size

<!-- Written by \`npm run bench -- start\`. -->

The image's manager against the Go manager (k8s.io/cloud-provider-aws ${report.goManager}), in turn, on the same kube-apiserver
${machine.kubernetes} with ${smallCluster.nodes} Nodes and ${smallCluster.services} Services with a network load balancer each, and on the same emulator of AWS. Both with
their defaults, the election of a leader included, and with priority over what else ran on the machine. Medians; every sample is below.

${machine.cores} × ${machine.cpu}, ${machine.memoryGigabytes} GB, Linux ${machine.kernel}, Node ${machine.node}, ${machine.go}; ${report.date}. Load average at the starts: up to ${report.load.toFixed(0)}.

| measure | ours | Go | target | |
|---|---|---|---|---|
${lines.join('\n')}
| the manager's layer of the image, compressed (MB) | ${(report.appLayer / 1e6).toFixed(2)} | | ≤ 1 | ${report.appLayer <= appLayerTarget ? 'met' : '**missed**'} |
| the whole image, compressed (MB) | ${(report.image / 1e6).toFixed(1)} | | ≤ 50 | ${report.image <= 50_000_000 ? 'met' : '**missed**'} |

What is measured:

- *Start*: from the start of the process to the first answer 200 of \`/healthz\` over TLS, asked every two milliseconds. Ours is the program of the
  image with what was compiled ahead of time, as the image starts it.
- *Idle*: \`Rss\` of \`/proc/<pid>/smaps_rollup\` ${report.idleSeconds} s after that, when all is as it should be; the peak is \`VmHWM\`. No garbage collection is forced.
- CPU is user and system time of all threads, from \`/proc/<pid>/stat\`.

## What the bundle is made of

Sizes before compression. A package that nobody has said the use of fails a test, and so does one that is not bundled any more.

${renderParts(report.parts)}

## Samples

${samples.join('\n')}
`;
}

function valuesOf(report: StartReport, manager: ManagerName, measure: StartMeasure): readonly number[] {
  return report.samples
    .filter((sample) => sample.manager === manager && sample.measure === measure)
    .map(({ value }) => value);
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

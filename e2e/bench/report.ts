import type { Scale } from './measure.ts';
import type { Machine } from './machine.ts';
import { reasons } from './reasons.ts';
import { isWithinTarget, type RowResult, sizedName, type Target } from './rows.ts';

/** The outcome of the benchmarks, as `--json` prints it. */
export interface Report {
  readonly date: string;
  readonly machine: Machine;
  readonly scale: Scale;
  readonly rows: readonly RowResult[];
}

/** The page of the documentation that holds the figures. */
export function renderReport(report: Report): string {
  const { machine, scale } = report;
  return `# Benchmarks

<!-- Written by \`npm run bench\`. The reasons for missed targets are kept in e2e/bench/reasons.ts. -->

Our manager against the current Go framework (k8s.io/cloud-provider v0.36.3) in one run on one machine, alternating, on the same
kube-apiserver ${machine.kubernetes} with ${count(scale.nodes)} Nodes of 17 KB (where it is said, ${count(scale.fewNodes)}) and ${count(scale.services)} Services, and on the same simulated cloud. *Go* runs on its defaults;
*Go tuned* with 30 concurrent syncs and status updates, 200 requests a second and joined cloud calls. Figures are medians; every sample is below.

${machine.cores} × ${machine.cpu}, ${machine.memoryGigabytes} GB, Linux ${machine.kernel}, Node ${machine.node}, ${machine.go}; ${report.date}.

| measure | ours | Go | Go tuned | ours ÷ Go | ours ÷ tuned | target | |
|---|---|---|---|---|---|---|---|
${report.rows.map(tableRow).join('\n')}
${missedTargets(report.rows)}${growth(report)}
What is measured:

- *Ours* is one bundled file, started as the executables start it (\`node --max-semi-space-size=1\`), with a compile cache (\`NODE_COMPILE_CACHE\`)
  such as an image is filled with and the settings of malloc that an image has (one arena); *Go* is the framework's manager on its defaults and tuned, built by its own toolchain.
- *Start*: from the start of the process to the log line that says that the last of the caches of Nodes and Services is filled; both controllers
  are on, the cloud answers at once. CPU is user and system time of all threads, from \`/proc/<pid>/stat\`.
- *Memory*: \`Rss\` of \`/proc/<pid>/smaps_rollup\` 15 s after that, only the node controller on; the peak is \`VmHWM\`. No garbage collection is forced.
- *Watch events*: CPU over ${count(scale.updates)} status patches spread over the ${count(scale.nodes)} Nodes, divided by their number.
- *Initialising*: ${count(scale.joining)} uninitialised Nodes are there when the manager starts; the time runs until a watcher has seen the last of them without its taint. The cloud
  takes 50 ms a call, allows 20 calls/s and 100 at once, and answers 429 to the rest. The calls are counted by the cloud, those of the periodic upkeep too.
- *Services*: the cloud takes 10 ms a call and is never full. 2,000 Services are created beside a manager that runs; then one node is added, and then 50
  nodes are deleted while 50 new ones come, all in the life of one manager. A step ends when all load balancers have exactly the right nodes. A run is
  stopped after 10 minutes. Every load balancer sends to every node, so one node more is 2,000 writes at the least. Ours paces itself by a budget that begins with 10 calls a
  second, grows almost threefold in each second in which nothing is refused, up to 1,000, and is remembered for the next step. Because they leave the machine
  idle, the runs of *Go* with initialising and Services come last, those on both clusters and the idle hours side by side.
- *Idle hour*: the Go managers at rest for 10 real minutes, times 6; ours in one process with the benchmark, its clock moved in steps of 5 s, each awaited
  until nothing is in flight, on the same clusters meanwhile. No kubelet reports anything meanwhile. Reads that look for drift and orphans are told apart by their priority.
- *Event-loop delay*: by Node's own histogram, over the whole life of the manager in that run.

## Samples

${report.rows.map(samples).join('\n\n')}
`;
}

/** What must not grow faster than the number of nodes. */
const growing = {
  'services-calls': 'calls for the load balancers of 2,000 Services (calls)',
  'services-cpu': 'CPU for 2,000 Services (s)',
  'services-memory': 'resident memory with 2,000 Services (MB)',
  'nodes-replaced-calls': 'calls for load balancers when 50 nodes are replaced (calls)',
  'idle-instance-calls': 'calls for instances in an idle hour (calls)',
} as const;

/** How much more the tenfold number of nodes costs ours. */
function growth({ rows, scale }: Report): string {
  const factor = scale.nodes / scale.fewNodes;
  const lines = (Object.keys(growing) as (keyof typeof growing)[]).flatMap((name) => {
    const [small, large] = (['small', 'large'] as const).map(
      (size) => rows.find((row) => row.name === sizedName(name, size))?.ours ?? null,
    );
    if (small === undefined || small === null || large === undefined || large === null) return [];
    const times = small === 0 ? (large === 0 ? 1 : Number.POSITIVE_INFINITY) : large / small;
    const verdict = times <= factor ? 'met' : '**missed**';
    return [`| ${growing[name]} | ${figure(small)} | ${figure(large)} | ${times.toFixed(1)} × | ${verdict} |`];
  });
  if (lines.length === 0) return '';
  const head = `| ours | ${count(scale.fewNodes)} nodes | ${count(scale.nodes)} nodes | growth | ≤ ${factor} × |\n|---|---|---|---|---|`;
  return `\nGrowth from ${count(scale.fewNodes)} to ${count(scale.nodes)} nodes:\n\n${head}\n${lines.join('\n')}\n`;
}

function missedTargets(rows: readonly RowResult[]): string {
  const missed = rows.filter((row) => isWithinTarget(row) === false);
  if (missed.length === 0) return '';
  const lines = missed.map((row) => `- ${row.title}: ${reasons[row.name] ?? 'without a measured cause.'}`);
  return `\nWhy targets are missed:\n\n${lines.join('\n')}\n`;
}

function tableRow(row: RowResult): string {
  const verdict = isWithinTarget(row);
  const cells = [
    `${row.title} (${row.unit})`,
    figure(row.ours),
    figure(row.go),
    figure(row.goTuned),
    ratio(row.ours, row.go),
    ratio(row.ours, row.goTuned),
    targetText(row.target, row.unit),
    verdict === undefined ? '' : verdict ? 'met' : '**missed**',
  ];
  return `| ${cells.join(' | ')} |`;
}

function samples(row: RowResult): string {
  const lines = Object.entries(row.samples)
    .filter(([, values]) => values.length > 0)
    .map(([contender, values]) => `  - ${contender}: ${values.map(figure).join(', ')}`);
  return [`- ${row.title} (${row.unit})`, ...lines].join('\n');
}

/** A target in words, for the table and the terminal. */
export function targetText(target: Target, unit: string): string {
  switch (target.kind) {
    case 'none':
      return '–';
    case 'limit':
      return `≤ ${target.most} ${unit}`;
    case 'ratio': {
      const ofGo = target.ofGo === undefined ? [] : [`≤ ${target.ofGo} × Go`];
      const ofTuned = target.ofTuned === undefined ? [] : [`≤ ${target.ofTuned} × tuned`];
      return [...ofGo, ...ofTuned].join(', ');
    }
  }
}

/** Three digits are more than these measurements are worth. */
export function figure(value: number | null): string {
  if (value === null) return '–';
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function ratio(ours: number | null, theirs: number | null): string {
  return ours === null || theirs === null || theirs === 0 ? '–' : (ours / theirs).toFixed(2);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

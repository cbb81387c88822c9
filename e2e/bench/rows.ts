import type { ContenderName } from './contenders.ts';

/** How a row's target is to be read. */
export type Target =
  /** Ours is at most that share of the Go framework's figure. */
  | { readonly kind: 'ratio'; readonly ofGo?: number; readonly ofTuned?: number }
  /** Ours is at most that much. */
  | { readonly kind: 'limit'; readonly most: number }
  /** Nothing was promised; the figure is stated. */
  | { readonly kind: 'none' };

/** What needs one and the same kind of run. */
export const measurements = ['start', 'steady', 'initialize', 'services', 'idle'] as const;
export type Measurement = (typeof measurements)[number];

/** The two clusters: of 5,000 and of 500 Nodes, both with 2,000 Services. */
export const sizes = ['large', 'small'] as const;
export type Size = (typeof sizes)[number];

export interface RowDefinition {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly measurement: Measurement;
  readonly target: Target;
}

type SizedName<Name extends string> = Name | `small-${Name}`;

/** The name of a row that is measured at both sizes. */
export function sizedName<const Name extends string>(name: Name, size: Size): SizedName<Name> {
  return size === 'large' ? name : `small-${name}`;
}

const sizeWords: Readonly<Record<Size, string>> = { large: '5,000 nodes', small: '500 nodes' };

function atBothSizes<const Name extends string>(
  rows: readonly (RowDefinition & { readonly name: Name })[],
): readonly (RowDefinition & { readonly name: SizedName<Name> })[] {
  return sizes.flatMap((size) =>
    rows.map((row) => ({ ...row, name: sizedName(row.name, size), title: `${sizeWords[size]}: ${row.title}` })),
  );
}

const servicesRows = atBothSizes([
  {
    name: 'services-time',
    title: '2,000 Services created → all have an address',
    unit: 's',
    measurement: 'services',
    target: { kind: 'none' },
  },
  {
    name: 'services-calls',
    title: '2,000 Services created, calls for load balancers',
    unit: 'calls',
    measurement: 'services',
    target: { kind: 'ratio', ofGo: 0.5, ofTuned: 0.5 },
  },
  {
    name: 'services-cpu',
    title: '2,000 Services created, CPU',
    unit: 's',
    measurement: 'services',
    target: { kind: 'ratio', ofGo: 0.5 },
  },
  {
    name: 'services-memory',
    title: '2,000 Services created, resident memory after it',
    unit: 'MB',
    measurement: 'services',
    target: { kind: 'ratio', ofGo: 0.6 },
  },
  {
    name: 'node-added-time',
    title: 'one node added → behind all 2,000 load balancers',
    unit: 's',
    measurement: 'services',
    target: { kind: 'none' },
  },
  {
    name: 'node-added-calls',
    title: 'one node added, calls for load balancers',
    unit: 'calls',
    measurement: 'services',
    target: { kind: 'ratio', ofGo: 0.5, ofTuned: 0.5 },
  },
  {
    name: 'nodes-replaced-time',
    title: '50 nodes replaced → all load balancers right',
    unit: 's',
    measurement: 'services',
    target: { kind: 'none' },
  },
  {
    name: 'nodes-replaced-calls',
    title: '50 nodes replaced, calls for load balancers',
    unit: 'calls',
    measurement: 'services',
    target: { kind: 'ratio', ofGo: 0.5, ofTuned: 0.5 },
  },
  {
    name: 'nodes-replaced-instance-calls',
    title: '50 nodes replaced, calls for instances',
    unit: 'calls',
    measurement: 'services',
    target: { kind: 'ratio', ofTuned: 1 },
  },
]);

const idleRows = atBothSizes([
  {
    name: 'idle-instance-calls',
    title: 'an idle hour, calls for instances',
    unit: 'calls',
    measurement: 'idle',
    target: { kind: 'ratio', ofGo: 0.02, ofTuned: 1 },
  },
  {
    name: 'idle-calls',
    title: 'an idle hour, calls for load balancers',
    unit: 'calls',
    measurement: 'idle',
    target: { kind: 'limit', most: 0 },
  },
  {
    name: 'idle-sweep-reads',
    title: 'an idle hour, reads that look for drift and orphans (pages of 100)',
    unit: 'calls',
    measurement: 'idle',
    // One pass.
    target: { kind: 'limit', most: 20 },
  },
]);

export const rows = [
  {
    name: 'start-time',
    title: 'start of the process → node and Service caches filled',
    unit: 's',
    measurement: 'start',
    target: { kind: 'ratio', ofGo: 0.6 },
  },
  {
    name: 'start-cpu',
    title: 'CPU until then',
    unit: 's',
    measurement: 'start',
    target: { kind: 'ratio', ofGo: 0.6 },
  },
  {
    name: 'memory',
    title: 'resident memory, settled, node controller running',
    unit: 'MB',
    measurement: 'steady',
    target: { kind: 'ratio', ofGo: 0.55 },
  },
  {
    name: 'memory-peak',
    title: 'peak of resident memory until then',
    unit: 'MB',
    measurement: 'steady',
    target: { kind: 'none' },
  },
  {
    name: 'event-cpu',
    title: 'CPU for each watch event, over the updates of Node statuses',
    unit: 'µs',
    measurement: 'steady',
    target: { kind: 'ratio', ofGo: 0.6 },
  },
  {
    name: 'memory-after-events',
    title: 'resident memory after the updates',
    unit: 'MB',
    measurement: 'steady',
    target: { kind: 'none' },
  },
  {
    name: 'initialize',
    title: 'uninitialised Nodes join while the others are kept up: start of the process → all initialised',
    unit: 's',
    measurement: 'initialize',
    target: { kind: 'ratio', ofGo: 0.1, ofTuned: 0.5 },
  },
  {
    name: 'initialize-accepted',
    title: 'cloud calls accepted from the start of the manager until then',
    unit: 'calls',
    measurement: 'initialize',
    target: { kind: 'ratio', ofTuned: 1 },
  },
  {
    name: 'initialize-rejected',
    title: 'cloud calls rejected meanwhile',
    unit: 'calls',
    measurement: 'initialize',
    target: { kind: 'limit', most: 0 },
  },
  {
    name: 'event-loop-p99',
    title: 'event-loop delay over start, settling and updates, p99',
    unit: 'ms',
    measurement: 'steady',
    target: { kind: 'limit', most: 20 },
  },
  {
    name: 'event-loop-max',
    title: 'the same, maximum',
    unit: 'ms',
    measurement: 'steady',
    target: { kind: 'none' },
  },
  {
    name: 'initialize-event-loop-p99',
    title: 'event-loop delay over start and initialising, p99',
    unit: 'ms',
    measurement: 'initialize',
    target: { kind: 'limit', most: 20 },
  },
  {
    name: 'initialize-event-loop-max',
    title: 'the same, maximum',
    unit: 'ms',
    measurement: 'initialize',
    target: { kind: 'none' },
  },
  ...servicesRows,
  ...idleRows,
] as const satisfies readonly RowDefinition[];

export type RowName = (typeof rows)[number]['name'];

/** One figure of one run. */
export interface Sample {
  readonly row: RowName;
  readonly contender: ContenderName;
  readonly value: number;
}

export interface RowResult {
  readonly name: RowName;
  readonly title: string;
  readonly unit: string;
  /** Medians; null where nothing was measured. */
  readonly ours: number | null;
  readonly go: number | null;
  readonly goTuned: number | null;
  readonly target: Target;
  /** Every figure, in the order in which they were taken. */
  readonly samples: Readonly<Record<ContenderName, readonly number[]>>;
}

export function concludeRow(row: (typeof rows)[number], samples: readonly Sample[]): RowResult {
  const of = (contender: ContenderName): number[] =>
    samples.filter((sample) => sample.row === row.name && sample.contender === contender).map((sample) => sample.value);
  const all = { ours: of('ours'), go: of('go'), goTuned: of('goTuned') };
  return {
    name: row.name,
    title: row.title,
    unit: row.unit,
    ours: median(all.ours),
    go: median(all.go),
    goTuned: median(all.goTuned),
    target: row.target,
    samples: all,
  };
}

/** Whether ours is within its target; undefined when there is none, or when a figure to compare with is missing. */
export function isWithinTarget(row: RowResult): boolean | undefined {
  const { target, ours } = row;
  switch (target.kind) {
    case 'none':
      return undefined;
    case 'limit':
      return ours === null ? undefined : ours <= target.most;
    case 'ratio': {
      const limits = [
        [target.ofGo, row.go],
        [target.ofTuned, row.goTuned],
      ].filter(([share]) => share !== undefined && share !== null);
      if (ours === null || limits.length === 0 || limits.some(([, theirs]) => theirs === null)) return undefined;
      return limits.every(([share, theirs]) => ours <= Number(share) * Number(theirs));
    }
  }
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below = 0, above = 0] = [sorted[middle - (sorted.length % 2 === 0 ? 1 : 0)], sorted[middle]];
  return (below + above) / 2;
}

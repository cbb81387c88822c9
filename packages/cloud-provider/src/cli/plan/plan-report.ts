import { counted } from '../counted.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Paint } from '../output/paint.ts';
import { type ClusterPlan, type PlannedObject, type PlannedStep, stepsOf } from '../planning/cluster-plan.ts';
import { type PlannedQuotas, describeQuota, isExceeded } from '../quotas/planned-quotas.ts';
import type { Report } from '../report.ts';

export interface PlanReportOptions {
  readonly warnings: readonly string[];
  /** The first line begins with it. @default Plan */
  readonly title?: string;
  /** What it was planned from. @default nothing to say */
  readonly notes?: readonly string[];
  /** @default not asked for */
  readonly quotas?: PlannedQuotas;
}

/** A plan as it is told. */
export function planReport(plan: ClusterPlan, options: PlanReportOptions): Report {
  return {
    exit: exitOf(plan),
    summary: `${options.title ?? 'Plan'}: ${exceeded(options)}${summarize(plan)}`,
    lines: (paint) => [
      ...plan.objects.filter(isWorthTelling).flatMap((object) => ['', ...objectLines(object, paint)]),
      ...quotaLines(options, paint),
      ...footnotes(plan, options).map((line) => paint.dim(line)),
    ],
    data: {
      ...plan,
      warnings: options.warnings,
      notes: options.notes ?? [],
      ...(options.quotas && { quotas: options.quotas.quotas }),
    },
    markdown: () => markdown(plan, options),
  };
}

/** A quota that would be exceeded is why the plan will not come true. */
function exceeded({ quotas }: PlanReportOptions): string {
  const first = quotas?.quotas.find(isExceeded);
  return first ? `a quota would be exceeded: ${describeQuota(first)}; ` : '';
}

function quotaLines({ quotas }: PlanReportOptions, paint: Paint): readonly string[] {
  if (!quotas || quotas.quotas.length === 0) return [];
  const lines = quotas.quotas.map((use) => (isExceeded(use) ? paint.bad(describeQuota(use)) : describeQuota(use)));
  return ['', paint.bold('quotas:'), ...lines.map((line) => `  ${line}`)];
}

function exitOf(plan: ClusterPlan): ExitCode {
  if (plan.objects.some(({ state }) => state === 'unknown')) return exitCodes.incomplete;
  return plan.objects.some(({ state, steps }) => steps.length > 0 || state === 'refused' || state === 'blocked')
    ? exitCodes.found
    : exitCodes.fine;
}

/** The cause before the counts: whoever reads one line only must know why. */
export function summarize(plan: ClusterPlan): string {
  const { objects } = plan;
  const counts = describeCounts(plan);
  const of = (state: PlannedObject['state']): readonly PlannedObject[] =>
    objects.filter((object) => object.state === state);
  for (const [state, word] of [
    ['unknown', 'is not known'],
    ['refused', 'is refused'],
    ['blocked', 'is blocked'],
  ] as const) {
    const [first, ...more] = of(state);
    if (!first) continue;
    const others = more.length > 0 ? ` (and ${more.length} more)` : '';
    return `${nameOf(first)} ${word}: ${first.reason}: ${first.message}${others}; ${counts}`;
  }
  return counts;
}

function describeCounts(plan: ClusterPlan): string {
  const steps = stepsOf(plan).filter(({ refused }) => !refused);
  const { nodes, services } = plan.looked;
  const looked = `${counted(services, 'Service')} and ${counted(nodes, 'Node')} looked at`;
  if (steps.length === 0) return `nothing is to be done (${looked})`;
  const count = (verb: PlannedStep['verb']): number =>
    steps.filter((step) => step.where === 'cloud' && step.verb === verb).length;
  const inCluster = steps.filter(({ where }) => where === 'cluster').length;
  return `in the cloud ${count('create')} to create, ${count('update')} to change, ${count('delete')} to delete; ${counted(inCluster, 'write')} to the cluster (${looked})`;
}

function nameOf({ key, kind }: PlannedObject): string {
  return kind === 'Routes' ? 'Routes' : `${kind} ${key}`;
}

function isWorthTelling({ state, steps }: PlannedObject): boolean {
  return state !== 'converged' || steps.length > 0;
}

const words: Readonly<Record<PlannedObject['state'], string>> = {
  converged: 'as it should be',
  change: 'to be changed',
  waiting: 'waiting',
  blocked: 'blocked',
  refused: 'refused',
  unknown: 'not known',
};

/** One object as a tree. */
export function objectLines(object: PlannedObject, paint: Paint): readonly string[] {
  const { message, reason, sharedWith, state, steps } = object;
  const coloured = stateColour(state, paint)(words[state]);
  const why = [reason, message].filter((text) => text !== '').join(': ');
  const shared = sharedWith.length > 0 ? [paint.dim(`│ together with ${sharedWith.join(', ')}`)] : [];
  return [
    `${paint.bold(nameOf(object))} — ${coloured}${why === '' ? '' : `: ${why}`}`,
    ...shared,
    ...steps.flatMap((step, index) => stepLines(step, index === steps.length - 1, paint)),
  ];
}

function stepLines(step: PlannedStep, isLast: boolean, paint: Paint): readonly string[] {
  const { after, changes, kind, name, refused, verb, where } = step;
  const place = `${where === 'cloud' ? '' : paint.dim(' (cluster)')}${after === undefined ? '' : paint.dim(` (${afterWords[after]})`)}`;
  const title = `${isLast ? '└' : '├'} ${verbColour(verb, paint)(verb)} ${kind} ${name}${place}`;
  const bar = isLast ? ' ' : '│';
  return [
    title,
    ...(refused ? [`${bar}   ${paint.bad(`withheld: ${refused.reason}: ${refused.message}`)}`] : []),
    ...changes.map(({ field, from, to }) => `${bar}   ${field}: ${from === undefined ? '' : `${from} → `}${to ?? ''}`),
  ];
}

const afterWords: Readonly<Record<NonNullable<PlannedStep['after']>, string>> = {
  writes: 'then, as far as can be told before',
  nodes: 'then, with the nodes as they will be',
};

function stateColour(state: PlannedObject['state'], paint: Paint): (text: string) => string {
  switch (state) {
    case 'converged':
      return paint.good;
    case 'change':
    case 'waiting':
      return paint.warn;
    case 'blocked':
    case 'refused':
    case 'unknown':
      return paint.bad;
  }
}

function verbColour(verb: PlannedStep['verb'], paint: Paint): (text: string) => string {
  switch (verb) {
    case 'create':
      return paint.good;
    case 'update':
      return paint.warn;
    case 'delete':
      return paint.bad;
  }
}

function footnotes(plan: ClusterPlan, { notes = [], quotas, warnings }: PlanReportOptions): readonly string[] {
  const lines = [
    ...notes,
    ...(quotas === undefined || quotas.unknown === '' ? [] : [`quotas are not known: ${quotas.unknown}`]),
    ...plan.skipped.map(({ controller, reason }) => `not planned: ${controller}: ${reason}`),
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
  return lines.length > 0 ? ['', ...lines] : [];
}

function markdown(plan: ClusterPlan, options: PlanReportOptions): string {
  const told = plan.objects.filter(isWorthTelling);
  const rows = told.flatMap((object) => {
    const name = cell(nameOf(object));
    const why = cell([object.reason, object.message].filter((text) => text !== '').join(': '));
    if (object.steps.length === 0) return [`| ${name} | ${words[object.state]} | | ${why} |`];
    return object.steps.map((step) => {
      const changes = step.changes.map(({ field, to }) => `${field}: ${to ?? ''}`).join(', ');
      const order = step.after === undefined ? why : afterWords[step.after];
      const note = step.refused ? cell(step.refused.message) : order;
      return `| ${name} | ${step.verb} | ${cell(`${step.kind} ${step.name}`)}${changes === '' ? '' : ` (${cell(changes)})`} | ${note} |`;
    });
  });
  const table =
    rows.length > 0 ? ['', '| Object | What | In the cloud or cluster | Why |', '|---|---|---|---|', ...rows] : [];
  const uses = options.quotas?.quotas ?? [];
  const quotas =
    uses.length > 0
      ? [
          '',
          '| Quota | Of | Now | Then | Limit |',
          '|---|---|---|---|---|',
          ...uses.map((use) => {
            const limit = `${use.limit}${use.source === 'default' ? ' (default)' : ''}${isExceeded(use) ? ' **exceeded**' : ''}`;
            return `| ${cell(use.quota)} | ${cell(use.of)} | ${use.now} | ${use.then} | ${limit} |`;
          }),
        ]
      : [];
  const notes = footnotes(plan, options).map((line) => cell(line));
  const title = `**${cell(options.title ?? 'Plan')}**: ${cell(`${exceeded(options)}${summarize(plan)}`)}`;
  return [title, ...table, ...quotas, ...notes].join('\n');
}

/** Nothing that an annotation holds may break out of its cell. */
function cell(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[|<>&`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

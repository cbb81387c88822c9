import {
  conditionDeclarations,
  configSchema,
  type EventDeclaration,
  eventDeclarations,
  managerFlags,
  type MetricDeclaration,
  metricDeclarations,
} from '@ccm-ts/cloud-provider';
import type { GeneratedFile } from './references.ts';

const folder = 'packages/cloud-provider/docs';
const header = '<!-- Made by tools/generate/generate.ts from the declarations in the source. Do not edit. -->';

/** The pages of what a running manager shows, and of its configuration file. */
export function observabilityPages(): readonly GeneratedFile[] {
  return [
    { path: `${folder}/metrics.md`, text: metricReference() },
    { path: `${folder}/events.md`, text: eventReference() },
    { path: `${folder}/config.md`, text: configReference() },
  ];
}

function metricReference(): string {
  const declarations: Readonly<Record<string, MetricDeclaration>> = metricDeclarations;
  const rows = Object.entries(declarations)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { help, labels, type }]) => row([code(name), type, labels.map(code).join(', '), help]));
  return page([
    '# Metrics',
    '',
    'At `/metrics`, in the text format of Prometheus. Names, labels and buckets that the Go managers have are theirs; those that begin',
    'with `ccm_` are ours, so that alerts for the Go managers go on working. The chart brings alert rules and a dashboard; what',
    'to do about each: [operations](operations.md).',
    '',
    '| metric | type | labels | what it says |',
    '|---|---|---|---|',
    ...rows,
  ]);
}

function eventReference(): string {
  const declarations: Readonly<Record<string, EventDeclaration>> = eventDeclarations;
  const lines = [
    '# Events and conditions',
    '',
    'What users see with `kubectl describe`. Providers add the reasons of their refusals. Events about the whole cluster are about the',
    'namespace `kube-system`, and stand in `default`, where all Events are that concern no namespace.',
  ];
  for (const [about, events] of Map.groupBy(Object.entries(declarations), ([, event]) => event.about)) {
    lines.push('', `## Events on a ${about}`, '', '| reason | type | meaning | what to do |', '|---|---|---|---|');
    for (const [reason, { meaning, next, type }] of events) lines.push(row([code(reason), type, meaning, next]));
  }
  lines.push('', '## Conditions', '', '| object | condition | status | reasons | meaning |', '|---|---|---|---|---|');
  for (const { about, meaning, reasons, status, type } of conditionDeclarations) {
    lines.push(row([about, code(type), status, reasons.map(code).join(', '), meaning]));
  }
  return page(lines);
}

/** What is read of the schema of the configuration file. */
interface FlagSchemas {
  readonly properties: {
    readonly flags: {
      readonly properties: Readonly<Record<string, { readonly type: string; readonly default: unknown }>>;
    };
  };
}

function configReference(): string {
  const { properties } = configSchema(managerFlags) as unknown as FlagSchemas;
  const rows = Object.entries(properties.flags.properties).map(([name, { default: value, type }]) =>
    row([code(name), type, code(JSON.stringify(value))]),
  );
  return page([
    '# The configuration file',
    '',
    '`--config=FILE` names a file of YAML or JSON with flags in it, for those who would rather review a file than a command line. Flags on',
    'the command line win. A key or value that is wrong ends the program with one line for each, before anything is contacted. Its',
    '[schema](manager-config.schema.json) is for editors; what each flag does: [flags](flags.md). A provider may have flags of its own.',
    '',
    '| key below `flags` | type | default |',
    '|---|---|---|',
    ...rows,
  ]);
}

function page(lines: readonly string[]): string {
  return `${[header, '', ...lines].join('\n')}\n`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}

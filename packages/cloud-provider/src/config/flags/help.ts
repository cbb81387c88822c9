import type { Flag, FlagGroup, FlagTable } from './flag.ts';
import { formatFlagValue } from './parse-flags.ts';

const groupOrder: readonly FlagGroup[] = [
  'Generic',
  'Cloud provider',
  'Node controller',
  'Node lifecycle controller',
  'Service controller',
  'Route controller',
  'Node IPAM controller',
  'Orphan controller',
  'Leader election',
  'Leader migration',
  'Secure serving',
  'Authentication',
  'Authorization',
  'Webhooks',
  'Debugging',
  'Logs',
  'Global',
];

/** The text of `--help`: the flags under the Go managers' headings, with type and default. */
export function renderHelp(program: string, table: FlagTable): string {
  const lines = [`Usage:`, `  ${program} [flags]`];
  for (const group of groupOrder) {
    const flags = Object.entries(table).filter(([, flag]) => flag.group === group);
    if (flags.length === 0) continue;
    lines.push('', `${group} flags:`, '');
    for (const [name, flag] of flags.toSorted(([a], [b]) => a.localeCompare(b))) lines.push(...renderFlag(name, flag));
  }
  return `${lines.join('\n')}\n`;
}

function renderFlag(name: string, flag: Flag): readonly string[] {
  const short = name.length === 1 ? `-${name}, ` : flag.shorthand === undefined ? '    ' : `-${flag.shorthand}, `;
  const type = flag.kind === 'bool' ? '' : ` ${typeNames[flag.kind]}`;
  const text = formatFlagValue(flag, flag.default);
  const isZero = text === '' || text === 'false' || text === '0' || text === '0s';
  const value = isZero ? '' : ` (default ${flag.kind === 'string' ? JSON.stringify(text) : text})`;
  const without = flag.withoutEffect === undefined ? '' : ` Has no effect here: ${flag.withoutEffect}.`;
  return [`  ${short}--${name}${type}`, `          ${flag.help}${without}${value}`];
}

const typeNames: Readonly<Record<Flag['kind'], string>> = {
  string: 'string',
  bool: '',
  int: 'int',
  float: 'float',
  duration: 'duration',
  list: 'strings',
  array: 'stringArray',
  map: 'mapStringString',
};

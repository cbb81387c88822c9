import type { FlagTable } from '../config/flags/flag.ts';
import { formatFlagValue } from '../config/flags/parse-flags.ts';
import type { Command } from './command.ts';

/** The text of `SUBCOMMAND --help`. */
export function renderCommandHelp(program: string, command: Command, flags: FlagTable): string {
  const lines = Object.entries(flags).map(([name, flag]) => {
    const short = flag.shorthand === undefined ? '' : `-${flag.shorthand}, `;
    const type = flag.kind === 'bool' ? '' : ` ${flag.kind}`;
    const value = formatFlagValue(flag, flag.default);
    const byDefault = value === '' || value === 'false' ? '' : ` (default ${value})`;
    return `  ${`${short}--${name}${type}`.padEnd(26)}${flag.help}${byDefault}`;
  });
  return [
    `Usage: ${program} ${command.name} ${command.usage}`.trimEnd(),
    '',
    command.description,
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${program} ${example}`),
    '',
    'Flags:',
    ...lines,
    '',
    'Every flag of the manager is taken too: give those that the manager runs with (--cloud-config, --cluster-name,',
    `--cluster-cidr, --controllers, --kubeconfig, …), or what is told is about another one. ${program} --help lists them.`,
    '',
    'Exit codes: 0 fine · 1 could not be done · 2 something was found · 3 answered in part only · 64 wrong usage',
    '',
  ].join('\n');
}

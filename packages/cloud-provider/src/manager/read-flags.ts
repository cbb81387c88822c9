import { readFileSync } from 'node:fs';
import { type ConfigFault, describeConfigFault } from '../base/config-error.ts';
import type { CloudProviderFactory } from '../cloud/cloud-provider.ts';
import { parseConfigFile } from '../config/config-file.ts';
import type { Flag } from '../config/flags/flag.ts';
import { managerFlags } from '../config/flags/manager-flags.ts';
import { type ParsedFlags, parseFlags } from '../config/flags/parse-flags.ts';
import { exitFailure, type Program, type ProgramHost } from './program.ts';

/** The manager's flags, and those that only this cloud has. */
export function flagTable({ flags = {} }: CloudProviderFactory): typeof managerFlags {
  const group = 'Cloud provider';
  const own = Object.entries(flags).map(([name, flag]): [string, Flag] => [name, { ...flag, group }]);
  return { ...Object.fromEntries(own), ...managerFlags };
}

/** What the command line comes to, or how the program ends at once. */
export type ReadFlags = ParsedFlags<typeof managerFlags> | { readonly kind: 'exit'; readonly code: number };

/** The command line over the file that `--config` names. */
export function readFlags(program: Program, host: ProgramHost): ReadFlags {
  const argv = host.argv.slice(2);
  const table = flagTable(program.factory);
  const parsed = parseFlags(table, argv);
  if (parsed.kind === 'usage' || parsed.values.config === '') return parsed;
  const path = parsed.values.config;
  const faults: ConfigFault[] = [];
  try {
    const file = parseConfigFile(table, path, readFileSync(path, 'utf8'));
    if (file.kind === 'parsed') return parseFlags(table, argv, file.values);
    faults.push(...file.faults);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    faults.push({ file: '', field: '--config', value: path, fix: `name a file that can be read (${reason})` });
  }
  for (const fault of faults) host.stderr.write(`${program.name}: ${describeConfigFault(fault)}\n`);
  return { kind: 'exit', code: exitFailure };
}

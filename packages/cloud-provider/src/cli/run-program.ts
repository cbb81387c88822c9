import { suggest } from '../base/suggest.ts';
import type { Program, ProgramHost } from '../manager/program.ts';
import { runManager } from '../manager/run-manager.ts';
import { commandSummaries, isCommandName } from './command-names.ts';
import { exitCodes } from './exit-codes.ts';

/**
 * The whole life of a provider's executable: with a subcommand as the first word it does that and ends, otherwise it is the
 * manager. What only subcommands need is loaded for them alone. Resolves with the exit code.
 */
export async function runProgram(program: Program, host: ProgramHost): Promise<number> {
  const [word = '', ...rest] = host.argv.slice(2);
  if (word === '' || word.startsWith('-')) return runManager(program, host);
  if (word === 'help' || !isCommandName(word)) {
    const { stdout, stderr } = host;
    const isAsked = word === 'help';
    const near = suggest(word, Object.keys(commandSummaries));
    const hint = near === undefined ? `see ${program.name} help` : `did you mean ${near}?`;
    if (!isAsked) stderr.write(`${program.name}: there is no subcommand ${JSON.stringify(word)}: ${hint}\n`);
    else stdout.write(listCommands(program.name));
    return isAsked ? 0 : exitCodes.usage;
  }
  const { runCommand } = await import('./run-command.ts');
  return runCommand(word, { program, host, argv: rest });
}

function listCommands(name: string): string {
  const lines = Object.entries(commandSummaries).map(([command, summary]) => `  ${command.padEnd(12)}${summary}`);
  return [
    `Usage: ${name} [flags]              run the manager`,
    `       ${name} SUBCOMMAND [flags]   do one thing and end`,
    '',
    ...lines,
    '',
    `${name} SUBCOMMAND --help tells more, ${name} --help the flags of the manager.`,
    '',
  ].join('\n');
}

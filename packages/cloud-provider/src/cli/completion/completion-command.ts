import type { FlagTable } from '../../config/flags/flag.ts';
import type { Command } from '../command.ts';
import { CommandFailure } from '../command-failure.ts';
import { commandSummaries } from '../command-names.ts';
import { commonFlags } from '../common-flags.ts';
import { exitCodes } from '../exit-codes.ts';
import { outputForms } from '../output/render.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

/** What can be completed after one subcommand. */
interface Completion {
  readonly name: string;
  readonly summary: string;
  readonly words: readonly string[];
  readonly flags: readonly string[];
}

/** `completion`. Made out of the declarations of the others, which it is given. */
export function completionCommand(others: () => readonly Command[]): Command {
  return {
    name: 'completion',
    usage: shells.join('|'),
    description: 'Prints the script that lets a shell complete subcommands and flags.',
    examples: ['completion bash > /etc/bash_completion.d/ccm', 'completion fish | source'],
    flags: {},
    words: [shells],
    wordCount: { least: 1, most: 1 },
    async run({ session, words: [shell = ''] }) {
      const { name } = session.invocation.program;
      const commands = others().map((command): Completion => {
        const table: FlagTable = { ...commonFlags, ...command.flags };
        return {
          name: command.name,
          summary: Object.entries(commandSummaries).find(([key]) => key === command.name)?.[1] ?? '',
          words: command.words[0] ?? [],
          flags: Object.keys(table).map((flag) => `--${flag}`),
        };
      });
      const script = scriptFor(shell, name, commands);
      return { exit: exitCodes.fine, summary: '', lines: () => [], data: {}, verbatim: script };
    },
  };
}

function scriptFor(shell: string, program: string, commands: readonly Completion[]): string {
  switch (shell) {
    case 'bash':
      return bash(program, commands);
    case 'zsh':
      return `#compdef ${program}\nautoload -U +X bashcompinit && bashcompinit\n${bash(program, commands)}`;
    case 'fish':
      return fish(program, commands);
    default:
      throw new CommandFailure(`${JSON.stringify(shell)} is no shell that is known`, `write ${shells.join(', ')}`, {
        exit: exitCodes.usage,
      });
  }
}

const managerFlags = ['--kubeconfig', '--cloud-config', '--cluster-name', '--help'];

function bash(program: string, commands: readonly Completion[]): string {
  const name = `_${program.replace(/\W/g, '_')}`;
  const cases = commands.map(
    ({ flags, name: command, words }) =>
      `    ${command}) words='${[...words, ...flags, ...managerFlags].join(' ')}' ;;`,
  );
  return [
    `${name}() {`,
    '  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" words=""',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    words='${[...commands.map((each) => each.name), 'help'].join(' ')}'`,
    '  elif [ "$previous" = --output ] || [ "$previous" = -o ]; then',
    `    words='${outputForms.join(' ')}'`,
    '  elif [ "$previous" = --kubeconfig ] || [ "$previous" = --cloud-config ] || [ "$previous" = -f ]; then',
    '    COMPREPLY=($(compgen -f -- "$current")); return',
    '  else case "${COMP_WORDS[1]}" in',
    ...cases,
    '  esac; fi',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    `complete -o default -F ${name} ${program}`,
    '',
  ].join('\n');
}

function fish(program: string, commands: readonly Completion[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;
  return [
    `complete -c ${program} -f`,
    ...commands.flatMap(({ flags, name, summary, words }) => {
      const after = `-n '__fish_seen_subcommand_from ${name}'`;
      return [
        `complete -c ${program} -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
        ...(words.length > 0 ? [`complete -c ${program} ${after} -a ${quoted(words.join(' '))}`] : []),
        ...flags.map((flag) => `complete -c ${program} ${after} -l ${flag.slice(2)}`),
      ];
    }),
    `complete -c ${program} -l output -s o -x -a ${quoted(outputForms.join(' '))}`,
    `complete -c ${program} -l kubeconfig -r -F`,
    `complete -c ${program} -l cloud-config -r -F`,
    '',
  ].join('\n');
}

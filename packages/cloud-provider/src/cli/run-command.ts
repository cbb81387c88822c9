import { suggest } from '../base/suggest.ts';
import { systemClock } from '../base/clock.ts';
import type { FlagSet, FlagTable } from '../config/flags/flag.ts';
import { checkFlags, parseFlags } from '../config/flags/parse-flags.ts';
import { describeConfigFault } from '../base/config-error.ts';
import { readFlags, flagTable } from '../manager/read-flags.ts';
import type { Invocation, Program, ProgramHost } from '../manager/program.ts';
import type { Command } from './command.ts';
import { oneLine, tellFailure } from './command-failure.ts';
import type { CommandName } from './command-names.ts';
import { commands } from './commands.ts';
import { commonFlags } from './common-flags.ts';
import { exitCodes } from './exit-codes.ts';
import { type PaintedStream, paintFor } from './output/paint.ts';
import { progressOn } from './output/progress.ts';
import { type OutputForm, outputForms, render } from './output/render.ts';
import { renderCommandHelp } from './render-command-help.ts';
import { Session } from './session/session.ts';
import { splitWords } from './split-words.ts';

export interface CommandLine {
  readonly program: Program;
  readonly host: ProgramHost;
  /** What follows the name of the subcommand. */
  readonly argv: readonly string[];
}

/** Does one thing and ends. Resolves with the exit code; never rejects. */
export async function runCommand(name: CommandName, line: CommandLine): Promise<number> {
  const { host, program } = line;
  const command = commands[name];
  const own = { ...commonFlags, ...command.flags } satisfies FlagTable;
  const tables: FlagTable = { ...flagTable(program.factory), ...own };
  if (line.argv.includes('--help') || line.argv.includes('-h')) {
    host.stdout.write(renderCommandHelp(program.name, command, own));
    return exitCodes.fine;
  }
  const split = splitWords(tables, line.argv);
  const stray = split.flags.find(({ name: flag }) => !Object.hasOwn(tables, flag));
  if (stray) {
    const near = suggest(stray.name, Object.keys(tables));
    const hint = near === undefined ? '' : `: did you mean --${near}?`;
    const see = `see ${program.name} ${name} --help`;
    host.stderr.write(`${program.name} ${name}: unknown flag ${oneLine(stray.argv[0] ?? '')}${hint}; ${see}\n`);
    return exitCodes.usage;
  }
  const ownFlags = split.flags.filter(({ name: flag }) => Object.hasOwn(own, flag)).flatMap(({ argv }) => argv);
  const managerArgv = split.flags.filter(({ name: flag }) => !Object.hasOwn(own, flag)).flatMap(({ argv }) => argv);
  const parsed = parseFlags(own, ownFlags);
  const fault = parsed.kind === 'usage' ? parsed.message : misuse(command, split.words, parsed.values, own);
  if (fault !== undefined || parsed.kind === 'usage') {
    host.stderr.write(`${program.name} ${name}: ${oneLine(fault ?? '')}; see ${program.name} ${name} --help\n`);
    return exitCodes.usage;
  }
  const managed = readFlags(program, { ...streamsOf(host), argv: [...host.argv.slice(0, 2), ...managerArgv] });
  if (managed.kind === 'exit') return exitCodes.failed;
  if (managed.kind === 'usage') {
    host.stderr.write(`${program.name} ${name}: ${oneLine(managed.message)}\n`);
    return exitCodes.usage;
  }
  const invocation = { program, host, flags: managed.values, given: managed.given };
  return perform(command, { invocation, words: split.words, flags: parsed.values });
}

/** What is wrong with the words or the values of flags; undefined when nothing is. */
function misuse(
  command: Command,
  words: readonly string[],
  values: FlagSet<FlagTable>,
  table: FlagTable,
): string | undefined {
  const { least, most } = command.wordCount;
  if (words.length < least) return `too few words: it is used as ${command.name} ${command.usage}`;
  if (words.length > most) return `too many words, beginning with ${JSON.stringify(words[most])}`;
  const [fault] = checkFlags(table, values);
  return fault && describeConfigFault(fault);
}

interface Performance {
  readonly invocation: Invocation;
  readonly words: readonly string[];
  readonly flags: FlagSet<FlagTable>;
}

async function perform(command: Command, { flags, invocation, words }: Performance): Promise<number> {
  const { host, program } = invocation;
  const progress = progressOn(streamOf(host.stderr));
  const interrupting = new AbortController();
  const onSignal = (): void => interrupting.abort(new DOMException('interrupted', 'AbortError'));
  host.on('SIGINT', onSignal);
  host.on('SIGTERM', onSignal);
  const form = outputForms.find((each) => each === flags['output']) ?? 'text';
  // Each table of flags holds the common ones.
  const { timeout } = flags as unknown as FlagSet<typeof commonFlags>;
  await using session = new Session({
    invocation,
    clock: systemClock,
    progress,
    timeout: timeout.max(command.leastTimeout?.(flags) ?? timeout),
    interrupted: interrupting.signal,
  });
  try {
    const report = await command.run({ words, flags, session });
    progress.done();
    host.stdout.write(render(report, form, paintFor(streamOf(host.stdout), host.env)));
    return report.exit;
  } catch (thrown) {
    progress.done();
    const error: unknown = session.signal.aborted && !interrupting.signal.aborted ? session.signal.reason : thrown;
    return writeFailure(error, { form, host, title: `${program.name} ${command.name}` });
  } finally {
    host.off('SIGINT', onSignal);
    host.off('SIGTERM', onSignal);
  }
}

function writeFailure(
  error: unknown,
  place: { readonly form: OutputForm; readonly host: ProgramHost; readonly title: string },
): number {
  const { form, host, title } = place;
  const { cause, exit, more, next } = tellFailure(error);
  const first = next === '' ? cause : `${cause} — ${next}`;
  host.stderr.write(`${[`${title}: ${first}`, ...more].join('\n')}\n`);
  // A program that reads the answer finds one in the form that it asked for.
  if (form === 'json') host.stdout.write(`${JSON.stringify({ error: { cause, next, more } }, undefined, 2)}\n`);
  return exit;
}

function streamOf(stream: { write(text: string): unknown }): PaintedStream & { write(text: string): unknown } {
  const { isTTY } = stream as PaintedStream;
  return { write: (text) => stream.write(text), ...(isTTY !== undefined && { isTTY }) };
}

/** The host without its command line. */
function streamsOf(host: ProgramHost): Omit<ProgramHost, 'argv'> {
  return {
    env: host.env,
    stdout: host.stdout,
    stderr: host.stderr,
    on: (signal, listener) => host.on(signal, listener),
    off: (signal, listener) => host.off(signal, listener),
  };
}

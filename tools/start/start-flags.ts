import { Duration, suggest } from '@ccm-ts/cloud-provider';

/** What `npm start` was asked for. */
export interface StartFlags {
  /** `live` stays until it is told to stop, `once` runs the scenario to its end. */
  readonly mode: 'live' | 'once';
  readonly output: 'text' | 'json';
  readonly nodes: number;
  readonly services: number;
  readonly seed: number;
  /** The scenario gives up after so long. */
  readonly deadline: Duration;
}

export type ParsedStartFlags =
  | { readonly kind: 'run'; readonly flags: StartFlags }
  | { readonly kind: 'help' }
  /** One line that names flag, value and fix. */
  | { readonly kind: 'usage'; readonly message: string };

export const startHelp = `Usage: npm start -- [flags]

Runs a cloud controller manager between an API server and a cloud, both in this process, and a day in
the life of their cluster. Without flags it goes on until Ctrl-C and shows itself here and on a page.

  --once           run the scenario to its end; exit code 0 only if everything converged
  --output FORMAT  what --once prints on stdout: text or json (default text)
  --nodes N        how many machines join, 2 to 5000 (default 20)
  --services N     how many Services want load balancers, 2 to 2000 (default 8)
  --seed S         the same seed makes the same machines, Services and faults (default 1)
  --deadline D     give up after so long, for example 5m (default: by the number of nodes and Services)
  --help           this text
`;

const valueFlags = ['output', 'nodes', 'services', 'seed', 'deadline'] as const;
type ValueFlag = (typeof valueFlags)[number];
const knownFlags = [...valueFlags, 'once', 'help'];

/** Thrown inside; becomes the usage message. */
class UsageFault extends Error {}

/** Reads the arguments after `npm start --`. Both `--flag value` and `--flag=value` will do. */
export function parseStartFlags(args: readonly string[]): ParsedStartFlags {
  try {
    return parse(args);
  } catch (error) {
    if (!(error instanceof UsageFault)) throw error;
    return { kind: 'usage', message: error.message };
  }
}

function parse(args: readonly string[]): ParsedStartFlags {
  const values = new Map<ValueFlag, string>();
  let mode: StartFlags['mode'] = 'live';
  const rest = args.values();
  for (const arg of rest) {
    const [, name = '', inline] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name === '') throw new UsageFault(`${JSON.stringify(arg)} is not a flag; see npm start -- --help`);
    if (name === 'help') return { kind: 'help' };
    if (name === 'once') {
      if (inline !== undefined)
        throw new UsageFault(`--once: ${JSON.stringify(inline)}: it takes no value, leave it out`);
      mode = 'once';
      continue;
    }
    if (!isValueFlag(name)) throw new UsageFault(unknownFlag(name));
    const value = inline ?? rest.next().value;
    if (value === undefined) throw new UsageFault(`--${name}: its value is missing; see npm start -- --help`);
    values.set(name, value);
  }
  const nodes = readCount('nodes', values.get('nodes'), { min: 2, max: 5000, otherwise: 20 });
  const services = readCount('services', values.get('services'), { min: 2, max: 2000, otherwise: 8 });
  const output = readOutput(values.get('output'));
  if (output === 'json' && mode === 'live') {
    throw new UsageFault('--output: "json": only --once prints JSON; add --once');
  }
  return {
    kind: 'run',
    flags: {
      mode,
      output,
      nodes,
      services,
      seed: readCount('seed', values.get('seed'), { min: 0, max: 2 ** 32 - 1, otherwise: 1 }),
      deadline: readDeadline(values.get('deadline')) ?? usualDeadline(nodes, services),
    },
  };
}

/** About four times what a machine with two cores needs. */
function usualDeadline(nodes: number, services: number): Duration {
  return Duration.seconds(Math.round(120 + 0.1 * nodes + 0.6 * services));
}

function isValueFlag(name: string): name is ValueFlag {
  return valueFlags.some((flag) => flag === name);
}

function unknownFlag(name: string): string {
  const meant = suggest(name, knownFlags);
  const hint = meant === undefined ? 'see npm start -- --help' : `did you mean --${meant}?`;
  return `--${name}: there is no such flag; ${hint}`;
}

function readCount(
  name: ValueFlag,
  text: string | undefined,
  range: { readonly min: number; readonly max: number; readonly otherwise: number },
): number {
  if (text === undefined) return range.otherwise;
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (count >= range.min && count <= range.max) return count;
  throw new UsageFault(`--${name}: ${JSON.stringify(text)}: write a whole number from ${range.min} to ${range.max}`);
}

function readOutput(text: string | undefined): StartFlags['output'] {
  if (text === undefined || text === 'text') return 'text';
  if (text === 'json') return 'json';
  throw new UsageFault(`--output: ${JSON.stringify(text)}: write text or json`);
}

function readDeadline(text: string | undefined): Duration | undefined {
  if (text === undefined) return undefined;
  const deadline = Duration.parse(text);
  if (deadline?.isLongerThan(Duration.zero)) return deadline;
  throw new UsageFault(`--deadline: ${JSON.stringify(text)}: write a duration such as 90s or 5m`);
}

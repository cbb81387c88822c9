import type { ConfigFault } from '../../base/config-error.ts';
import { Duration } from '../../base/duration.ts';
import type { Flag, FlagKind, FlagSet, FlagTable, FlagValues } from './flag.ts';
import { suggest } from './suggest.ts';

/** What a command line says. */
export type ParsedFlags<Table extends FlagTable> =
  | {
      readonly kind: 'parsed';
      readonly values: FlagSet<Table>;
      /** The flags that the command line or the preset names. */
      readonly given: ReadonlySet<string>;
    }
  /** The command line itself is wrong: exit code 2. */
  | { readonly kind: 'usage'; readonly message: string };

/** Values that stand in for defaults, by the names of flags: those of a file. */
export type FlagPreset = ReadonlyMap<string, FlagValues[FlagKind]>;

/**
 * Reads a command line in pflag's syntax: `--name=value`, `--name value`, `--bool`, `-v2`, `-v 2`; underscores count as
 * dashes; a repeated scalar overrides, a repeated list or map adds. Positional arguments are refused, as the Go managers do.
 */
export function parseFlags<Table extends FlagTable>(
  table: Table,
  argv: readonly string[],
  preset: FlagPreset = new Map(),
): ParsedFlags<Table> {
  const reader = new FlagReader(table, preset);
  const message = reader.read(argv);
  if (message !== undefined) return { kind: 'usage', message };
  // The reader holds exactly one value of the declared kind for each name of the table.
  return {
    kind: 'parsed',
    values: Object.fromEntries(reader.values) as FlagSet<Table>,
    given: new Set([...preset.keys(), ...reader.given]),
  };
}

/** Judges parsed values one by one, by each flag's own check. */
export function checkFlags<Table extends FlagTable>(table: Table, values: FlagSet<Table>): readonly ConfigFault[] {
  const faults: ConfigFault[] = [];
  for (const [name, flag] of Object.entries(table)) {
    const value = values[name];
    const fix = value === undefined ? undefined : checkValue(flag, value);
    if (fix !== undefined) faults.push({ file: '', field: `--${name}`, value: formatFlagValue(flag, value), fix });
  }
  return faults;
}

/** The value as it would be written on a command line. */
export function formatFlagValue(flag: Flag, value: unknown): string {
  if (Array.isArray(value)) return value.join(flag.kind === 'array' ? ' ' : ',');
  if (flag.kind === 'map' && typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([key, entry]) => `${key}=${String(entry)}`)
      .join(',');
  }
  return String(value);
}

function checkValue(flag: Flag, value: FlagValues[FlagKind]): string | undefined {
  // A table's value has the kind of its flag; the union of checks can't say so.
  const check = flag.check as ((value: FlagValues[FlagKind]) => string | undefined) | undefined;
  return check?.(value);
}

class FlagReader {
  readonly values = new Map<string, FlagValues[FlagKind]>();
  readonly given = new Set<string>();
  readonly #table: FlagTable;

  constructor(table: FlagTable, preset: FlagPreset) {
    this.#table = table;
    for (const [name, flag] of Object.entries(table)) this.values.set(name, preset.get(name) ?? flag.default);
  }

  /** Returns what is wrong, in one line. */
  read(argv: readonly string[]): string | undefined {
    for (let index = 0; index < argv.length; index++) {
      const argument = argv[index] ?? '';
      const match = /^(?:--([^=]+)|-([A-Za-z]))(=?)(.*)$/s.exec(argument);
      if (!match) {
        return `unexpected argument ${JSON.stringify(argument)}: only flags are taken, as in --cloud-config=FILE`;
      }
      const [, long, short, equals = '', rest = ''] = match;
      const flagged = long !== undefined ? this.#findLong(long) : this.#findShort(short ?? '');
      if (flagged.kind === 'unknown') return flagged.message;
      const { name, flag } = flagged;
      let text: string;
      if (equals !== '' || rest !== '') text = rest;
      else if (flag.kind === 'bool') text = 'true';
      else {
        const next = argv[++index];
        if (next === undefined) return `flag needs a value: --${name}`;
        text = next;
      }
      const fix = this.#set(name, flag, text);
      if (fix !== undefined) return `--${name}: ${JSON.stringify(text)}: ${fix}`;
    }
    return undefined;
  }

  #findLong(written: string): { kind: 'known'; name: string; flag: Flag } | { kind: 'unknown'; message: string } {
    const name = written.replaceAll('_', '-');
    const flag = Object.hasOwn(this.#table, name) ? this.#table[name] : undefined;
    if (flag) return { kind: 'known', name, flag };
    const near = suggest(name, Object.keys(this.#table));
    const hint = near === undefined ? 'see --help' : `did you mean --${near}?`;
    return { kind: 'unknown', message: `unknown flag: --${written}: ${hint}` };
  }

  #findShort(letter: string): { kind: 'known'; name: string; flag: Flag } | { kind: 'unknown'; message: string } {
    for (const [name, flag] of Object.entries(this.#table)) {
      if (name === letter || flag.shorthand === letter) return { kind: 'known', name, flag };
    }
    return { kind: 'unknown', message: `unknown shorthand flag: -${letter}: see --help` };
  }

  #set(name: string, flag: Flag, text: string): string | undefined {
    const parsed = parseValue(flag.kind, text);
    if (parsed.kind === 'bad') return parsed.fix;
    const repeated = this.given.has(name);
    const before = this.values.get(name);
    this.values.set(name, repeated ? joinValues(before, parsed.value) : parsed.value);
    this.given.add(name);
    return undefined;
  }
}

/** A repeated list or map adds to what was given before; anything else overrides. */
function joinValues(before: FlagValues[FlagKind] | undefined, next: FlagValues[FlagKind]): FlagValues[FlagKind] {
  if (Array.isArray(before) && Array.isArray(next)) return [...(before as string[]), ...(next as string[])];
  if (isMap(before) && isMap(next)) return { ...before, ...next };
  return next;
}

function isMap(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Duration);
}

type ParsedValue = { kind: 'good'; value: FlagValues[FlagKind] } | { kind: 'bad'; fix: string };

function parseValue(kind: FlagKind, text: string): ParsedValue {
  switch (kind) {
    case 'string':
      return { kind: 'good', value: text };
    case 'bool': {
      if (/^(1|t|T|true|TRUE|True)$/.test(text)) return { kind: 'good', value: true };
      if (/^(0|f|F|false|FALSE|False)$/.test(text)) return { kind: 'good', value: false };
      return { kind: 'bad', fix: 'write true or false' };
    }
    case 'int': {
      if (!/^[-+]?\d+$/.test(text) || !Number.isSafeInteger(Number(text))) {
        return { kind: 'bad', fix: 'write a whole number' };
      }
      return { kind: 'good', value: Number(text) };
    }
    case 'float': {
      if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) return { kind: 'bad', fix: 'write a number' };
      return { kind: 'good', value: Number(text) };
    }
    case 'duration': {
      const duration = Duration.parse(text);
      if (!duration) return { kind: 'bad', fix: 'write a duration such as 30s, 5m or 1h30m' };
      return { kind: 'good', value: duration };
    }
    case 'list':
      return { kind: 'good', value: text === '' ? [] : text.split(',').map((item) => item.trim()) };
    case 'array':
      return { kind: 'good', value: [text] };
    case 'map':
      return parseMap(text);
  }
}

function parseMap(text: string): ParsedValue {
  const entries: [string, string][] = [];
  for (const item of text === '' ? [] : text.split(',')) {
    const equals = item.indexOf('=');
    if (equals <= 0) return { kind: 'bad', fix: 'write key=value pairs, separated by commas' };
    entries.push([item.slice(0, equals).trim(), item.slice(equals + 1).trim()]);
  }
  return { kind: 'good', value: Object.fromEntries(entries) };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Flag, FlagKind } from './flag.ts';
import { renderHelp } from './help.ts';
import { managerFlags } from './manager-flags.ts';
import { checkFlags, formatFlagValue, parseFlags } from './parse-flags.ts';

/** Name, type and default of each, as Go prints them; an empty default is Go's zero value. */
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'testdata/go-flags.json'), 'utf8')) as {
  readonly flags: readonly (readonly [name: string, type: string, value: string])[];
};

const kinds: Readonly<Record<string, FlagKind>> = {
  bool: 'bool',
  string: 'string',
  ip: 'string',
  quantity: 'string',
  'pattern=N,...': 'string',
  int: 'int',
  int32: 'int',
  Level: 'int',
  float32: 'float',
  duration: 'duration',
  strings: 'list',
  int32Slice: 'list',
  namedCertKey: 'array',
  mapStringBool: 'map',
  'version[=true]': 'bool',
};

const zeroOf: Readonly<Record<FlagKind, string>> = {
  bool: 'false',
  string: '',
  int: '0',
  float: '0',
  duration: '0s',
  list: '',
  array: '',
  map: '',
};

const table: Readonly<Record<string, Flag>> = managerFlags;

function flagOf(name: string): Flag {
  const flag = table[name];
  if (!flag) throw new Error(`there is no --${name}`);
  return flag;
}

describe("Go's flags", () => {
  it.each(recorded.flags)('--%s is there, of the kind %s, with the default %j', (name, type, value) => {
    const flag = flagOf(name);
    expect(flag.kind).toBe(kinds[type]);
    // Go writes its zero size as nothing, too.
    const zero = type === 'quantity' ? '0' : zeroOf[flag.kind];
    expect(formatFlagValue(flag, flag.default)).toBe(value === '' ? zero : value);
  });

  it.each(['node-sync-period', 'allow-untagged-cloud'])('--%s is there, though Go hides it', (name) => {
    expect(flagOf(name).group).toBeDefined();
  });
});

/** For each flag: a value that is taken, as it is shown again; and values that are not. */
const garbage: Readonly<Record<FlagKind, readonly string[]>> = {
  bool: ['', 'maybe', '2', 'yes'],
  string: [],
  int: ['', 'one', '1.5', '1e3', '0x10', '9'.repeat(30), 'NaN'],
  float: ['', 'fast', '1,5', 'Infinity', 'NaN'],
  duration: ['', '5', '1 s', '5 minutes', '1d', '--'],
  list: [],
  array: [],
  map: ['a', '=b', 'a=b,c'],
};

describe.each(Object.entries(table))('--%s', (name, flag) => {
  it('takes its own default', () => {
    const text = formatFlagValue(flag, flag.default);
    const argv = flag.kind === 'array' ? [] : [`--${name}=${text}`];
    const parsed = parseFlags(managerFlags, argv);
    if (parsed.kind === 'usage') throw new Error(parsed.message);
    expect(checkFlags(managerFlags, parsed.values)).toEqual([]);
    expect((parsed.values as Record<string, unknown>)[name]).toEqual(flag.default);
  });

  it('refuses garbage in one line that names it', () => {
    for (const text of garbage[flag.kind]) {
      const parsed = parseFlags(managerFlags, [`--${name}=${text}`]);
      expect(parsed).toMatchObject({ kind: 'usage', message: expect.stringMatching(new RegExp(`^--${name}: `)) });
    }
  });

  it('explains itself', () => {
    expect(flag.help.length).toBeGreaterThan(5);
    const help = renderHelp('manager', { [name]: flag });
    expect(help).toContain(`--${name}`);
    expect(help).toContain(flag.withoutEffect ?? '');
  });
});

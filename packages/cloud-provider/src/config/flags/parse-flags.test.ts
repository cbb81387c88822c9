import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Duration } from '../../base/duration.ts';
import type { FlagTable } from './flag.ts';
import { checkFlags, parseFlags } from './parse-flags.ts';

const table = {
  name: { kind: 'string', default: 'x', group: 'Generic', help: '' },
  on: { kind: 'bool', default: false, group: 'Generic', help: '' },
  count: {
    kind: 'int',
    default: 1,
    group: 'Generic',
    help: '',
    check: (n) => (n >= 1 ? undefined : 'write 1 or more'),
  },
  rate: { kind: 'float', default: 1, group: 'Generic', help: '' },
  wait: { kind: 'duration', default: Duration.seconds(5), group: 'Generic', help: '' },
  items: { kind: 'list', default: ['*'], group: 'Generic', help: '' },
  'feature-gates': { kind: 'map', default: {}, group: 'Generic', help: '' },
  v: { kind: 'int', default: 0, group: 'Logs', help: '' },
  help: { kind: 'bool', default: false, group: 'Global', shorthand: 'h', help: '' },
} as const satisfies FlagTable;

function values(...argv: string[]): Record<string, unknown> {
  const parsed = parseFlags(table, argv);
  if (parsed.kind === 'usage') throw new Error(parsed.message);
  return parsed.values;
}

function usage(...argv: string[]): string {
  const parsed = parseFlags(table, argv);
  return parsed.kind === 'usage' ? parsed.message : 'no complaint';
}

describe('parseFlags', () => {
  it('gives defaults for an empty command line', () => {
    expect(values()).toMatchObject({ name: 'x', on: false, count: 1, items: ['*'] });
  });

  it.each([
    [['--name=a=b'], { name: 'a=b' }],
    [['--name', 'a'], { name: 'a' }],
    [['--name='], { name: '' }],
    [['--on'], { on: true }],
    [['--on=false'], { on: false }],
    [['--on=T'], { on: true }],
    [['--count', '-3'], { count: -3 }],
    [['--rate=0.5'], { rate: 0.5 }],
    [['--wait=1h30m'], { wait: Duration.minutes(90) }],
    [['--wait=0'], { wait: Duration.zero }],
    [['--items=a,-b, c'], { items: ['a', '-b', 'c'] }],
    [['--items=a', '--items=b'], { items: ['a', 'b'] }],
    [['--items='], { items: [] }],
    [['--feature-gates=A=true,B=false', '--feature-gates=C=1'], { 'feature-gates': { A: 'true', B: 'false', C: '1' } }],
    [['--feature_gates=A=true'], { 'feature-gates': { A: 'true' } }],
    [['--name=a', '--name=b'], { name: 'b' }],
    [['-v2'], { v: 2 }],
    [['-v=3'], { v: 3 }],
    [['-v', '4'], { v: 4 }],
    [['--v=5'], { v: 5 }],
    [['-h'], { help: true }],
  ])('reads %j', (argv, expected) => {
    expect(values(...argv)).toMatchObject(expected);
  });

  it.each([
    [['--nmae=a'], 'unknown flag: --nmae: did you mean --name?'],
    [['--something-else'], 'unknown flag: --something-else: see --help'],
    [['--constructor=1'], 'unknown flag: --constructor: see --help'],
    [['-x'], 'unknown shorthand flag: -x: see --help'],
    [['here'], 'unexpected argument "here": only flags are taken, as in --cloud-config=FILE'],
    [['--name'], 'flag needs a value: --name'],
    [['--on=maybe'], '--on: "maybe": write true or false'],
    [['--count=1.5'], '--count: "1.5": write a whole number'],
    [['--count='], '--count: "": write a whole number'],
    [['--rate=fast'], '--rate: "fast": write a number'],
    [['--wait=5'], '--wait: "5": write a duration such as 30s, 5m or 1h30m'],
    [['--feature-gates=A'], '--feature-gates: "A": write key=value pairs, separated by commas'],
  ])('refuses %j', (argv, message) => {
    expect(usage(...argv)).toBe(message);
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.string().map((text) => `--${text}`),
          ),
        ),
        (argv) => {
          expect(['parsed', 'usage']).toContain(parseFlags(table, argv).kind);
        },
      ),
    );
  });
});

describe('checkFlags', () => {
  it('names flag, value and fix', () => {
    const parsed = parseFlags(table, ['--count=0']);
    if (parsed.kind === 'usage') throw new Error(parsed.message);
    expect(checkFlags(table, parsed.values)).toEqual([
      { file: '', field: '--count', value: '0', fix: 'write 1 or more' },
    ]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { Duration } from '@ccm-ts/cloud-provider';
import { parseStartFlags } from './start-flags.ts';

describe('parseStartFlags', () => {
  it('has defaults for everything', () => {
    expect(parseStartFlags([])).toEqual({
      kind: 'run',
      flags: { mode: 'live', output: 'text', nodes: 20, services: 8, seed: 1, deadline: Duration.seconds(127) },
    });
  });

  it('reads both spellings', () => {
    const args = ['--once', '--output=json', '--nodes', '2000', '--services=500', '--seed', '7', '--deadline', '5m'];
    expect(parseStartFlags(args)).toEqual({
      kind: 'run',
      flags: {
        mode: 'once',
        output: 'json',
        nodes: 2000,
        services: 500,
        seed: 7,
        deadline: Duration.minutes(5),
      },
    });
  });

  it('shows its help', () => {
    expect(parseStartFlags(['--nodes', '3', '--help'])).toEqual({ kind: 'help' });
  });

  it.each([
    [['--nodes', 'abc'], '--nodes: "abc": write a whole number from 2 to 5000'],
    [['--nodes=1'], '--nodes: "1": write a whole number from 2 to 5000'],
    [['--services', '-3'], '--services: "-3": write a whole number from 2 to 2000'],
    [['--seed', '1.5'], '--seed: "1.5": write a whole number from 0 to 4294967295'],
    [['--output', 'yaml'], '--output: "yaml": write text or json'],
    [['--output', 'json'], '--output: "json": only --once prints JSON; add --once'],
    [['--deadline', 'soon'], '--deadline: "soon": write a duration such as 90s or 5m'],
    [['--once=yes'], '--once: "yes": it takes no value, leave it out'],
    [['--nods', '5'], '--nods: there is no such flag; did you mean --nodes?'],
    [['--colour'], '--colour: there is no such flag; see npm start -- --help'],
    [['--nodes'], '--nodes: its value is missing; see npm start -- --help'],
    [['5'], '"5" is not a flag; see npm start -- --help'],
  ])('refuses %j', (args, message) => {
    expect(parseStartFlags(args)).toEqual({ kind: 'usage', message });
  });
});

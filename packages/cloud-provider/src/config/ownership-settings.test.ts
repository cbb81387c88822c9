import { describe, expect, it } from '@jest/globals';
import { describeConfigFault } from '../base/config-error.ts';
import { matchesLabels } from '../base/label-selector.ts';
import { parseConfigFile } from './config-file.ts';
import { managerFlags } from './flags/manager-flags.ts';
import { parseFlags } from './flags/parse-flags.ts';
import { ownershipSettings } from './ownership-settings.ts';
import { validateManagerFlags } from './validate-manager-flags.ts';

function flagsOf(...argv: readonly string[]) {
  const parsed = parseFlags(managerFlags, argv);
  if (parsed.kind === 'usage') throw new Error(parsed.message);
  return parsed.values;
}

describe('ownershipSettings', () => {
  it('selects everything when no selector is given', () => {
    expect(ownershipSettings(flagsOf())).toEqual({});
    expect(ownershipSettings(flagsOf('--manage-nodes= ', '--manage-services='))).toEqual({});
  });

  it('reads both selectors', () => {
    const { nodes, services } = ownershipSettings(
      flagsOf('--manage-nodes=pool=a,zone in (x,y),!legacy', '--manage-services', 'team!=b'),
    );
    expect(nodes && matchesLabels(nodes, { pool: 'a', zone: 'y' })).toBe(true);
    expect(nodes && matchesLabels(nodes, { pool: 'a', zone: 'y', legacy: '' })).toBe(false);
    expect(services && matchesLabels(services, {})).toBe(true);
    expect(services && matchesLabels(services, { team: 'b' })).toBe(false);
  });

  it('refuses to take what is no selector for one', () => {
    expect(() => ownershipSettings(flagsOf('--manage-nodes=a b'))).toThrow('"a b" is no label selector');
  });
});

describe('a selector that can not be read', () => {
  it.each(['manage-nodes', 'manage-services'])('is told in one line with flag, value and fix: --%s', (name) => {
    expect(validateManagerFlags(flagsOf(`--${name}=pool in a`)).map(describeConfigFault)).toEqual([
      `--${name}: "pool in a": write a label selector such as pool=a,zone in (x,y),!legacy: "a" where an opening bracket is expected`,
    ]);
  });

  it('is told for a file too', () => {
    const text =
      'apiVersion: manager.ccm-ts/v1\nkind: ManagerConfiguration\nflags: { manage-nodes: "pool in (a", manage-services: "!x" }';
    const file = parseConfigFile(managerFlags, 'manager.yaml', text);
    const values = parseFlags(managerFlags, [], file.kind === 'parsed' ? file.values : new Map());
    const faults = values.kind === 'parsed' ? validateManagerFlags(values.values) : [];
    expect(faults.map(({ field, value }) => `${field} ${value}`)).toEqual(['--manage-nodes pool in (a']);
  });
});

import { describe, expect, it } from '@jest/globals';
import { describeConfigFault } from '../base/config-error.ts';
import { defaultLeaderMigration, lockOf, parseLeaderMigration } from './leader-migration.ts';

const group = 'controllermanager.config.k8s.io';

function document(version: string, rest: object): string {
  return JSON.stringify({
    apiVersion: `${group}/${version}`,
    kind: 'LeaderMigrationConfiguration',
    leaderName: 'migration',
    ...rest,
  });
}

function faults(text: string): readonly string[] {
  const parsed = parseLeaderMigration('migration.yaml', text);
  return parsed.kind === 'bad' ? parsed.faults.map(describeConfigFault) : [];
}

describe('lockOf', () => {
  it.each([
    ['cloud-node-controller', 'main'],
    ['cloud-node-lifecycle-controller', 'migration'],
    ['service-lb-controller', 'migration'],
    ['node-route-controller', 'migration'],
  ])('%s runs by default under the lock %s', (name, lock) => {
    expect(lockOf(name, defaultLeaderMigration)).toBe(lock);
  });

  it('is the main one without migration', () => {
    expect(lockOf('service-lb-controller', undefined)).toBe('main');
  });

  it.each(['service', 'service-controller', 'service-lb-controller'])('knows a controller as %s', (name) => {
    const leaders = (component: string): object => ({ controllerLeaders: [{ name, component }] });
    const lock = (component: string): string => {
      const parsed = parseLeaderMigration('m', document('v1', leaders(component)));
      if (parsed.kind === 'bad') throw new Error('it is bad');
      return lockOf('service-lb-controller', parsed.value);
    };
    expect([lock('*'), lock('cloud-controller-manager'), lock('kube-controller-manager')]).toEqual([
      'migration',
      'migration',
      'never',
    ]);
  });
});

describe('parseLeaderMigration', () => {
  it.each(['v1', 'v1beta1', 'v1alpha1'])('takes %s', (version) => {
    expect(faults(document(version, {}))).toEqual([]);
  });

  it('takes a lock of leases in the older versions alone', () => {
    expect(faults(document('v1beta1', { resourceLock: 'leases' }))).toEqual([]);
    expect(faults(document('v1', { resourceLock: 'leases' }))[0]).toContain('resourceLock: "": remove it');
  });

  it.each([
    ['{', '(file): "": write YAML or JSON'],
    ['7', '(file): "7": write an object'],
    [document('v2', {}), 'apiVersion: "controllermanager.config.k8s.io/v2": write one of'],
    [document('v1', { kind: 'Other' }), 'kind: "Other": write LeaderMigrationConfiguration'],
    [document('v1', { leaderName: '' }), 'leaderName: "": it is needed'],
    [document('v1', { leaderName: 7 }), 'leaderName: "7": write a text'],
    [document('v1', { more: 1 }), 'more: "": remove it'],
    [document('v1beta1', { resourceLock: 'endpoints' }), 'resourceLock: "\\"endpoints\\"": write leases'],
    [document('v1', { controllerLeaders: {} }), 'controllerLeaders: "{}": write a list'],
    [document('v1', { controllerLeaders: [{ name: 'a' }] }), 'controllerLeaders[0].component: "": it is needed'],
    [document('v1', { controllerLeaders: [7] }), 'controllerLeaders[0]: "7": write an object'],
  ])('refuses %s', (text, message) => {
    expect(faults(text)[0]).toContain(`migration.yaml: ${message}`);
  });
});

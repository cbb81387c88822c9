import { describe, expect, it } from '@jest/globals';
import { describeAnnotationFinding, refusalOfFindings } from './annotation-finding.ts';
import type { AnyAnnotationRegistry } from './define-annotations.ts';
import { testAnnotations } from './test-annotations.ts';

const key = (name: string): string => `test.example/lb-${name}`;
const annotated = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name.includes('/') ? name : key(name), value]));
const findings = (now: Readonly<Record<string, string>>, former?: Readonly<Record<string, string>>): string[] =>
  testAnnotations
    .judge(annotated(now), former && annotated(former))
    .map(({ kind, effect, annotation }) => `${effect} ${kind} ${annotation.replace(key(''), '')}`);

describe('annotations', () => {
  it('give typed values', () => {
    const annotations = annotated({ size: 'large', logs: 'T', interval: ' 030 ', bucket: ' a ,, b', zone: 'c' });
    const logs: boolean | undefined = testAnnotations.read(annotations, 'logs');
    const interval: number | undefined = testAnnotations.read(annotations, 'interval');
    const bucket: readonly string[] | undefined = testAnnotations.read(annotations, 'bucket');
    expect([logs, interval, bucket]).toEqual([true, 30, ['a', 'b']]);
    expect(testAnnotations.read(annotations, 'zone')).toBeUndefined();
    expect(testAnnotations.read(annotations, 'timeout')).toBeUndefined();
    expect(testAnnotations.read(annotated({ interval: '30' }), 'interval')).toBeUndefined();
  });

  it.each([
    ['nothing', {}, []],
    ['what fits', { size: 'large', interval: '10', zone: 'a' }, []],
    ['garbage', { logs: 'yes', zone: '' }, ['refused invalid logs', 'refused invalid zone']],
    ['garbage without consequence', { size: 'LARGE' }, ['warned invalid size']],
    [
      'limits',
      { size: 'large', interval: '4', timeout: '121' },
      ['refused invalid interval', 'refused invalid timeout', 'refused contradictory timeout'],
    ],
    [
      'misplaced ones',
      { interval: '10', timeout: '3' },
      ['warned unsupported interval', 'refused unsupported timeout'],
    ],
    ['contradictions', { logs: 'true' }, ['refused contradictory bucket']],
    ['contradictions with defaults', { size: 'large', timeout: '10' }, ['refused contradictory timeout']],
    ['another controller', { size: 'other', logs: 'garbage', intrval: '1' }, []],
    ['unknown names', { intervall: '1' }, ['warned unknown intervall']],
    ['unknown names beside the prefix', { 'Test.Example/LB-zone': '1' }, ['warned unknown Test.Example/LB-zone']],
    ['names of elsewhere', { scheme: 'x' }, ['warned unsupported scheme']],
    ['names of others', { 'example.com/lb-zone': 'x' }, []],
  ])('are judged: %s', (_name, annotations, expected) => {
    expect(findings(annotations)).toEqual(expected);
  });

  it.each([
    ['what stays as it was', { logs: 'yes', x: '1' }, { logs: 'yes', x: '1' }, []],
    ['what goes', { size: 'large' }, { size: 'large', logs: 'yes' }, []],
    ['one side of a contradiction', { logs: 'true' }, { logs: 'true', bucket: 'a' }, ['refused contradictory bucket']],
    ['something else', { logs: 'true', zone: 'c' }, { logs: 'true' }, ['refused invalid zone', 'warned late zone']],
    ['the kind', { size: 'large', logs: 'yes', zone: 'b' }, { logs: 'yes' }, ['refused invalid logs']],
    ['what only counts at creation', {}, { zone: 'a' }, ['warned late zone']],
  ])('are judged by what an edit changed: %s', (_name, now, former, expected) => {
    expect(findings(now, former)).toEqual(expected);
  });

  it('name annotation, value and fix, and what was probably meant', () => {
    const told = testAnnotations.judge(annotated({ logs: 'yes', intervall: '1', 'test.example/zone': 'b' }));
    expect(told.map(describeAnnotationFinding)).toEqual([
      `${key('intervall')}: "1" has no effect, as there is no such annotation: did you mean ${key('interval')}?`,
      'test.example/zone: "b" has no effect, as there is no such annotation: remove it',
      `${key('logs')}: "yes" is not possible: write true or false`,
    ]);
    expect(refusalOfFindings(told)).toEqual({
      kind: 'refusal',
      reason: 'InvalidAnnotation',
      field: key('logs'),
      value: 'yes',
      fix: 'write true or false',
    });
  });

  it('can be used without knowing their types', () => {
    const registry: AnyAnnotationRegistry = testAnnotations;
    expect(registry.keyOf('zone')).toBe(key('zone'));
  });
});

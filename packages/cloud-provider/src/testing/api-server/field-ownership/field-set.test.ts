import { describe, expect, it } from '@jest/globals';
import { difference, equalSets, fromFieldsV1, intersection, pathsOf, setOf, toFieldsV1, union } from './field-set.ts';

const labels = ['f:metadata', 'f:labels'];
const ready = ['f:status', 'f:conditions', 'k:{"type":"Ready"}'];

describe('a set of fields', () => {
  it('prints and reads the form of managedFields', () => {
    const set = setOf([labels, [...labels, 'f:a'], ready, [...ready, 'f:status']]);
    const json = {
      'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
      'f:status': { 'f:conditions': { 'k:{"type":"Ready"}': { '.': {}, 'f:status': {} } } },
    };
    expect(toFieldsV1(set)).toEqual(json);
    expect(equalSets(fromFieldsV1(json), set)).toBe(true);
  });

  it('names its members as refusals do', () => {
    const set = setOf([[...labels, 'f:example.com/a'], ready, ['f:metadata', 'f:finalizers', 'v:"x"']]);
    expect(pathsOf(set)).toEqual([
      '.metadata.finalizers[="x"]',
      '.metadata.labels.example.com/a',
      '.status.conditions[type="Ready"]',
    ]);
  });

  it('tells a member from what is below it', () => {
    const whole = setOf([labels]);
    const part = setOf([[...labels, 'f:a']]);
    expect(pathsOf(intersection(whole, part))).toEqual([]);
    expect(pathsOf(difference(part, whole))).toEqual(['.metadata.labels.a']);
    expect(pathsOf(union(whole, part))).toEqual(['.metadata.labels', '.metadata.labels.a']);
  });
});

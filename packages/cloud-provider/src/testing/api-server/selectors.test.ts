import { describe, expect, it } from '@jest/globals';
import { matchesLabels } from '../../base/label-selector.ts';
import { matchesFields, parseFieldSelector, parseLabelSelector } from './selectors.ts';
import { StatusError } from './status.ts';

describe('label selectors', () => {
  it.each([
    ['', {}, true],
    ['a=1', { a: '1' }, true],
    ['a==1', { a: '2' }, false],
    ['a!=1', {}, true],
    ['a!=1', { a: '1' }, false],
    ['a in (1, 2),b', { a: '2', b: '' }, true],
    ['a notin (1,2)', { a: '3' }, true],
    ['a notin (1,2)', {}, true],
    ['!a', { a: '' }, false],
    ['x.io/a=', { 'x.io/a': '' }, true],
  ])('%s on %j is %s', (text, labels, expected) => {
    expect(matchesLabels(parseLabelSelector(text), labels as Record<string, string>)).toBe(expected);
  });

  it('refuses what is none', () => {
    expect(() => parseLabelSelector('a===b')).toThrow(StatusError);
  });
});

describe('field selectors', () => {
  it.each([
    ['metadata.name=n', true],
    ['metadata.name!=n', false],
    ['metadata.name==n,metadata.namespace=', true],
  ])('%s is %s', (text, expected) => {
    const value = (path: string): string => (path === 'metadata.name' ? 'n' : '');
    expect(matchesFields(parseFieldSelector(text), value)).toBe(expected);
  });

  it('refuses what is none', () => {
    expect(() => parseFieldSelector('metadata.name')).toThrow(StatusError);
  });
});

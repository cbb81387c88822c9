import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesLabels, parseLabelSelector } from './label-selector.ts';

function matches(text: string, labels: Readonly<Record<string, string>>): boolean {
  const parsed = parseLabelSelector(text);
  if (parsed.kind === 'bad') throw new Error(parsed.problem);
  return matchesLabels(parsed.selector, labels);
}

describe('label selectors', () => {
  it.each([
    ['', {}, true],
    ['  ', { a: '1' }, true],
    ['a=1', { a: '1' }, true],
    ['a==1', { a: '2' }, false],
    ['a = 1 , b', { a: '1', b: '' }, true],
    ['a!=1', {}, true],
    ['a!=1', { a: '1' }, false],
    ['a in (1, 2),b', { a: '2', b: '' }, true],
    ['a in(1,2)', { a: '3' }, false],
    ['a in ()', { a: '' }, true],
    ['a in (x,)', { a: '' }, true],
    ['a notin (1,2)', { a: '3' }, true],
    ['a notin (1,2)', {}, true],
    ['a notin (1,2)', { a: '2' }, false],
    ['!a', { a: '' }, false],
    ['! a', {}, true],
    ['a', { a: '' }, true],
    ['x.io/a=', { 'x.io/a': '' }, true],
    ['x.io/a=', {}, false],
    ['in in (in)', { in: 'in' }, true],
    ['notin', { notin: '' }, true],
    ['a>3', { a: '4' }, true],
    ['a>3', { a: '3' }, false],
    ['a>3', { a: 'x' }, false],
    ['a<3', { a: '-1' }, true],
    ['a<3', {}, false],
    ['a=b,c in (x,y),!d', { a: 'b', c: 'y' }, true],
    ['a=b,c in (x,y),!d', { a: 'b', c: 'y', d: '' }, false],
    ['constructor', {}, false],
  ])('%s on %j: %s', (text, labels, expected) => {
    expect(matches(text, labels as Readonly<Record<string, string>>)).toBe(expected);
  });

  it.each([
    ['a===b', '"=" where a label\'s value is expected'],
    ['a,', "it ends where a label's key is expected"],
    [',a', '"," where a label\'s key is expected'],
    ['a b', '"b" where one of = == != > < in notin, a comma or the end is expected'],
    ['a in x', '"x" where an opening bracket is expected'],
    ['a in (x', 'it ends where a comma or a closing bracket is expected'],
    ['a in (x) b', '"b" where a comma or the end is expected'],
    ['a>b', '"b" where a whole number is expected'],
    ['a=-b', '"-b" is no label\'s value: at most 63 letters'],
    ['x/y/z', '"x/y/z" is no label\'s key: it has more than one slash'],
    ['X/y', '"X/y" is no label\'s key: what is before the slash'],
    ['_a', '"_a" is no label\'s key: at most 63 letters'],
    [`a=${'b'.repeat(64)}`, "is no label's value: at most 63 letters"],
    ['!', "it ends where a label's key is expected"],
    ['(a)', '"(" where a label\'s key is expected'],
  ])('%s is refused', (text, problem) => {
    const parsed = parseLabelSelector(text);
    expect(parsed.kind === 'bad' ? parsed.problem : 'taken').toContain(problem);
  });

  it('never fails for anything but what is wrong with the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab=!<>(), in/.-\n') }), (text) => {
        expect(['parsed', 'bad']).toContain(parseLabelSelector(text).kind);
      }),
    );
  });

  it('is either met or not met by the same requirement and its opposite', () => {
    const word = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(word, word, fc.dictionary(word, word), (key, value, labels) => {
        expect(matches(`${key}=${value}`, labels)).toBe(!matches(`${key}!=${value}`, labels));
        expect(matches(`${key} in (${value},x)`, labels)).toBe(!matches(`${key} notin (${value},x)`, labels));
        expect(matches(key, labels)).toBe(!matches(`!${key}`, labels));
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AnnotationFormat, fits, goBoolean, listOf, oneOf, pairsOf, wholeNumber } from './annotation-format.ts';
import { numberPattern } from './number-pattern.ts';

const read = (format: AnnotationFormat<unknown>, text: string): unknown =>
  fits(format, text) ? format.parse(text) : 'unfit';

describe('formats of annotations', () => {
  const groups = listOf({ item: 'sg-[a-z0-9]+', name: 'groups', fix: 'write ids' });
  const perhapsGroups = listOf({ item: 'sg-[a-z0-9]+', name: 'groups', fix: 'write ids', empty: 'allowed' });
  const switches = pairsOf({ of: { key: 'a|b', value: 'on|off' }, name: 'switches', fix: 'x', empty: 'refused' });
  const seconds = wholeNumber({ min: 5, max: 300 });
  const word = oneOf(['TCP', 'HTTP'], { spelling: 'any' });

  it.each([
    [groups, 'sg-1', ['sg-1']],
    [groups, ' sg-1 ,,sg-2\n', ['sg-1', 'sg-2']],
    [groups, 'sg-1, i-2', 'unfit'],
    [groups, ' , ', 'unfit'],
    [perhapsGroups, ' , ', []],
    [perhapsGroups, '', []],
    [switches, 'a=on, b = off,=x', { a: 'on', b: 'off' }],
    [switches, 'a=On', 'unfit'],
    [switches, '=x', 'unfit'],
    [switches, 'c=on', 'unfit'],
    [seconds, '5', 5],
    [seconds, ' 0300\n', 300],
    [seconds, '4', 'unfit'],
    [seconds, '301', 'unfit'],
    [seconds, '+5', 'unfit'],
    [seconds, '', 'unfit'],
    [wholeNumber({ min: 1, max: 9, empty: 'allowed', plus: 'yes' }), '+7', 7],
    [wholeNumber({ min: 1, max: 9, empty: 'allowed' }), ' ', undefined],
    [word, ' http ', 'HTTP'],
    [word, 'HTTPS', 'unfit'],
    [oneOf(['nlb'], { empty: 'allowed' }), '', ''],
    [oneOf(['*']), '*', '*'],
    [oneOf(['nlb']), 'NLB', 'unfit'],
    [goBoolean('false'), '', false],
    [goBoolean('refused'), '', 'unfit'],
    [goBoolean('refused'), 'True', true],
  ])('%#', (format, text, expected) => {
    expect(read(format, text)).toEqual(expected);
  });

  it('take numbers within their limits and no others', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), fc.nat(12_000), (a, b, number) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const pattern = new RegExp(`^${numberPattern(min, max)}$`, 'u');
        for (const one of [number, min - 1, min, min + 1, max - 1, max, max + 1].filter((each) => each >= 0)) {
          expect({ min, max, one, isIn: pattern.test(String(one)) }).toEqual({
            min,
            max,
            one,
            isIn: one >= min && one <= max,
          });
        }
      }),
    );
  });

  it.each([
    ['blanks', ' '.repeat(200_000)],
    ['commas', `${'sg-1, '.repeat(40_000)}!`],
    ['zeros', `${'0'.repeat(200_000)}!`],
    ['pairs', `${'a = on , '.repeat(20_000)}!`],
  ])('are not slowed down by %s without end', (_name, text) => {
    for (const format of [groups, perhapsGroups, switches, seconds, word]) {
      expect(fits(format, `${text}!`)).toBe(false);
    }
  });
});

import { describe, expect, it } from '@jest/globals';
import { compareWithTable, printCalls, withMeasuredCalls } from './call-budget-table.ts';

const table = [
  '# Calls',
  '',
  '| situation | calls | target | cause |',
  '|---|---|---|---|',
  '| a node joins | 2: Describe 1, Place 1 | 2 | |',
  '| a day passes | 0 | 0 | |',
  '',
  'The end.',
].join('\n');

const asStated = new Map([
  [
    'a node joins',
    new Map([
      ['Place', 1],
      ['Describe', 1],
    ]),
  ],
  ['a day passes', new Map<string, number>()],
]);

describe('compareWithTable', () => {
  it('finds nothing where both agree', () => {
    expect(compareWithTable(asStated, table)).toEqual([]);
  });

  it.each([
    ['more', new Map([['Describe', 3]]), '| a day passes | 3: Describe 3 | is what it takes, not 0'],
    ['others', new Map([['Place', 1]]), '| a day passes | 1: Place 1 | is what it takes, not 0'],
  ])('names the row that takes %s', (_, calls, line) => {
    expect(compareWithTable(new Map([...asStated, ['a day passes', calls]]), table)).toEqual([line]);
  });

  it('names the row that takes fewer', () => {
    const measured = new Map([...asStated, ['a node joins', new Map([['Describe', 1]])]]);
    expect(compareWithTable(measured, table)).toEqual([
      '| a node joins | 1: Describe 1 | is what it takes, not 2: Describe 1, Place 1',
    ]);
  });

  it('names rows that are missing and rows that nothing measures', () => {
    const measured = new Map([
      ['a day passes', new Map<string, number>()],
      ['a year passes', new Map([['Look', 1]])],
    ]);
    expect(compareWithTable(measured, table)).toEqual([
      'there is no row | a year passes | 1: Look 1 |',
      'nothing measures the row | a node joins |',
    ]);
  });
});

describe('withMeasuredCalls', () => {
  it('corrects calls, keeps what people wrote, and adds what is missing', () => {
    const measured = new Map([
      ['a node joins', new Map([['Describe', 7]])],
      ['a year passes', new Map<string, number>()],
    ]);
    const corrected = withMeasuredCalls(measured, table).split('\n');
    expect(corrected.slice(4, 8)).toEqual([
      '| a node joins | 7: Describe 7 | 2 | |',
      '| a day passes | 0 | 0 | |',
      '| a year passes | 0 | | |',
      '',
    ]);
  });
});

describe('printCalls', () => {
  it('sorts by operation and sums up', () => {
    expect(
      printCalls(
        new Map([
          ['b', 2],
          ['a', 1],
        ]),
      ),
    ).toBe('3: a 1, b 2');
    expect(printCalls(new Map())).toBe('0');
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseGcfg } from './gcfg.ts';

const valuesOf = (text: string): unknown =>
  parseGcfg(text).sections.flatMap(({ entries }) => entries.map(({ key, value }) => [key, value]));

describe('the syntax of the cloud-config', () => {
  it('knows sections, subsections, comments and blank lines', () => {
    const file = parseGcfg(
      [
        '; a comment',
        '# another',
        '',
        '[Global]  ; here too',
        'Zone = a',
        '[ServiceOverride "1 \\"x\\""]',
        'URL=b',
      ].join('\n'),
    );
    expect(file.faults).toEqual([]);
    expect(file.sections).toMatchObject([
      { name: 'Global', subsection: '', line: 4, entries: [{ key: 'Zone', value: 'a', line: 5 }] },
      { name: 'ServiceOverride', subsection: '1 "x"', line: 6, entries: [{ key: 'URL', value: 'b', line: 7 }] },
    ]);
  });

  it.each([
    ['plain', 'k = v', 'v'],
    ['blanks around', 'k =   a b  ', 'a b'],
    ['quotes', 'k = " a ; b "', ' a ; b '],
    ['quotes in the middle', 'k = a" b "c', 'a b c'],
    ['a comment behind', 'k = v ; why', 'v'],
    ['a comment behind, with #', 'k = v#why', 'v'],
    ['escapes', 'k = "a\\"b\\\\c\\n\\t"', 'a"b\\c\n\t'],
    ['nothing', 'k =', ''],
    ['a bare key', 'k', undefined],
    ['a bare key with a comment', 'k # yes', undefined],
    ['a line that goes on', 'k = a\\\n  b', 'a  b'],
    ['carriage returns', 'k = v\r', 'v'],
    ['an equals sign in the value', 'k = a=b', 'a=b'],
  ])('%s', (_name, line, value) => {
    expect(valuesOf(`[s]\n${line}\n`)).toEqual([['k', value]]);
  });

  it('keeps every one of repeated keys', () => {
    expect(valuesOf('[s]\nk = a\nk = b')).toEqual([
      ['k', 'a'],
      ['k', 'b'],
    ]);
  });

  it.each([
    ['[Global', 'write a section'],
    ['[Global]\n= x', 'write Key = value'],
    ['[Global]\nkey : x', 'write Key = value'],
    ['key = x', 'below a section'],
    ['[Global]\nkey = "x', 'close the double quote'],
    ['[Global]\nkey = a\\qb', 'after a backslash'],
  ])('%j is a fault that says what to write', (text, problem) => {
    expect(parseGcfg(text).faults).toMatchObject([{ problem: expect.stringContaining(problem) }]);
  });

  it('goes on after a fault, so that all are told', () => {
    expect(parseGcfg('[a\n[b]\nx : 1\ny = 2').faults.map(({ line }) => line)).toEqual([1, 3]);
  });

  it('never throws', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('[Global]', '[S "x"]', 'k = "a', 'k = a\\', 'k', '\uFEFF', '; "'),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const file = parseGcfg(lines.join('\n'));
        expect(Array.isArray(file.sections)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('reads back any value that is quoted', () => {
    const quote = (value: string): string =>
      `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;
    fc.assert(
      fc.property(
        fc.string().filter((value) => !value.includes('\r')),
        (value) => {
          expect(valuesOf(`[s]\nk = ${quote(value)}`)).toEqual([['k', value]]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fingerprint } from './fingerprint.ts';

describe('fingerprint', () => {
  it('does not depend on the order of keys, and does on everything else', () => {
    expect(fingerprint({ a: 1, b: [1, 2] })).toBe(fingerprint({ b: [1, 2], a: 1 }));
    expect(fingerprint({ a: 1, b: undefined })).toBe(fingerprint({ a: 1 }));
    const different = [
      { a: 1 },
      { a: '1' },
      { a: [1] },
      { a: null },
      {},
      [],
      '',
      null,
      undefined,
      [1, 2],
      [2, 1],
      new Map([['a', 1]]),
      new Set(['a']),
    ];
    expect(new Set(different.map(fingerprint)).size).toBe(different.length);
    expect(
      fingerprint(
        new Map([
          ['a', 1],
          ['b', 2],
        ]),
      ),
    ).toBe(
      fingerprint(
        new Map([
          ['b', 2],
          ['a', 1],
        ]),
      ),
    );
  });

  it('is equal exactly for equal JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        expect(fingerprint(left)).toBe(fingerprint(structuredClone(left)));
        // JSON has one zero.
        const text = (value: unknown): string => JSON.stringify(sorted(value));
        expect(fingerprint(left) === fingerprint(right)).toBe(text(left) === text(right));
      }),
    );
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.entries(value)
    .map(([key, field]) => [key, sorted(field)] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .concat([['{}', 0]]);
}

import { describe, expect, it } from '@jest/globals';
import { jsonText } from './json-text.ts';

describe('jsonText', () => {
  it('keeps what fits on one line', () => {
    expect(jsonText({ a: ['b', 1], c: {}, d: [] })).toBe('{\n  "a": ["b", 1],\n  "c": {},\n  "d": []\n}\n');
  });

  it('breaks what is too long, and lists of objects', () => {
    const long = 'x'.repeat(60);
    expect(jsonText([long, long])).toBe(`[\n  "${long}",\n  "${long}"\n]\n`);
    expect(jsonText([{ a: 1 }])).toBe('[\n  {\n    "a": 1\n  }\n]\n');
  });
});

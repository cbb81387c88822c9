import { describe, expect, it } from '@jest/globals';
import { ageOf, firstSightOf } from './node-age.ts';
import { lifecycleNode } from './test-bench.ts';

const start = new Date('2026-01-01T12:00:00Z');

/** Seconds after the first sight. */
function after(seconds: number, jump = 0) {
  return { monotonic: seconds * 1000, wall: new Date(start.getTime() + (seconds + jump) * 1000) };
}

describe('ageOf', () => {
  it.each([
    ['an old Node, at once', '2026-01-01T11:00:00Z', 0, 0, 50 * 60],
    ['an old Node, later', '2026-01-01T11:00:00Z', 60, 0, 51 * 60],
    ['a young Node, at once', '2026-01-01T11:55:00Z', 0, 0, 0],
    ['a young Node, later', '2026-01-01T11:55:00Z', 300, 0, 300],
    ['a young Node, after a jump of the clock', '2026-01-01T11:55:00Z', 30, 3 * 3600, 30],
    ['an old Node, after a jump back', '2026-01-01T11:00:00Z', 60, -3 * 3600, 51 * 60],
    ['a Node that is younger than its name', '2026-01-01T12:29:00Z', 1800, 0, 60],
    ['a Node of a server whose clock goes ahead', '2026-01-01T12:30:00Z', 90, 0, 90],
    ['a Node without a time', '', 90, 0, 90],
    ['garbage', 'yesterday', 90, 0, 90],
  ])('%s', (_name, creationTimestamp, seconds, jump, expected) => {
    const node = lifecycleNode('a', { creationTimestamp });
    expect(ageOf(node, firstSightOf(node, after(0)), after(seconds, jump)).seconds).toBe(expected);
  });
});

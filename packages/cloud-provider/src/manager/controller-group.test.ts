import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Duration } from '../base/duration.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { startWaits } from './controller-group.ts';

describe('startWaits', () => {
  it('lets controllers start in their order, once or twice the interval apart', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 20 }), (seed, count) => {
        const random = seededRandom(seed);
        const waits = startWaits(count, Duration.seconds(1), () => random.next()).map((each) => each.milliseconds);
        expect(waits[0]).toBe(0);
        const gaps = waits.slice(1).map((wait, index) => wait - (waits[index] ?? 0));
        for (const gap of gaps) {
          expect(gap).toBeGreaterThanOrEqual(999);
          expect(gap).toBeLessThanOrEqual(2001);
        }
      }),
    );
  });

  it('has nobody wait without an interval', () => {
    expect(startWaits(3).map((each) => each.milliseconds)).toEqual([0, 0, 0]);
  });
});

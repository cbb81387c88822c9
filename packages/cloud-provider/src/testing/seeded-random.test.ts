import { describe, expect, it } from '@jest/globals';
import { seededRandom } from './seeded-random.ts';

describe('seededRandom', () => {
  it('gives the same for the same seed and something else for another', () => {
    const draw = (seed: number) => {
      const random = seededRandom(seed);
      return [random.hex(8), random.integer(1000), random.pick(['a', 'b', 'c']), random.next()];
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('spreads evenly', () => {
    const random = seededRandom(1);
    const counts = new Array<number>(10).fill(0);
    for (let index = 0; index < 10_000; index++) counts[random.integer(10)]!++;
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });

  it('can not pick from nothing', () => {
    expect(() => seededRandom(1).pick([])).toThrow(RangeError);
  });
});

import { expect, it } from '@jest/globals';
import { pickSome } from './sample.ts';

const items = Array.from({ length: 30 }, (_, index) => index);

it('picks so many different ones, the same for the same seed', () => {
  const some = pickSome(items, 5, 7);
  expect(new Set(some).size).toBe(5);
  expect(pickSome(items, 5, 7)).toEqual(some);
  const seeds = Array.from({ length: 200 }, (_, seed) => seed);
  expect(new Set(seeds.flatMap((seed) => pickSome(items, 5, seed))).size).toBe(items.length);
});

it('picks all when there are fewer', () => {
  expect([...pickSome([1, 2, 3], 5, 1)].sort()).toEqual([1, 2, 3]);
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LaggedMap } from './lagged-map.ts';

describe('LaggedMap', () => {
  it('agrees with a full history for every time that must stay readable', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      value: fc.option(fc.integer(), { nil: undefined }),
      pause: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 0, max: 6 }), (steps, lag) => {
        const map = new LaggedMap<number>();
        const history: { readonly time: number; readonly state: ReadonlyMap<string, number> }[] = [];
        const state = new Map<string, number>();
        let now = 0;
        for (const { key, value, pause } of steps) {
          now += pause;
          const times = { now, keep: now - lag };
          if (value === undefined) map.delete(key, times);
          else map.set(key, value, times);
          if (value === undefined) state.delete(key);
          else state.set(key, value);
          history.push({ time: now, state: new Map(state) });
          for (let time = now - lag; time <= now; time++) {
            const then = history.findLast((entry) => entry.time <= time)?.state ?? new Map<string, number>();
            expect(new Map(map.entriesAt(time))).toEqual(new Map(then));
            expect(map.at(key, time)).toBe(then.get(key));
          }
          expect([...map.values()].sort()).toEqual([...state.values()].sort());
        }
      }),
    );
  });
});

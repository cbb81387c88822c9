import { describe, expect, it } from '@jest/globals';
import { Duration } from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { LooksInTurn } from './looks-in-turn.ts';

describe('LooksInTurn', () => {
  it('gives each its turn once a day, a few at a time, also when all were read together', async () => {
    const clock = new FakeClock();
    const looks = new LooksInTurn(clock);
    const groups = Array.from({ length: 100 }, (_, index) => `service/${index}`);
    const turns = new Map(groups.map((group) => [group, [0]]));
    for (const group of groups) looks.note(group);
    let most = 0;
    for (let hour = 1; hour <= 96; hour++) {
      await clock.advance(Duration.hours(1));
      const due = looks.take(groups);
      most = Math.max(most, due.size);
      for (const group of due) {
        looks.note(group);
        turns.get(group)?.push(hour);
      }
    }
    expect(most).toBe(9);
    for (const hours of turns.values()) {
      const gaps = hours.slice(1).map((hour, index) => hour - (hours[index] ?? 0));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(24);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(12);
    }
  });

  it('gives what was never read its turn as if it had been, and forgets what is there no more', async () => {
    const clock = new FakeClock();
    const looks = new LooksInTurn(clock);
    expect([...looks.take(['a'])]).toEqual([]);
    await clock.advance(Duration.hours(12));
    expect([...looks.take(['a'])]).toEqual(['a']);
    expect([...looks.take(['b'])]).toEqual([]);
    expect([...looks.take(['a'])]).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { Duration } from '../base/duration.ts';
import { FakeClock } from './fake-clock.ts';

describe('FakeClock', () => {
  it('runs timers in the order in which they are due, each at its time', async () => {
    const clock = new FakeClock();
    const seen: [string, number][] = [];
    const note = (name: string) => () => seen.push([name, clock.monotonic()]);
    clock.schedule(Duration.milliseconds(20), note('late'));
    clock.schedule(Duration.milliseconds(10), note('early'));
    clock.schedule(Duration.milliseconds(10), note('as early'));
    clock.schedule(Duration.milliseconds(15), note('cancelled'))();
    await clock.advance(Duration.milliseconds(19));
    expect(seen).toEqual([
      ['early', 10],
      ['as early', 10],
    ]);
    expect(clock.pending()).toBe(1);
    expect(clock.untilNext()?.milliseconds).toBe(1);
    await clock.advance(Duration.milliseconds(1));
    expect(seen).toHaveLength(3);
  });

  it('lets a chain of sleeps run to its end within one advance', async () => {
    const clock = new FakeClock();
    const times: number[] = [];
    const work = (async () => {
      for (let turn = 0; turn < 3; turn++) {
        await clock.sleep(Duration.seconds(1));
        times.push(clock.now().getTime());
      }
    })();
    await clock.advance(Duration.seconds(10));
    await work;
    const start = new Date('2026-01-01T00:00:00Z').getTime();
    expect(times).toEqual([start + 1000, start + 2000, start + 3000]);
    expect(clock.monotonic()).toBe(10_000);
  });

  it('ends a sleep that is aborted and forgets its timer', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const sleeping = clock.sleep(Duration.seconds(1), controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    expect(clock.pending()).toBe(0);
    await expect(clock.sleep(Duration.zero, controller.signal)).rejects.toThrow('enough');
  });

  it('moves time over a stall without running what fell due, which then runs late', async () => {
    const clock = new FakeClock();
    let ranAt: number | undefined;
    clock.schedule(Duration.seconds(1), () => {
      ranAt = clock.monotonic();
    });
    clock.stall(Duration.seconds(30));
    expect(ranAt).toBeUndefined();
    await clock.advance(Duration.zero);
    expect(ranAt).toBe(30_000);
  });

  it('jumps the wall clock alone', () => {
    const clock = new FakeClock(new Date('2026-05-01T00:00:00Z'));
    clock.jumpWallClock(Duration.hours(-1));
    expect([clock.now().toISOString(), clock.monotonic()]).toEqual(['2026-04-30T23:00:00.000Z', 0]);
  });
});

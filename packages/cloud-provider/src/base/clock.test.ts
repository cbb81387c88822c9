import { describe, expect, it } from '@jest/globals';
import { systemClock } from './clock.ts';
import { Duration } from './duration.ts';

describe('systemClock', () => {
  it('sleeps no shorter than it was told', async () => {
    const start = systemClock.monotonic();
    await systemClock.sleep(Duration.milliseconds(5));
    // Node rounds timers to whole milliseconds and may fire up to one early.
    expect(systemClock.monotonic() - start).toBeGreaterThanOrEqual(4);
  });

  it('rejects with the reason when it is aborted, before or during the sleep', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const sleeping = systemClock.sleep(Duration.hours(1), controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(systemClock.sleep(Duration.zero, controller.signal)).rejects.toBe(reason);
  });

  it('rejects with the default reason of an abort as it is', async () => {
    const signal = AbortSignal.abort();
    await expect(systemClock.sleep(Duration.zero, signal)).rejects.toBe(signal.reason);
  });

  it('does not fire at once for a time longer than a timer can be', async () => {
    let fired = false;
    const cancel = systemClock.schedule(Duration.hours(24 * 60), () => {
      fired = true;
    });
    await systemClock.sleep(Duration.milliseconds(10));
    cancel();
    expect(fired).toBe(false);
  });

  it('calls back once and never after being cancelled', async () => {
    const calls: string[] = [];
    systemClock.schedule(Duration.milliseconds(1), () => calls.push('kept'));
    systemClock.schedule(Duration.milliseconds(1), () => calls.push('cancelled'))();
    await systemClock.sleep(Duration.milliseconds(10));
    expect(calls).toEqual(['kept']);
  });
});

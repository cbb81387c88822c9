import { describe, expect, it } from '@jest/globals';
import { Duration } from '../base/duration.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import type { EventLoopLag } from './event-loop-lag.ts';
import { EventLoopWatchdog } from './event-loop-watchdog.ts';

class ScriptedLag implements EventLoopLag {
  p50 = Duration.zero;
  isStopped = false;
  snapshot(): ReturnType<EventLoopLag['snapshot']> {
    return { p50: this.p50, p99: this.p50, max: this.p50 };
  }
  reset(): void {}
  stop(): void {
    this.isStopped = true;
  }
}

describe('EventLoopWatchdog', () => {
  it('complains after half a minute of starvation, and no longer when it is over', async () => {
    const clock = new FakeClock();
    const lag = new ScriptedLag();
    const watchdog = new EventLoopWatchdog({ clock, lag });
    lag.p50 = Duration.seconds(2);
    await clock.advance(Duration.seconds(20));
    expect(watchdog.health().kind).toBe('healthy');
    await clock.advance(Duration.seconds(10));
    expect(watchdog.health()).toEqual({
      kind: 'unhealthy',
      reason: 'timers are typically late by 2s: the event loop has too much to do',
    });
    lag.p50 = Duration.milliseconds(3);
    await clock.advance(Duration.seconds(10));
    expect(watchdog.health().kind).toBe('healthy');
    watchdog.stop();
    expect(lag.isStopped).toBe(true);
  });
});

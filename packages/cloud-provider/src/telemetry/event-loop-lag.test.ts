import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import { measureEventLoopLag } from './event-loop-lag.ts';

describe('measureEventLoopLag', () => {
  it('sees work that held the event loop, until it is reset', async () => {
    const lag = measureEventLoopLag();
    try {
      await systemClock.sleep(Duration.milliseconds(30));
      const start = performance.now();
      while (performance.now() - start < 100);
      await systemClock.sleep(Duration.milliseconds(30));
      expect(lag.snapshot().max.milliseconds).toBeGreaterThan(60);
      lag.reset();
      expect(lag.snapshot()).toEqual({ p50: Duration.zero, p99: Duration.zero, max: Duration.zero });
    } finally {
      lag.stop();
    }
  });
});

import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../testing/fake-clock.ts';
import { Duration } from './duration.ts';
import { TokenBucket } from './token-bucket.ts';

describe('TokenBucket', () => {
  it('starts full, runs dry and says when there is more', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ rate: 4, burst: 2, clock });
    expect([bucket.tryTake(), bucket.tryTake(), bucket.tryTake()]).toEqual([true, true, false]);
    expect(bucket.untilNext().milliseconds).toBe(250);
    await clock.advance(bucket.untilNext());
    expect([bucket.tryTake(), bucket.tryTake()]).toEqual([true, false]);
    await clock.advance(Duration.hours(1));
    expect(bucket.tokens).toBe(2);
  });

  it('has a token at the very time that it named, in spite of rounding', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ rate: 0.3, burst: 1, clock });
    for (let turn = 0; turn < 100; turn++) {
      expect(bucket.tryTake()).toBe(true);
      await clock.advance(Duration.milliseconds(0.1));
      await clock.advance(bucket.untilNext());
    }
  });

  it('changes its rate from now on', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ rate: 1, burst: 10, clock });
    bucket.empty();
    await clock.advance(Duration.seconds(2));
    bucket.setRate(2);
    await clock.advance(Duration.seconds(2));
    expect(bucket.tokens).toBe(6);
  });

  it('refuses what could never give a token', () => {
    const clock = new FakeClock();
    expect(() => new TokenBucket({ rate: 0, burst: 1, clock })).toThrow(RangeError);
    expect(() => new TokenBucket({ rate: 1, burst: 0, clock })).toThrow(RangeError);
  });
});

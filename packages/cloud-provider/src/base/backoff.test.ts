import { describe, expect, it } from '@jest/globals';
import { exponentialBackoff, itemBackoff } from './backoff.ts';
import { Duration } from './duration.ts';

describe('exponentialBackoff', () => {
  it('grows by the factor up to the maximum and starts again after a reset', () => {
    const backoff = exponentialBackoff({ initial: Duration.seconds(1), max: Duration.seconds(5) });
    expect([1, 2, 3, 4, 5].map(() => backoff.next().seconds)).toEqual([1, 2, 4, 5, 5]);
    backoff.reset();
    expect(backoff.next().seconds).toBe(1);
  });

  it('adds jitter without letting it grow the base', () => {
    const backoff = exponentialBackoff({
      initial: Duration.seconds(1),
      max: Duration.seconds(30),
      factor: 3,
      jitter: 0.5,
      random: () => 0.5,
    });
    expect([1, 2, 3].map(() => backoff.next().seconds)).toEqual([1.25, 3.75, 11.25]);
  });
});

describe('itemBackoff', () => {
  it("keeps each key's own count, as client-go does", () => {
    const backoff = itemBackoff<string>();
    expect([1, 2, 3].map(() => backoff.next('a').milliseconds)).toEqual([5, 10, 20]);
    expect(backoff.next('b').milliseconds).toBe(5);
    expect(backoff.failures('a')).toBe(3);
    backoff.forget('a');
    expect(backoff.failures('a')).toBe(0);
    expect(backoff.next('a').milliseconds).toBe(5);
  });

  it('never passes the maximum, whatever the count', () => {
    const backoff = itemBackoff<string>({ initial: Duration.seconds(1), max: Duration.minutes(5) });
    for (let failure = 0; failure < 2000; failure++) backoff.next('a');
    expect(backoff.next('a').seconds).toBe(300);
  });
});

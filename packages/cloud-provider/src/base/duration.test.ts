import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Duration } from './duration.ts';

describe('Duration', () => {
  it.each([
    ['0', 0],
    ['+0', 0],
    ['-0', 0],
    ['0s', 0],
    ['15s', 15_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['.5s', 500],
    ['1.s', 1000],
    ['-2m', -120_000],
    ['+2m', 120_000],
    ['100µs', 0.1],
    ['100μs', 0.1],
    ['100us', 0.1],
    ['250ns', 0.00025],
    ['1m0.5s', 60_500],
  ])('reads %s', (text, milliseconds) => {
    expect(Duration.parse(text)?.milliseconds).toBeCloseTo(milliseconds, 9);
  });

  it.each(['', '5', '1d', 's', '1h 30m', '--5s', '+-5s', '-+5s', '1,5s', '1s-', '.s', 'NaNs', '1e3s'])(
    'refuses %p',
    (text) => {
      expect(Duration.parse(text)).toBeUndefined();
    },
  );

  it.each([
    [Duration.zero, '0s'],
    [Duration.milliseconds(0.00025), '250ns'],
    [Duration.milliseconds(0.0015), '1.5µs'],
    [Duration.milliseconds(20), '20ms'],
    [Duration.milliseconds(1.5), '1.5ms'],
    [Duration.milliseconds(1500), '1.5s'],
    [Duration.seconds(60), '1m0s'],
    [Duration.minutes(90), '1h30m0s'],
    [Duration.hours(25), '25h0m0s'],
    [Duration.minutes(-2), '-2m0s'],
    [Duration.milliseconds(0.1 + 0.2), '300µs'],
    [Duration.milliseconds(59_999.9999999), '1m0s'],
  ])('prints as Go does: %#', (duration, text) => {
    expect(duration.toString()).toBe(text);
  });

  it('reads back what it prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (microseconds) => {
        const duration = Duration.milliseconds(microseconds / 1000);
        expect(Duration.parse(duration.toString())?.milliseconds).toBeCloseTo(duration.milliseconds, 4);
      }),
    );
  });

  it('compares and combines', () => {
    const short = Duration.seconds(1);
    const long = Duration.minutes(1);
    expect(long.isLongerThan(short)).toBe(true);
    expect(short.isLongerThan(short)).toBe(false);
    expect(short.min(long)).toBe(short);
    expect(short.max(long)).toBe(long);
    expect(short.plus(long).seconds).toBe(61);
    expect(long.times(0.5).seconds).toBe(30);
    expect(JSON.stringify({ period: long })).toBe('{"period":"1m0s"}');
  });
});

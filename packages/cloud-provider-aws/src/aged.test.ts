import { beforeEach, describe, expect, it } from '@jest/globals';
import { Duration } from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { AgedRead } from './aged.ts';
import { testCall } from './testing/aws-account.ts';

let clock: FakeClock;
let pending: PromiseWithResolvers<number>[];
let read: AgedRead<number>;

beforeEach(() => {
  clock = new FakeClock();
  pending = [];
  read = new AgedRead({
    clock,
    read: () => {
      const next = Promise.withResolvers<number>();
      pending.push(next);
      return next.promise;
    },
  });
});

const minute = { maxAge: Duration.minutes(1) };

describe('an answer with an age', () => {
  it('is given again while it is young enough, and asked for again when it is not', async () => {
    const first = read.get(minute, testCall());
    pending[0]!.resolve(1);
    expect(await first).toBe(1);
    await clock.advance(Duration.seconds(59));
    expect(await read.get(minute, testCall())).toBe(1);
    await clock.advance(Duration.seconds(2));
    const second = read.get(minute, testCall());
    pending[1]!.resolve(2);
    expect(await second).toBe(2);
  });

  it('counts its age from when it was asked for', async () => {
    const slow = read.get(minute, testCall());
    await clock.advance(Duration.seconds(61));
    pending[0]!.resolve(1);
    await slow;
    void read.get(minute, testCall());
    expect(pending).toHaveLength(2);
  });

  it('is shared by those who ask at the same time, but live only by those who asked before it started', async () => {
    const first = read.get('live', testCall());
    const others = [read.get('live', testCall()), read.get('live', testCall())];
    expect(pending).toHaveLength(1);
    pending[0]!.resolve(1);
    expect(await first).toBe(1);
    await clock.advance(Duration.zero);
    expect(pending).toHaveLength(2);
    pending[1]!.resolve(2);
    expect(await Promise.all(others)).toEqual([2, 2]);
  });

  it('is forgotten on demand', async () => {
    const first = read.get(minute, testCall());
    pending[0]!.resolve(1);
    await first;
    read.forget();
    void read.get(minute, testCall());
    expect(pending).toHaveLength(2);
  });

  it('is not made of a failure, and those who waited behind it ask for themselves', async () => {
    const first = read.get('live', testCall());
    const second = read.get('live', testCall());
    pending[0]!.reject(new Error('no'));
    await expect(first).rejects.toThrow('no');
    await clock.advance(Duration.zero);
    pending[1]!.resolve(2);
    expect(await second).toBe(2);
    expect(await read.get(minute, testCall())).toBe(2);
  });
});

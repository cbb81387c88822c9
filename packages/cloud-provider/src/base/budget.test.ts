import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FakeClock } from '../testing/fake-clock.ts';
import { AdaptiveBudget } from './budget.ts';
import { Duration } from './duration.ts';

const priorities = ['initialize', 'change', 'sweep'] as const;
const never = new AbortController().signal;

function budgetOf(clock: FakeClock, rates: { initialRate: number; burst: number; maxRate?: number; minRate?: number }) {
  return new AdaptiveBudget({ clock, priorities, ...rates });
}

describe('AdaptiveBudget', () => {
  it('starts a burst at once and the rest at the rate', async () => {
    const clock = new FakeClock();
    const budget = budgetOf(clock, { initialRate: 10, burst: 2 });
    const starts: number[] = [];
    for (let call = 0; call < 5; call++)
      void budget.acquire('change', never).then(() => starts.push(clock.monotonic()));
    await clock.advance(Duration.seconds(1));
    expect(starts.map(Math.round)).toEqual([0, 0, 100, 200, 300]);
    expect(budget.snapshot()).toMatchObject({ started: 5, throttled: 0, waiting: { change: 0 }, heldFor: undefined });
    expect(clock.pending()).toBe(0);
  });

  it('lets urgent calls pass those that wait', async () => {
    const clock = new FakeClock();
    const budget = budgetOf(clock, { initialRate: 1, burst: 1 });
    const order: string[] = [];
    await budget.acquire('change', never);
    for (const priority of ['sweep', 'change', 'initialize', 'change'] as const) {
      void budget.acquire(priority, never).then(() => order.push(priority));
    }
    expect(budget.snapshot().waiting).toEqual({ initialize: 1, change: 2, sweep: 1 });
    await clock.advance(Duration.seconds(4));
    expect(order).toEqual(['initialize', 'change', 'change', 'sweep']);
  });

  it('starts nothing before the Retry-After has passed, of several the longest', async () => {
    const clock = new FakeClock();
    const budget = budgetOf(clock, { initialRate: 100, burst: 50 });
    await budget.acquire('change', never);
    budget.onThrottled(Duration.seconds(7));
    budget.onThrottled(Duration.seconds(2));
    let startedAt: number | undefined;
    void budget.acquire('initialize', never).then(() => {
      startedAt = clock.monotonic();
    });
    expect(budget.snapshot().heldFor?.seconds).toBe(7);
    await clock.advance(Duration.milliseconds(6999));
    expect(startedAt).toBeUndefined();
    await clock.advance(Duration.milliseconds(2));
    expect(startedAt).toBe(7000);
  });

  it('counts calls that were refused together as one sign', () => {
    const clock = new FakeClock();
    const budget = budgetOf(clock, { initialRate: 40, burst: 20 });
    for (let call = 0; call < 10; call++) budget.onThrottled();
    expect(budget.snapshot()).toMatchObject({ rate: 20, throttled: 10 });
    expect(budget.snapshot().tokens).toBe(0);
  });

  it('falls no lower and rises no higher than allowed', async () => {
    const clock = new FakeClock();
    const budget = budgetOf(clock, { initialRate: 4, burst: 1, minRate: 1, maxRate: 6 });
    for (let second = 0; second < 10; second++) {
      budget.onThrottled();
      await clock.advance(Duration.seconds(1));
    }
    expect(budget.snapshot().rate).toBe(1);
    for (let call = 0; call < 100; call++) {
      const acquired = budget.acquire('change', never);
      await clock.advance(Duration.seconds(1));
      await acquired;
      const probe = budget.acquire('change', never);
      budget.onSuccess();
      await clock.advance(Duration.seconds(1));
      await probe;
    }
    expect(budget.snapshot().rate).toBe(6);
  });

  it('does not grow while nobody needs it', () => {
    const budget = budgetOf(new FakeClock(), { initialRate: 10, burst: 20 });
    for (let call = 0; call < 1000; call++) budget.onSuccess();
    expect(budget.snapshot().rate).toBe(10);
  });

  it('takes seconds to find a rate that is a hundred times higher', async () => {
    const clock = new FakeClock();
    const budget = budgetOf(clock, { initialRate: 10, burst: 20 });
    let [finishedAt, underWay] = [0, 2000];
    for (let call = 0; call < 2000; call++) {
      void budget.acquire('change', never).then(() => {
        budget.onSuccess();
        if (--underWay === 0) finishedAt = clock.monotonic() / 1000;
      });
    }
    await clock.advance(Duration.minutes(1));
    expect(finishedAt).toBeLessThan(7);
    expect(budget.snapshot().rate).toBe(1000);
  });

  it('learns slowly once it was refused, so that it does not ask for too much again and again', async () => {
    const clock = new FakeClock();
    const budget = budgetOf(clock, { initialRate: 10, burst: 1 });
    budget.onThrottled();
    for (let call = 0; call < 60; call++) {
      void budget.acquire('change', never).then(() => budget.onSuccess());
    }
    await clock.advance(Duration.seconds(10));
    expect(budget.snapshot().rate).toBeGreaterThan(5);
    expect(budget.snapshot().rate).toBeLessThan(16);
  });

  it('finds the rate of a cloud that throttles, and few calls are refused on the way', async () => {
    const clock = new FakeClock();
    const budget = budgetOf(clock, { initialRate: 10, burst: 5 });
    const cloud = { tokens: 20, countedAt: 0, accepted: 0, refused: 0 };
    const call = async (): Promise<void> => {
      await budget.acquire('change', never);
      cloud.tokens = Math.min(20, cloud.tokens + ((clock.monotonic() - cloud.countedAt) / 1000) * 20);
      cloud.countedAt = clock.monotonic();
      if (cloud.tokens >= 1) {
        cloud.tokens--;
        cloud.accepted++;
        budget.onSuccess();
      } else {
        cloud.refused++;
        budget.onThrottled(Duration.seconds(1));
      }
    };
    let finishedAt = 0;
    const calls = Array.from({ length: 3000 }, call);
    void Promise.all(calls).then(() => {
      finishedAt = clock.monotonic() / 1000;
    });
    await clock.advance(Duration.minutes(10));
    // At 20 a second the cloud could have taken them in 149 s.
    expect(finishedAt).toBeLessThan(180);
    expect(cloud.refused).toBeLessThan(20);
    expect(budget.snapshot()).toMatchObject({ started: 3000, throttled: cloud.refused });
  });

  it('consumes nothing for a caller that gave up', async () => {
    const clock = new FakeClock();
    const budget = budgetOf(clock, { initialRate: 1, burst: 1 });
    await budget.acquire('change', never);
    const controller = new AbortController();
    const abandoned = budget.acquire('change', controller.signal);
    const kept = budget.acquire('sweep', never);
    controller.abort(new Error('enough'));
    await expect(abandoned).rejects.toThrow('enough');
    await expect(budget.acquire('change', controller.signal)).rejects.toThrow('enough');
    await clock.advance(Duration.seconds(1));
    await kept;
    expect(budget.snapshot().started).toBe(2);
  });

  it('never starts more than burst and rate allow, nor a lower class before a higher one', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('acquire' as const), priority: fc.constantFrom(...priorities) }),
      fc.record({ kind: fc.constant('wait' as const), milliseconds: fc.integer({ min: 1, max: 3000 }) }),
      fc.record({ kind: fc.constant('throttled' as const), seconds: fc.integer({ min: 0, max: 5 }) }),
      fc.record({ kind: fc.constant('success' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = new FakeClock();
        const maxRate = 5;
        const burst = 3;
        const budget = budgetOf(clock, { initialRate: 2, burst, maxRate });
        const starts: number[] = [];
        const waiting: string[] = [];
        let heldUntil = 0;
        for (const step of steps) {
          if (step.kind === 'acquire') {
            waiting.push(step.priority);
            void budget.acquire(step.priority, never).then(() => {
              expect(clock.monotonic()).toBeGreaterThanOrEqual(heldUntil);
              const better = priorities.slice(0, priorities.indexOf(step.priority));
              // What came in the same turn may be told in any order, so only those count that waited before it.
              expect(
                waiting.slice(0, waiting.indexOf(step.priority)).some((one) => better.includes(one as never)),
              ).toBe(false);
              waiting.splice(waiting.indexOf(step.priority), 1);
              starts.push(clock.monotonic());
            });
          } else if (step.kind === 'wait') await clock.advance(Duration.milliseconds(step.milliseconds));
          else if (step.kind === 'success') budget.onSuccess();
          else {
            heldUntil = Math.max(heldUntil, clock.monotonic() + step.seconds * 1000);
            budget.onThrottled(Duration.seconds(step.seconds));
          }
          await clock.settle();
        }
        await clock.advance(Duration.hours(1));
        expect(waiting).toEqual([]);
        for (const [first, start] of starts.entries()) {
          for (let last = first; last < starts.length; last++) {
            const allowed = burst + (((starts[last] ?? 0) - start) / 1000) * maxRate;
            expect(last - first + 1).toBeLessThanOrEqual(allowed + 1e-6);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

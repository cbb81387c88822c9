import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Semaphore } from './semaphore.ts';

describe('Semaphore', () => {
  it('lets no more in than its limit, in the order of arrival', async () => {
    const semaphore = new Semaphore(2);
    const order: number[] = [];
    const first = await semaphore.acquire();
    const second = await semaphore.acquire();
    const waiting = [3, 4].map(async (id) => {
      const release = await semaphore.acquire();
      order.push(id);
      release();
    });
    expect([semaphore.held, semaphore.waiting]).toEqual([2, 2]);
    first();
    first();
    await Promise.all(waiting);
    expect(order).toEqual([3, 4]);
    second();
    expect([semaphore.held, semaphore.waiting]).toEqual([0, 0]);
  });

  it('gives the place back when the work fails', async () => {
    const semaphore = new Semaphore(1);
    await expect(semaphore.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(semaphore.held).toBe(0);
  });

  it('forgets those that gave up', async () => {
    const semaphore = new Semaphore(1);
    const release = await semaphore.acquire();
    const controller = new AbortController();
    const waiting = semaphore.acquire(controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(semaphore.acquire(controller.signal)).rejects.toThrow('enough');
    release();
    expect([semaphore.held, semaphore.waiting]).toEqual([0, 0]);
  });

  it('refuses a limit that nobody could pass', () => {
    expect(() => new Semaphore(0)).toThrow(RangeError);
    expect(() => new Semaphore(Number.NaN)).toThrow(RangeError);
  });

  it('holds its limit and loses no place whatever is acquired, aborted and released', async () => {
    const action = fc.constantFrom('acquire', 'abort', 'release');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(action), async (limit, actions) => {
        const semaphore = new Semaphore(limit);
        const held: (() => void)[] = [];
        const waiting: AbortController[] = [];
        for (const action of actions) {
          if (action === 'acquire') {
            const controller = new AbortController();
            waiting.push(controller);
            void semaphore.acquire(controller.signal).then(
              (release) => held.push(release),
              () => undefined,
            );
          } else if (action === 'abort') waiting.pop()?.abort();
          else held.shift()?.();
          await new Promise((resolve) => setImmediate(resolve));
          expect(semaphore.held).toBe(held.length);
          expect(held.length).toBeLessThanOrEqual(limit);
          if (semaphore.waiting > 0) expect(held.length).toBe(limit);
        }
      }),
      { numRuns: 50 },
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { itemBackoff } from '../../base/backoff.ts';
import { Duration } from '../../base/duration.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { WorkQueue } from './work-queue.ts';

const never = new AbortController().signal;

function newQueue() {
  const clock = new FakeClock();
  const metrics = new MetricRegistry();
  const queue = new WorkQueue<string>({ name: 'test', clock, metrics });
  /** Whatever is ready now, taken and done. */
  const takeAll = async (): Promise<string[]> => {
    const taken: string[] = [];
    while (queue.length > 0) {
      const key = await queue.get(never);
      if (key === undefined) break;
      taken.push(key);
      queue.done(key);
    }
    return taken;
  };
  return { clock, metrics, queue, takeAll };
}

describe('WorkQueue', () => {
  it('hands out each key once, in the order of arrival', async () => {
    const { queue, takeAll } = newQueue();
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
    expect(queue.length).toBe(3);
    expect(await takeAll()).toEqual(['a', 'b', 'c']);
  });

  it('hands out what is added while it is in work only when that work is done', async () => {
    const { queue } = newQueue();
    queue.add('a');
    expect(await queue.get(never)).toBe('a');
    queue.add('a');
    queue.add('a');
    expect([queue.length, queue.inWork]).toEqual([0, 1]);
    queue.done('a');
    expect(queue.length).toBe(1);
    expect(await queue.get(never)).toBe('a');
    queue.done('a');
    expect([queue.length, queue.inWork]).toEqual([0, 0]);
  });

  it('hands out the urgent first and raises what waits', async () => {
    const { queue, takeAll } = newQueue();
    queue.add('low');
    queue.add('raised');
    queue.add('high', { priority: 5 });
    queue.add('raised', { priority: 5 });
    queue.add('high', { priority: 1 });
    queue.add('lowest', { priority: -1 });
    expect(await takeAll()).toEqual(['high', 'raised', 'low', 'lowest']);
  });

  it('keeps the urgency of what is added again in work', async () => {
    const { queue, takeAll } = newQueue();
    queue.add('a');
    await queue.get(never);
    queue.add('a', { priority: 3 });
    queue.add('a', { priority: 1 });
    queue.add('b', { priority: 2 });
    queue.done('a');
    expect(await takeAll()).toEqual(['a', 'b']);
  });

  it('adds delayed keys in time, of two delays the earlier', async () => {
    const { queue, clock, takeAll } = newQueue();
    queue.addAfter('a', Duration.seconds(10));
    queue.addAfter('a', Duration.seconds(3), { priority: 1 });
    queue.addAfter('a', Duration.seconds(20));
    queue.addAfter('b', Duration.seconds(2));
    queue.addAfter('b', Duration.seconds(3));
    queue.addAfter('now', Duration.zero);
    expect(await takeAll()).toEqual(['now']);
    await clock.advance(Duration.milliseconds(2999));
    expect(await takeAll()).toEqual(['b']);
    await clock.advance(Duration.milliseconds(1));
    expect(await takeAll()).toEqual(['a']);
    expect(clock.pending()).toBe(0);
  });

  it('adds failing keys later and later, each on its own, until forgotten', async () => {
    const clock = new FakeClock();
    const backoff = itemBackoff<string>({ initial: Duration.seconds(1), max: Duration.seconds(3) });
    const queue = new WorkQueue<string>({ name: 'test', clock, backoff });
    for (const wait of [1, 2, 3, 3]) {
      queue.addRateLimited('a');
      await clock.advance(Duration.milliseconds(wait * 1000 - 1));
      expect(queue.length).toBe(0);
      await clock.advance(Duration.milliseconds(1));
      queue.done((await queue.get(never))!);
    }
    expect([queue.failures('a'), queue.failures('b')]).toEqual([4, 0]);
    queue.forget('a');
    queue.addRateLimited('a');
    await clock.advance(Duration.seconds(1));
    expect(queue.length).toBe(1);
  });

  it('wakes those that wait, in their order, and none that gave up', async () => {
    const { queue } = newQueue();
    const controller = new AbortController();
    const abandoned = queue.get(controller.signal);
    const first = queue.get(never);
    const second = queue.get(never);
    controller.abort();
    queue.add('a');
    queue.add('b');
    expect(await Promise.all([abandoned, first, second])).toEqual([undefined, 'a', 'b']);
    queue.add('c');
    expect(await queue.get(controller.signal)).toBeUndefined();
    expect(queue.length).toBe(1);
  });

  it('hands out after a shutdown what was there, and nothing new', async () => {
    const { queue, clock } = newQueue();
    queue.add('a');
    const key = await queue.get(never);
    queue.add('a');
    queue.add('b');
    queue.addAfter('later', Duration.seconds(1));
    queue.shutDown();
    queue.add('c');
    queue.addAfter('d', Duration.seconds(1));
    expect(clock.pending()).toBe(0);
    expect(await queue.get(never)).toBe('b');
    const waiting = queue.get(never);
    queue.done('b');
    queue.done(key!);
    expect(await waiting).toBe('a');
    const last = queue.get(never);
    queue.done('a');
    expect(await last).toBeUndefined();
    expect(await queue.get(never)).toBeUndefined();
  });

  it('drains: resolves when all work is done, or at the deadline', async () => {
    const { queue, clock } = newQueue();
    queue.add('a');
    const key = await queue.get(never);
    const inTime = queue.drain(Duration.seconds(5));
    const early = queue.drain(Duration.seconds(1));
    await clock.advance(Duration.seconds(2));
    expect(await early).toBe(false);
    queue.done(key!);
    expect(await inTime).toBe(true);
    expect(await queue.drain(Duration.seconds(1))).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  it('ignores a done that nobody took', () => {
    const { queue } = newQueue();
    queue.add('a');
    queue.done('a');
    expect([queue.length, queue.inWork]).toEqual([1, 0]);
  });

  it("reports client-go's metrics", async () => {
    const { queue, clock, metrics } = newQueue();
    queue.add('a');
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', Duration.seconds(60));
    await clock.advance(Duration.seconds(2));
    await queue.get(never);
    await queue.get(never);
    await clock.advance(Duration.seconds(3));
    queue.done('a');
    const text = await metrics.render();
    for (const line of [
      'workqueue_adds_total{name="test"} 2',
      'workqueue_depth{name="test"} 0',
      'workqueue_retries_total{name="test"} 1',
      'workqueue_unfinished_work_seconds{name="test"} 3',
      'workqueue_longest_running_processor_seconds{name="test"} 3',
      'workqueue_queue_duration_seconds_sum{name="test"} 4',
      'workqueue_work_duration_seconds_sum{name="test"} 3',
      'workqueue_work_duration_seconds_count{name="test"} 1',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
  });

  it('agrees with a simple model whatever is done to it', async () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), key, priority: fc.integer({ min: 0, max: 2 }) }),
      fc.record({ kind: fc.constant('addAfter' as const), key, seconds: fc.integer({ min: 0, max: 5 }) }),
      fc.record({ kind: fc.constant('advance' as const), seconds: fc.integer({ min: 1, max: 4 }) }),
      fc.constant({ kind: 'get' as const }),
      fc.record({ kind: fc.constant('done' as const), which: fc.nat(3) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { queue, clock } = newQueue();
        // The model: what is dirty with its priority and arrival, what is in work, what is due when.
        const dirty = new Map<string, { priority: number; arrival: number }>();
        const inWork = new Set<string>();
        const due = new Map<string, number>();
        let arrivals = 0;
        const addToModel = (key: string, priority: number): void => {
          const known = dirty.get(key);
          if (!known) dirty.set(key, { priority, arrival: arrivals++ });
          else if (priority > known.priority) {
            dirty.set(key, { priority, arrival: inWork.has(key) ? known.arrival : arrivals++ });
          }
        };
        const ready = () => [...dirty].filter(([key]) => !inWork.has(key));
        for (const step of steps) {
          switch (step.kind) {
            case 'add':
              queue.add(step.key, { priority: step.priority });
              addToModel(step.key, step.priority);
              break;
            case 'addAfter':
              queue.addAfter(step.key, Duration.seconds(step.seconds));
              if (step.seconds === 0) addToModel(step.key, 0);
              else due.set(step.key, Math.min(due.get(step.key) ?? Infinity, clock.monotonic() + step.seconds * 1000));
              break;
            case 'advance': {
              await clock.advance(Duration.seconds(step.seconds));
              for (const [key, at] of [...due].sort(([, a], [, b]) => a - b)) {
                if (at > clock.monotonic()) continue;
                due.delete(key);
                addToModel(key, 0);
              }
              break;
            }
            case 'get': {
              if (ready().length === 0) break;
              const key = (await queue.get(never))!;
              expect(inWork.has(key)).toBe(false);
              const highest = Math.max(...ready().map(([, { priority }]) => priority));
              expect(dirty.get(key)?.priority).toBe(highest);
              dirty.delete(key);
              inWork.add(key);
              break;
            }
            case 'done': {
              const key = [...inWork][step.which];
              if (key === undefined) break;
              inWork.delete(key);
              queue.done(key);
              break;
            }
          }
          expect(queue.length).toBe(ready().length);
          expect(queue.inWork).toBe(inWork.size);
        }
        // Nothing is lost: whatever is dirty or due comes out in the end.
        const expected = new Set([...dirty.keys(), ...due.keys()]);
        for (const key of inWork) queue.done(key);
        await clock.advance(Duration.seconds(10));
        const left = new Set<string>();
        while (queue.length > 0) {
          const key = (await queue.get(never))!;
          left.add(key);
          queue.done(key);
        }
        expect(left).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
});

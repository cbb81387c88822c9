import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { createLogger, silentLogger } from '../../telemetry/logger.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { type ReconcileResult, runWorkers } from './run-workers.ts';
import { WorkQueue } from './work-queue.ts';

const done: ReconcileResult = { kind: 'done' };

function setUp() {
  const clock = new FakeClock();
  const queue = new WorkQueue<string>({ name: 'test', clock });
  const controller = new AbortController();
  const lines: string[] = [];
  const logger = createLogger({ format: 'text', level: 'info', clock, sink: (line) => lines.push(line) });
  return { clock, queue, controller, signal: controller.signal, lines, logger };
}

describe('runWorkers', () => {
  it('works on as many keys at once as allowed, never on one key twice', async () => {
    const { clock, queue, signal, logger } = setUp();
    const running = new Set<string>();
    let most = 0;
    const reconcile = async (key: string): Promise<ReconcileResult> => {
      expect(running.has(key)).toBe(false);
      running.add(key);
      most = Math.max(most, running.size);
      queue.add(key === 'a' ? 'again' : 'a');
      await clock.sleep(Duration.seconds(1));
      running.delete(key);
      return done;
    };
    const workers = runWorkers(queue, { concurrency: 3, signal, reconcile, logger });
    for (const key of ['a', 'b', 'c', 'd', 'e']) queue.add(key);
    await clock.advance(Duration.seconds(4));
    expect(most).toBe(3);
    const drained = queue.drain(Duration.minutes(1));
    await clock.advance(Duration.seconds(3));
    expect(await drained).toBe(true);
    await workers;
  });

  it('survives a reconcile that throws, now or later, and backs off its key alone', async () => {
    const { clock, queue, signal, controller, lines, logger } = setUp();
    const seen: string[] = [];
    const reconcile = (key: string): Promise<ReconcileResult> => {
      seen.push(key);
      if (key === 'now') throw new Error('thrown at once');
      if (key === 'later') return Promise.reject(new Error('thrown later'));
      return Promise.resolve(done);
    };
    const workers = runWorkers(queue, { concurrency: 1, signal, reconcile, logger });
    for (const key of ['now', 'later', 'good']) queue.add(key);
    await clock.settle();
    expect(seen).toEqual(['now', 'later', 'good']);
    await clock.advance(Duration.milliseconds(14));
    expect(seen.filter((key) => key === 'now')).toHaveLength(2);
    await clock.advance(Duration.milliseconds(1));
    expect(seen.filter((key) => key === 'now')).toHaveLength(3);
    expect(lines.find((line) => line.includes('thrown at once'))).toMatch(/queue="test" key="now" failures=1/);
    controller.abort();
    await workers;
  });

  it('waits without counting a failure when the reconcile says so', async () => {
    const { clock, queue, signal, controller, logger, lines } = setUp();
    const times: number[] = [];
    const reconcile = async (): Promise<ReconcileResult> => {
      times.push(clock.monotonic());
      if (times.length === 1) throw new Error('once');
      return { kind: 'requeueAfter', after: Duration.seconds(30), reason: 'the cloud is busy' };
    };
    const workers = runWorkers(queue, { concurrency: 1, signal, reconcile, logger });
    queue.add('a');
    await clock.advance(Duration.seconds(70));
    expect(times).toEqual([0, 5, 30_005, 60_005]);
    expect(queue.failures('a')).toBe(0);
    expect(lines).toHaveLength(1);
    controller.abort();
    await workers;
  });

  it('ends when aborted: takes nothing more, waits for what runs and does not call that a failure', async () => {
    const { clock, queue, signal, controller, lines, logger } = setUp();
    let seen = 0;
    const reconcile = async (_key: string, signal: AbortSignal): Promise<ReconcileResult> => {
      seen++;
      await clock.sleep(Duration.hours(1), signal);
      return done;
    };
    const workers = runWorkers(queue, { concurrency: 2, signal, reconcile, logger });
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await clock.settle();
    controller.abort();
    await workers;
    expect([seen, queue.inWork, queue.length]).toEqual([2, 0, 1]);
    expect(lines).toEqual([]);
  });

  it('lets others run while it works off keys that need no waiting', async () => {
    const queue = new WorkQueue<string>({ name: 'test', clock: systemClock });
    const busy = async (): Promise<ReconcileResult> => {
      const start = performance.now();
      while (performance.now() - start < 0.5);
      return done;
    };
    for (let index = 0; index < 200; index++) queue.add(`${index}`);
    let turns = 0;
    const count = (): void => {
      turns++;
      if (queue.length > 0) setImmediate(count);
    };
    setImmediate(count);
    const workers = runWorkers(queue, {
      concurrency: 4,
      signal: new AbortController().signal,
      reconcile: busy,
      logger: silentLogger,
    });
    await queue.drain(Duration.minutes(1));
    await workers;
    expect(turns).toBeGreaterThan(5);
  });
});

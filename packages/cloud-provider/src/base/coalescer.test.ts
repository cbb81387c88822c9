import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FakeClock } from '../testing/fake-clock.ts';
import { Coalescer, type CoalescerOptions, MissingResultError } from './coalescer.ts';
import { Duration } from './duration.ts';

const never = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

interface Sent {
  readonly lane: string;
  readonly batch: ReadonlyMap<string, number>;
  readonly signal: AbortSignal;
  answer(results?: ReadonlyMap<string, string>): Promise<void>;
  fail(error: Error): Promise<void>;
}

/** A coalescer whose batches the test answers. */
function manual(options: Omit<CoalescerOptions<string, number, string>, 'send'> = {}) {
  const sent: Sent[] = [];
  const coalescer = new Coalescer<string, number, string>({
    ...options,
    send: (batch, lane, signal) =>
      new Promise((resolve, reject) => {
        const echo = new Map([...batch].map(([key, item]) => [key, `${key}=${item}`]));
        sent.push({
          lane,
          batch,
          signal,
          async answer(results = echo) {
            resolve(results);
            await turn();
            await turn();
          },
          async fail(error) {
            reject(error);
            await turn();
            await turn();
          },
        });
      }),
  });
  const ask = (key: string, item = 0, more: { lane?: string; priority?: number; signal?: AbortSignal } = {}) =>
    coalescer.request({ key, item, signal: never, ...more });
  return { sent, coalescer, ask };
}

describe('Coalescer', () => {
  it('gathers at a pace what follows a batch, and makes no full batch wait', async () => {
    const clock = new FakeClock();
    const { sent, ask } = manual({ maxBatch: 3, pace: { clock, interval: Duration.milliseconds(250) } });
    const names = () => sent.map(({ batch }) => [...batch.keys()].join(''));
    void ask('a');
    await turn();
    await sent[0]!.answer();
    void ask('b');
    await turn();
    await clock.advance(Duration.milliseconds(249));
    void ask('c');
    await turn();
    expect(names()).toEqual(['a']);
    await clock.advance(Duration.milliseconds(1));
    expect(names()).toEqual(['a', 'bc']);
    await sent[1]!.answer();
    for (const key of 'defg') void ask(key);
    await turn();
    await turn();
    expect(names()).toEqual(['a', 'bc', 'def']);
    await sent[2]!.answer();
    expect(names()).toEqual(['a', 'bc', 'def']);
    await clock.advance(Duration.milliseconds(250));
    expect(names()).toEqual(['a', 'bc', 'def', 'g']);
    await sent[3]!.answer();
    await clock.advance(Duration.seconds(1));
    void ask('h');
    await turn();
    expect(names()).toHaveLength(5);
  });

  it('sends at once when idle, and then all that came meanwhile together', async () => {
    const { sent, ask, coalescer } = manual();
    const first = ask('a', 1);
    await turn();
    const others = [ask('b', 2), ask('c', 3)];
    await turn();
    expect(sent.map(({ batch }) => [...batch.keys()])).toEqual([['a']]);
    expect(coalescer.waiting).toBe(2);
    await sent[0]!.answer();
    expect(await first).toBe('a=1');
    expect(sent.map(({ batch }) => [...batch.keys()])).toEqual([['a'], ['b', 'c']]);
    await sent[1]!.answer();
    expect(await Promise.all(others)).toEqual(['b=2', 'c=3']);
  });

  it('shares one place between those that wait for a key, but asks again for those that come later', async () => {
    const { sent, ask } = manual();
    const early = ask('a', 1);
    await turn();
    const late = [ask('a', 2), ask('a', 3)];
    await sent[0]!.answer();
    expect(await early).toBe('a=1');
    await sent[1]!.answer();
    expect(await Promise.all(late)).toEqual(['a=3', 'a=3']);
    expect(sent).toHaveLength(2);
  });

  it('fills a batch with the most urgent', async () => {
    const { sent, ask } = manual({ maxBatch: 2 });
    const asked = [
      ask('low', 0, { priority: 9 }),
      ask('first', 0, { priority: 1 }),
      ask('second', 0, { priority: 1 }),
      ask('raised', 0, { priority: 9 }),
      ask('raised', 0, { priority: 0 }),
    ];
    await turn();
    await sent[0]!.answer();
    await sent[1]!.answer();
    await Promise.all(asked);
    expect(sent.map(({ batch }) => new Set(batch.keys()))).toEqual([
      new Set(['first', 'raised']),
      new Set(['second', 'low']),
    ]);
  });

  it('keeps lanes apart and lets them run side by side', async () => {
    const { sent, ask } = manual();
    const asked = [ask('a', 1, { lane: 'x' }), ask('b', 2, { lane: 'y' })];
    await turn();
    expect(sent.map(({ lane }) => lane)).toEqual(['x', 'y']);
    for (const one of sent) await one.answer();
    expect(await Promise.all(asked)).toEqual(['a=1', 'b=2']);
  });

  it('gives the error to all of the batch and goes on', async () => {
    const { sent, ask } = manual();
    const failing = Promise.allSettled([ask('a'), ask('b')]);
    await turn();
    const next = ask('c', 3);
    await sent[0]!.fail(new Error('the cloud is down'));
    expect(await failing).toEqual([
      { status: 'rejected', reason: new Error('the cloud is down') },
      { status: 'rejected', reason: new Error('the cloud is down') },
    ]);
    await sent[1]!.answer();
    expect(await next).toBe('c=3');
  });

  it('tells who got no answer', async () => {
    const { sent, ask } = manual();
    const asked = Promise.allSettled([ask('a', 1), ask('b', 2)]);
    await turn();
    await sent[0]!.answer(new Map([['a', 'there']]));
    expect(await asked).toEqual([
      { status: 'fulfilled', value: 'there' },
      { status: 'rejected', reason: new MissingResultError('b') },
    ]);
  });

  it('removes only the wait of a caller that gives up', async () => {
    const { sent, ask, coalescer } = manual();
    const running = ask('a', 1);
    await turn();
    const controller = new AbortController();
    const abandoned = [ask('b', 2, { signal: controller.signal }), ask('c', 3, { signal: controller.signal })];
    const kept = ask('c', 4);
    controller.abort(new Error('enough'));
    await expect(abandoned[0]).rejects.toThrow('enough');
    await expect(abandoned[1]).rejects.toThrow('enough');
    expect(coalescer.waiting).toBe(1);
    await sent[0]!.answer();
    await running;
    await sent[1]!.answer();
    expect(await kept).toBe('c=4');
    expect([...sent[1]!.batch.keys()]).toEqual(['c']);
  });

  it('aborts a batch that nobody waits for any more, and only then', async () => {
    const { sent, ask } = manual();
    const controllers = [new AbortController(), new AbortController()];
    const asked = Promise.allSettled(controllers.map(({ signal }, index) => ask(`${index}`, index, { signal })));
    await turn();
    controllers[0]!.abort();
    expect(sent[0]!.signal.aborted).toBe(false);
    controllers[1]!.abort();
    expect(sent[0]!.signal.aborted).toBe(true);
    await sent[0]!.fail(new Error('aborted'));
    expect((await asked).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('sends nothing for a caller that had given up before', async () => {
    const { sent, ask } = manual();
    await expect(ask('a', 1, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    const controller = new AbortController();
    const asked = ask('a', 1, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    await turn();
    expect(sent).toEqual([]);
  });

  it('answers everybody with an item not older than the request, within its limits, whatever happens', async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('ask' as const),
        key: fc.constantFrom('a', 'b', 'c', 'd'),
        abortable: fc.boolean(),
      }),
      fc.constant({ kind: 'abort' as const }),
      fc.constant({ kind: 'answer' as const }),
      fc.constant({ kind: 'fail' as const }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { sent, ask } = manual({ maxBatch: 2, concurrency: 2 });
        const answered = new Set<Sent>();
        const underWay = () => sent.filter((one) => !answered.has(one));
        const settled: Promise<void>[] = [];
        const controllers: AbortController[] = [];
        let version = 0;
        for (const step of steps) {
          if (step.kind === 'ask') {
            const asked = ++version;
            const controller = new AbortController();
            if (step.abortable) controllers.push(controller);
            settled.push(
              ask(step.key, asked, { signal: controller.signal }).then(
                (answer) => {
                  const [key, item] = answer.split('=');
                  expect(key).toBe(step.key);
                  expect(Number(item)).toBeGreaterThanOrEqual(asked);
                },
                (error: Error) => expect(['broken', 'enough']).toContain(error.message),
              ),
            );
          } else if (step.kind === 'abort') controllers.pop()?.abort(new Error('enough'));
          else {
            const [one] = underWay();
            if (one) answered.add(one);
            await (step.kind === 'answer' ? one?.answer() : one?.fail(new Error('broken')));
          }
          await turn();
          expect(underWay().length).toBeLessThanOrEqual(2);
          for (const { batch } of sent) expect(batch.size).toBeLessThanOrEqual(2);
        }
        for (let [one] = underWay(); one !== undefined; [one] = underWay()) {
          answered.add(one);
          await one.answer();
        }
        await Promise.all(settled);
      }),
      { numRuns: 100 },
    );
  });
});

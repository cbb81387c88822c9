import { describe, expect, it } from '@jest/globals';
import { Duration } from '../base/duration.ts';
import { CloudError } from '../cloud/cloud-error.ts';
import type { GuardPolicy } from '../cloud/guard.ts';
import type { Operation, OperationResult } from '../cloud/operation.ts';
import type { Ownership } from '../cloud/ownership.ts';
import type { Plan } from '../cloud/plan.ts';
import { MetricRegistry } from '../telemetry/metrics.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { type GroupPass, type GroupPort, reconcileGroup } from './group-reconciler.ts';
import { OperationLog } from './operation-log.ts';

/** A cloud that is a set of names; the plan makes it hold those that are wanted. */
class NameCloud implements GroupPort<ReadonlySet<string>, Operation> {
  readonly names = new Set<string>();
  readonly calls: string[] = [];
  wanted: readonly string[] = ['a', 'b'];
  ownership: Ownership = { kind: 'new' };
  answer: (name: string) => OperationResult | undefined = () => undefined;
  folds: 'honestly' | 'not' = 'honestly';

  observe(): Promise<ReadonlySet<string>> {
    this.calls.push('observe');
    return Promise.resolve(new Set(this.names));
  }

  plan(observed: ReadonlySet<string>): Plan {
    const missing = this.wanted.filter((name) => !observed.has(name));
    return { operations: missing.map((name) => this.#create(name)), next: { kind: 'converged' } };
  }

  apply(operation: Operation): Promise<OperationResult> {
    const { name } = operation.object;
    this.calls.push(name);
    const answer = this.answer(name);
    this.names.add(name);
    return Promise.resolve(answer ?? { kind: 'done', outputs: {} });
  }

  fold(observed: ReadonlySet<string>, operation: Operation): ReadonlySet<string> {
    return this.folds === 'honestly' ? new Set([...observed, operation.object.name]) : observed;
  }

  #create(name: string): Operation {
    const scope = { account: '', region: '' };
    const object = { kind: 'Name', name, ownership: this.ownership };
    return { verb: 'create', object, scope, changes: [], permission: 'names:create', locks: [`name/${name}`] };
  }
}

const runEverything: GuardPolicy = { mode: 'run', isProtected: () => false };

function setUp(options: Partial<GroupPass<ReadonlySet<string>, Operation>> = {}) {
  const cloud = new NameCloud();
  const log = new OperationLog(new FakeClock());
  const abort = new AbortController();
  const run = () =>
    reconcileGroup({
      group: 'g',
      port: cloud,
      policy: runEverything,
      log,
      metrics: new MetricRegistry(),
      signal: abort.signal,
      ...options,
    });
  const phases = (): readonly string[] => log.records().map((record) => `${record.phase} ${record.name}`);
  return { cloud, abort, run, phases };
}

describe('reconcileGroup', () => {
  it('reads once, does what is planned and folds the results', async () => {
    const { cloud, phases, run } = setUp();
    expect(await run()).toEqual({ kind: 'converged', observed: new Set(['a', 'b']), written: 2 });
    expect(cloud.calls).toEqual(['observe', 'a', 'b']);
    expect(phases()).toEqual(['planned a', 'planned b', 'applied a', 'applied b']);
  });

  it('does nothing when nothing differs', async () => {
    const { cloud, phases, run } = setUp();
    cloud.names.add('a').add('b');
    expect(await run()).toMatchObject({ kind: 'converged', written: 0 });
    expect(phases()).toEqual([]);
  });

  it('plans from what is known without reading', async () => {
    const { cloud, run } = setUp({ known: { observed: new Set(['a']) } });
    cloud.names.add('a');
    expect(await run()).toMatchObject({ kind: 'converged', written: 1 });
    expect(cloud.calls).toEqual(['b']);
  });

  it('reads when the cloud says that what is known no longer holds', async () => {
    const { cloud, run } = setUp({ known: { observed: new Set() } });
    cloud.names.add('a');
    let isFirst = true;
    cloud.answer = () => {
      if (!isFirst) return undefined;
      isFirst = false;
      throw new CloudError('Conflict', 'it is there');
    };
    expect(await run()).toMatchObject({ kind: 'converged' });
    expect(cloud.calls).toEqual(['a', 'observe', 'b']);
  });

  it('does not read at once after an answer that tells nothing', async () => {
    const { cloud, run } = setUp({ known: { observed: new Set() } });
    cloud.answer = () => {
      throw new CloudError('Unavailable', 'down');
    };
    expect(await run()).toMatchObject({ kind: 'failed', error: { code: 'Unavailable' } });
    expect(cloud.calls).toEqual(['a']);
  });

  it.each([
    ['somebody else owns it', runEverything, { kind: 'foreign', reason: 'x' }, 'OwnershipConflict'],
    ['nobody knows whose it is', runEverything, { kind: 'unproven', reason: 'x' }, 'OwnershipConflict'],
    ['only watching', { ...runEverything, mode: 'observe' }, { kind: 'new' }, 'ObserveOnly'],
  ] as const)('writes nothing at all when the guard refuses: %s', async (_name, policy, ownership, reason) => {
    const announced: unknown[] = [];
    const { cloud, phases, run } = setUp({
      policy,
      beforeWrites: async (operations) => void announced.push(operations),
    });
    cloud.ownership = ownership;
    expect(await run()).toMatchObject({
      kind: 'refused',
      written: 0,
      refused: [{ refusal: { reason } }, { refusal: { reason } }],
    });
    expect(cloud.calls).toEqual(['observe']);
    expect(announced).toEqual([]);
    expect(phases()).toContain('refused a');
  });

  it('stops at what the cloud works on, with the handle', async () => {
    const { cloud, phases, run } = setUp();
    const handle = { kind: 'job', id: '7' };
    cloud.answer = () => ({ kind: 'pending', handle, after: Duration.seconds(9) });
    expect(await run()).toMatchObject({
      kind: 'settling',
      on: 'name/a',
      handle,
      after: Duration.seconds(9),
      written: 1,
    });
    expect(cloud.calls).toEqual(['observe', 'a']);
    expect(phases().at(-1)).toBe('pending a');
  });

  it('stops at a failure, and leaves the rest', async () => {
    const { cloud, phases, run } = setUp();
    cloud.answer = (name) => {
      if (name === 'a') throw new CloudError('Quota', 'no more');
      return undefined;
    };
    expect(await run()).toMatchObject({
      kind: 'failed',
      error: { code: 'Quota' },
      operation: { object: { name: 'a' } },
    });
    expect(cloud.calls).toEqual(['observe', 'a']);
    expect(phases().at(-1)).toBe('failed a');
  });

  it('names the item that failed in an operation on many', async () => {
    const { cloud, run } = setUp();
    cloud.answer = () => ({
      kind: 'done',
      outputs: {},
      failed: new Map([['i-1', new CloudError('Invalid', 'bad machine')]]),
    });
    const outcome = await run();
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: { code: 'Invalid', message: '1 failed, first i-1: bad machine' },
    });
  });

  it('goes on past a failure when operations do not build on one another, and names all that failed', async () => {
    const { cloud, phases, run } = setUp({ onFailure: 'goOn' });
    cloud.wanted = ['a', 'b', 'c', 'd'];
    cloud.answer = (name) => {
      if (name === 'a') throw new CloudError('Invalid', 'no such machine');
      if (name !== 'c') return undefined;
      const failed = new Map([['c-1', new CloudError('Conflict', 'is there')]]);
      return { kind: 'done', outputs: {}, failed };
    };
    const outcome = await run();
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'Invalid' }, written: 3 });
    expect(outcome.kind === 'failed' && outcome.failures?.map(({ operation }) => operation.object.name)).toEqual([
      'a',
      'c',
    ]);
    expect(outcome.kind === 'failed' && [...(outcome.failures?.[1]?.items ?? [])]).toMatchObject([
      ['c-1', { code: 'Conflict' }],
    ]);
    expect(cloud.calls).toEqual(['observe', 'a', 'b', 'c', 'd']);
    expect(phases()).toContain('applied d');
  });

  it.each(['Throttled', 'Denied', 'Quota'] as const)(
    'leaves alone what the same obstacle would meet: %s',
    async (code) => {
      const { cloud, run } = setUp({ onFailure: 'goOn' });
      cloud.answer = () => {
        throw new CloudError(code, 'no');
      };
      expect(await run()).toMatchObject({ kind: 'failed', error: { code }, written: 0 });
      expect(cloud.calls).toEqual(['observe', 'a']);
    },
  );

  it('gives up a cloud that answers nothing', async () => {
    const { cloud, run } = setUp({ onFailure: 'goOn' });
    cloud.wanted = [...'abcdefgh'];
    cloud.answer = () => {
      throw new CloudError('Unavailable', 'no answer');
    };
    await run();
    expect(cloud.calls).toEqual(['observe', ...'abcde']);
  });

  it('reads and tries again when a known state may explain any of the failures', async () => {
    const { cloud, run } = setUp({ onFailure: 'goOn', known: { observed: new Set<string>() } });
    cloud.answer = (name) => {
      if (name === 'b') throw new CloudError('Conflict', 'is there');
      return undefined;
    };
    cloud.names.add('b');
    expect(await run()).toMatchObject({ kind: 'converged', written: 1 });
    expect(cloud.calls).toEqual(['a', 'b', 'observe']);
  });

  it('gives a plan up that never gets empty', async () => {
    const { cloud, run } = setUp();
    cloud.folds = 'not';
    expect(await run()).toMatchObject({ kind: 'failed', error: { code: 'Unknown' }, written: 16 });
  });

  it('takes a defect of the provider for a failure', async () => {
    const { cloud, run } = setUp();
    cloud.plan = () => {
      throw new TypeError('undefined is not a function');
    };
    expect(await run()).toMatchObject({
      kind: 'failed',
      error: { code: 'Unknown', message: 'undefined is not a function' },
    });
  });

  it('announces once before the first write; what that throws ends the pass', async () => {
    let announced = 0;
    const good = setUp({ beforeWrites: () => Promise.resolve(void announced++) });
    good.cloud.folds = 'not';
    await good.run();
    expect(announced).toBe(1);
    const bad = setUp({ beforeWrites: () => Promise.reject(new RangeError('API server')) });
    await expect(bad.run()).rejects.toThrow(RangeError);
    expect(bad.cloud.calls).toEqual(['observe']);
  });

  it('writes nothing more once it is aborted', async () => {
    const { abort, cloud, run } = setUp();
    cloud.answer = () => {
      abort.abort(new RangeError('lease lost'));
      return undefined;
    };
    await expect(run()).rejects.toThrow('lease lost');
    expect(cloud.calls).toEqual(['observe', 'a']);
  });
});

describe('OperationLog', () => {
  it('keeps the latest, tells listeners and answers from a sequence on', async () => {
    const log = new OperationLog(new FakeClock(), 3);
    const heard: number[] = [];
    const stop = log.onRecord((record) => heard.push(record.sequence));
    const [operation] = new NameCloud().plan(new Set()).operations;
    for (let index = 0; index < 20; index++) log.record('g', operation!, { phase: 'applied' });
    stop();
    log.record('g', operation!, { phase: 'failed', message: 'x' });
    expect(log.records().map((record) => record.sequence)).toEqual([19, 20, 21]);
    expect(log.records(20)).toMatchObject([{ sequence: 21, phase: 'failed', message: 'x', text: 'create Name a' }]);
    expect(heard).toHaveLength(20);
  });
});

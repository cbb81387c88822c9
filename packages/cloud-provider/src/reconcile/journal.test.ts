import { describe, expect, it } from '@jest/globals';
import { type CreateIntent, intentsIn } from '../cloud/create-intent.ts';
import type { Operation, OperationResult } from '../cloud/operation.ts';
import type { Plan } from '../cloud/plan.ts';
import { ApiError } from '../kube/client/api-error.ts';
import { MetricRegistry } from '../telemetry/metrics.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { type GroupPort, reconcileGroup } from './group-reconciler.ts';
import { type AnnotationKeeper, AnnotationJournal, withChanges } from './journal.ts';
import { OperationLog } from './operation-log.ts';

/** Annotations in a test's hand. */
class Owner implements AnnotationKeeper {
  readonly uid: string = 'uid-1';
  annotations: Readonly<Record<string, string>> = { 'example.org/other': 'stays' };
  readonly trace: string[];
  refuse: Error | undefined;

  constructor(trace: string[]) {
    this.trace = trace;
  }

  read(): Readonly<Record<string, string>> {
    return this.annotations;
  }

  write(changes: Readonly<Record<string, string | null>>): Promise<void> {
    if (this.refuse) return Promise.reject(this.refuse);
    this.trace.push(Object.values(changes).includes(null) ? 'strike out' : 'write down');
    this.annotations = withChanges(this.annotations, changes);
    return Promise.resolve();
  }
}

/** A cloud that names nothing: things in it carry a note, and show themselves only when `shows`. */
class NamelessCloud implements GroupPort<readonly string[], Operation> {
  readonly notes: string[] = [];
  shows = true;
  answer: OperationResult = { kind: 'done', outputs: {} };
  lost: Error | undefined;
  readonly trace: string[];
  readonly owner: Owner;

  constructor(owner: Owner, trace: string[]) {
    this.owner = owner;
    this.trace = trace;
  }

  observe(): Promise<readonly string[]> {
    this.trace.push('observe');
    const known = intentsIn(this.owner.annotations).map(({ id }) => id);
    return Promise.resolve(this.shows ? this.notes.filter((note) => known.includes(note)) : []);
  }

  plan(observed: readonly string[]): Plan {
    return { operations: observed.length > 0 ? [] : [createThing], next: { kind: 'converged' } };
  }

  apply(operation: Operation): Promise<OperationResult> {
    this.trace.push('create');
    this.notes.push(operation.intent?.id ?? 'nothing');
    return this.lost ? Promise.reject(this.lost) : Promise.resolve(this.answer);
  }

  fold(observed: readonly string[], operation: Operation): readonly string[] {
    return operation.intent ? [...observed, operation.intent.id] : observed;
  }
}

const createThing: Operation = {
  verb: 'create',
  object: { kind: 'Thing', name: 'a thing', ownership: { kind: 'new' } },
  changes: [],
  permission: 'things:create',
  scope: { account: '', region: '' },
  locks: [],
  identity: { by: 'journal', key: 'thing', owner: 'uid-1' },
};

function setUp() {
  const trace: string[] = [];
  const owner = new Owner(trace);
  const cloud = new NamelessCloud(owner, trace);
  const clock = new FakeClock();
  let ids = 0;
  const journal = new AnnotationJournal({ group: 'g', keepers: [owner], clock, newID: () => `id-${++ids}` });
  const run = (change: { readonly journal?: AnnotationJournal } = { journal }) =>
    reconcileGroup({
      group: 'g',
      port: cloud,
      policy: { mode: 'run', isProtected: () => false },
      log: new OperationLog(clock),
      metrics: new MetricRegistry(),
      signal: new AbortController().signal,
      ...change,
    });
  const intents = (): readonly CreateIntent[] => intentsIn(owner.annotations);
  return { cloud, intents, journal, owner, run, trace };
}

describe('a create that nothing would lead back to', () => {
  it('is written down before it is sent, and struck out once it was seen', async () => {
    const { intents, owner, run, trace } = setUp();
    expect(await run()).toMatchObject({ kind: 'settling', on: 'g', written: 1 });
    expect(trace).toEqual(['observe', 'write down', 'create']);
    expect(intents()).toEqual([{ id: 'id-1', group: 'g', key: 'thing', startedAt: '2026-01-01T00:00:00.000Z' }]);

    expect(await run()).toMatchObject({ kind: 'converged', written: 0 });
    expect(trace.slice(3)).toEqual(['observe', 'strike out']);
    expect(owner.annotations).toEqual({ 'example.org/other': 'stays' });
  });

  it('is found again by its intent when the answer was lost', async () => {
    const { cloud, intents, run } = setUp();
    cloud.lost = new Error('no answer');
    expect(await run()).toMatchObject({ kind: 'failed' });
    expect(intents()).toHaveLength(1);
    expect(await run()).toMatchObject({ kind: 'converged', written: 0 });
    expect(cloud.notes).toEqual(['id-1']);
    expect(intents()).toEqual([]);
  });

  it('is not sent when it could not be written down', async () => {
    const { cloud, owner, run } = setUp();
    owner.refuse = new ApiError('the Service changed', { kind: 'conflict', status: 409 });
    await expect(run()).rejects.toThrow('the Service changed');
    expect(cloud.notes).toEqual([]);
  });

  it('is not sent when there is no journal', async () => {
    const { cloud, run } = setUp();
    expect(await run({})).toMatchObject({ kind: 'failed', error: { code: 'Invalid' }, written: 0 });
    expect(cloud.notes).toEqual([]);
  });

  it('takes the place of the one before it, which was looked for in vain', async () => {
    const { cloud, intents, run } = setUp();
    cloud.shows = false;
    await run();
    await run();
    expect(cloud.notes).toEqual(['id-1', 'id-2']);
    expect(intents().map(({ id }) => id)).toEqual(['id-2']);
  });

  it('leaves the intents of other groups alone', async () => {
    const { intents, owner, run } = setUp();
    const other = JSON.stringify({ group: 'h', key: 'thing', startedAt: '2025-01-01T00:00:00Z' });
    owner.annotations = { 'ccm-ts/intent-x': other };
    await run();
    await run();
    expect(intents().map(({ id }) => id)).toEqual(['x']);
  });

  it('must be for a member of the group', async () => {
    const { journal } = setUp();
    const stranger = { ...createThing, identity: { by: 'journal', key: 'thing', owner: 'uid-2' } } as const;
    await expect(journal.open(stranger)).rejects.toThrow('uid-2');
  });
});

describe('intentsIn', () => {
  it.each([
    ['no JSON', '{'],
    ['no object', '7'],
    ['nothing', 'null'],
    ['a field is missing', '{"group":"g","key":"k"}'],
    ['no time', '{"group":"g","key":"k","startedAt":"soon"}'],
  ])('leaves out what is not readable: %s', (_name, value) => {
    expect(intentsIn({ 'ccm-ts/intent-x': value })).toEqual([]);
  });
});

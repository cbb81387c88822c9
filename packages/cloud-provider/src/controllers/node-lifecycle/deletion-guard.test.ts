import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import type { InstanceView } from '../../cloud/instances.ts';
import {
  type GuardPass,
  type GuardState,
  type Suspect,
  acquit,
  forget,
  initialGuardState,
  isConfirmationDue,
  judgeDeletions,
  withdrawPermit,
} from './deletion-guard.ts';
import { type DeletionLimits, allowanceOf, defaultDeletionLimits } from './deletion-limits.ts';

const second = 1000;
const minute = 60 * second;

function absent(requestId = 'req-1', statement = 'm-1 does not exist'): InstanceView {
  return { kind: 'absent', evidence: { statement, operation: 'GetInstance', requestId } };
}

const present: InstanceView = { kind: 'present', state: 'running' };
const throttled: InstanceView = { kind: 'unknown', reason: new CloudError('Throttled', 'slow down') };

interface Look {
  readonly view: InstanceView;
  readonly age?: Duration;
  readonly identity?: string;
}

/** A guard and its time, in seconds, as a test drives them. */
class Court {
  state: GuardState = initialGuardState;
  readonly clusterSize: number;
  readonly #limits: DeletionLimits;

  constructor(clusterSize = 100, limits = defaultDeletionLimits) {
    this.clusterSize = clusterSize;
    this.#limits = limits;
  }

  /** The names that are permitted to go after a pass at that second. */
  at(time: number, looks: Readonly<Record<string, Look | InstanceView>>, pass: Partial<GuardPass> = {}): string[] {
    return this.suspectsAt(time, looks, pass).map(({ node }) => node.name);
  }

  suspectsAt(
    time: number,
    looks: Readonly<Record<string, Look | InstanceView>>,
    pass: Partial<GuardPass> = {},
  ): readonly Suspect[] {
    const { state, permitted } = judgeDeletions(
      this.state,
      {
        askedAt: time * second,
        answeredAt: time * second,
        freshness: 'live',
        clusterSize: this.clusterSize,
        observations: Object.entries(looks).map(([name, look]) => {
          const { view, age = Duration.hours(1), identity = '' } = 'view' in look ? look : { view: look };
          return { node: { name, uid: `uid-${name}`, identity }, age, view };
        }),
        ...pass,
      },
      this.#limits,
    );
    this.state = state;
    return permitted;
  }

  obstacle(name: string): string | undefined {
    return this.state.suspects.get(`uid-${name}`)?.waitsFor;
  }
}

function everyAbsent(count: number): Record<string, InstanceView> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, absent()]));
}

describe('confirmation', () => {
  it('is a second live proof, begun ten seconds after the first was there', () => {
    const court = new Court();
    expect(court.at(0, { a: absent('req-1') })).toEqual([]);
    expect(court.obstacle('a')).toBe('confirmation');
    expect(court.at(9.999, { a: absent('req-2') })).toEqual([]);
    const [suspect] = court.suspectsAt(10, { a: absent('req-3') });
    expect([suspect?.first.evidence, suspect?.last.evidence].map((evidence) => evidence?.requestId)).toEqual([
      'req-1',
      'req-3',
    ]);
    expect(court.obstacle('a')).toBe('departure');
  });

  it('counts from when the question was sent, not from when it was answered', () => {
    const court = new Court();
    court.at(0, { a: absent() }, { answeredAt: 4 * second });
    expect(court.at(13, { a: absent() }, { answeredAt: 30 * second })).toEqual([]);
    expect(court.at(40, { a: absent() })).toEqual(['a']);
  });

  it('is no cached answer', () => {
    const court = new Court();
    court.at(0, { a: absent() });
    expect(court.at(60, { a: absent() }, { freshness: 'cached' })).toEqual([]);
    expect(court.at(61, { a: absent() })).toEqual(['a']);
  });

  it('is due when a proof is old enough, and no longer once the node may go', () => {
    const court = new Court();
    court.at(0, { a: absent() });
    expect(isConfirmationDue(court.state, 9.9 * second, defaultDeletionLimits)).toBe(false);
    expect(isConfirmationDue(court.state, 10 * second, defaultDeletionLimits)).toBe(true);
    court.at(10, { a: absent() });
    expect(isConfirmationDue(court.state, 60 * second, defaultDeletionLimits)).toBe(false);
  });

  it.each<[string, Look | InstanceView]>([
    ['the machine is there', present],
    ['the machine is being terminated', { kind: 'present', state: 'terminating' }],
    ['the machine is stopped', { kind: 'present', state: 'stopped' }],
    ['another machine has its name', { kind: 'replaced', providerID: 'fake://other' }],
    ['several machines fit', { kind: 'ambiguous', ids: ['m-1', 'm-2'] }],
    ['it is not of this cloud', { kind: 'foreign' }],
    ['it is about another machine', { view: absent(), identity: 'another' }],
  ])('begins anew when in between %s', (_name, between) => {
    const court = new Court();
    const identity = 'identity' in between ? (between.identity ?? '') : '';
    court.at(0, { a: absent() });
    court.at(8, { a: between });
    expect(court.at(16, { a: { view: absent(), identity } })).toEqual([]);
    expect(court.obstacle('a')).toBe('confirmation');
    expect(court.at(26, { a: { view: absent(), identity } })).toEqual(['a']);
  });

  it('begins anew when the node was ready in between', () => {
    const court = new Court();
    court.at(0, { a: absent() });
    court.state = acquit(court.state, 'uid-a', 5 * second);
    expect(court.at(12, { a: absent() })).toEqual([]);
    expect(court.at(22, { a: absent() })).toEqual(['a']);
  });

  it('begins anew for another Node of the name', () => {
    const court = new Court();
    court.at(0, { a: absent() });
    court.state = forget(court.state, 'uid-a');
    expect(court.at(12, { a: absent() })).toEqual([]);
  });
});

describe('what never permits', () => {
  it.each<[string, InstanceView]>([
    ['throttled', throttled],
    ['denied', { kind: 'unknown', reason: new CloudError('Denied', 'no') }],
    ['partial list', { kind: 'unknown', reason: new CloudError('Unknown', 'the answer did not mention the node') }],
    ['not found, but as a failure', { kind: 'unknown', reason: new CloudError('NotFound', 'no such region') }],
    ['foreign', { kind: 'foreign' }],
    ['ambiguous', { kind: 'ambiguous', ids: ['m-1', 'm-2'] }],
    ['replaced', { kind: 'replaced', providerID: 'fake://other' }],
    ['present', present],
    ['terminating', { kind: 'present', state: 'terminating' }],
    ['absent without a statement', absent('req-1', '')],
  ])('%s', (_name, view) => {
    const court = new Court();
    const permitted: string[] = [];
    for (let time = 0; time < 3600; time += 5) permitted.push(...court.at(time, { a: view }));
    // Nor after a real proof, however often it comes.
    permitted.push(...court.at(3600, { a: absent() }));
    for (let time = 3605; time < 7200; time += 5) permitted.push(...court.at(time, { a: view }));
    expect(permitted).toEqual([]);
  });

  it('is an answer that did not come in this pass', () => {
    const court = new Court();
    court.at(0, { a: absent() });
    expect(court.at(20, { b: absent() })).toEqual([]);
    expect(court.at(30, { a: throttled, b: throttled })).toEqual([]);
    expect(court.at(40, { a: absent(), b: absent() })).toEqual(['a', 'b']);
  });
});

describe('the age of a Node', () => {
  it('is two minutes at least', () => {
    const court = new Court();
    court.at(0, { a: { view: absent(), age: Duration.seconds(5) } });
    expect(court.at(60, { a: { view: absent(), age: Duration.seconds(119.9) } })).toEqual([]);
    expect(court.obstacle('a')).toBe('age');
    expect(court.at(61, { a: { view: absent(), age: Duration.minutes(2) } })).toEqual(['a']);
  });
});

describe('how many go in a minute', () => {
  const noBreaker = {
    ...defaultDeletionLimits,
    breaker: { ...defaultDeletionLimits.breaker, allowance: { nodes: 10_000, percent: 100 } },
  };

  it.each([
    [10, 20],
    [100, 20],
    [209, 20],
    [210, 21],
    [5000, 500],
  ])('of %d nodes: %d', (clusterSize, allowed) => {
    const court = new Court(clusterSize, noBreaker);
    court.at(0, everyAbsent(1000));
    expect(court.at(10, everyAbsent(1000))).toHaveLength(allowed);
    expect(court.at(40, everyAbsent(1000))).toEqual([]);
    expect(court.obstacle('n999')).toBe('turn');
    expect(court.at(69.9, everyAbsent(1000))).toEqual([]);
    expect(court.at(70, everyAbsent(1000))).toHaveLength(Math.min(allowed, 1000 - allowed));
  });

  it('is none when the flags say so', () => {
    const court = new Court(100, { ...noBreaker, perMinute: { nodes: 0, percent: 0 } });
    court.at(0, everyAbsent(3));
    expect(court.at(3600, everyAbsent(3))).toEqual([]);
  });

  it('counts those that did not go after all, and lets the others go first', () => {
    const court = new Court(100, noBreaker);
    court.at(0, everyAbsent(30));
    const first = court.at(10, everyAbsent(30));
    for (const name of first) court.state = withdrawPermit(court.state, `uid-${name}`);
    expect(court.at(20, everyAbsent(30))).toEqual([]);
    const second = court.at(70, everyAbsent(30));
    expect(second).toHaveLength(20);
    expect(second.filter((name) => !first.includes(name))).toHaveLength(10);
  });

  it('permits each Node once', () => {
    const court = new Court();
    court.at(0, { a: absent() });
    expect(court.at(10, { a: absent() })).toEqual(['a']);
    expect(court.at(200, { a: absent() })).toEqual([]);
    court.state = withdrawPermit(court.state, 'uid-a');
    expect(court.at(205, { a: throttled })).toEqual([]);
    expect(court.at(210, { a: absent() })).toEqual(['a']);
  });
});

describe('the breaker', () => {
  it.each([
    [50, 20, 'closed'],
    [50, 21, 'open'],
    [100, 30, 'closed'],
    [100, 31, 'open'],
    [1000, 300, 'closed'],
    [1000, 301, 'open'],
  ])('of %d nodes with %d absent is %s', (clusterSize, count, kind) => {
    const court = new Court(clusterSize);
    court.at(0, everyAbsent(count));
    expect(court.state.breaker.kind).toBe(kind);
    expect(court.at(15, everyAbsent(count)).length > 0).toBe(kind === 'closed');
  });

  it('counts what went missing within five minutes, deleted Nodes too', () => {
    const court = new Court(100);
    const some = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${from + index}`, absent()]));
    court.at(0, some(0, 20));
    for (const name of court.at(10, some(0, 20))) court.state = forget(court.state, `uid-${name}`);
    expect(court.state.suspects.size).toBe(0);
    court.at(299, some(20, 16));
    // 36 of the 120 there were.
    expect(court.state.breaker.kind).toBe('closed');
    court.at(299.5, some(36, 1));
    expect(court.state.breaker).toMatchObject({ kind: 'open', absent: 37, nodes: 120 });
  });

  it('does not count what went missing longer ago', () => {
    const court = new Court(50);
    court.at(0, everyAbsent(20));
    court.at(300, everyAbsent(21));
    expect(court.state.breaker.kind).toBe('closed');
  });

  it('closes when the evidence has held for ten minutes, and then as many go as may in a minute', () => {
    const court = new Court(100);
    for (let time = 0; time < 600; time += 5) expect(court.at(time, everyAbsent(40))).toEqual([]);
    expect(court.obstacle('n0')).toBe('breaker');
    expect(court.state.breaker.kind).toBe('open');
    expect(court.at(600, everyAbsent(40))).toHaveLength(20);
    expect(court.state.breaker.kind).toBe('closed');
    expect(court.at(660, everyAbsent(40))).toHaveLength(20);
  });

  it('is judged again each minute, not sooner', () => {
    const court = new Court(100);
    for (let time = 0; time <= 590; time += 59) court.at(time, everyAbsent(40));
    // Reviewed at 118, 236, 354, 472, 590; the next review is a minute later.
    court.at(601, everyAbsent(40));
    expect(court.state.breaker.kind).toBe('open');
    court.at(650, everyAbsent(40));
    expect(court.state.breaker.kind).toBe('closed');
  });

  it('waits ten minutes from the last contradiction', () => {
    const court = new Court(100);
    for (let time = 0; time < 300; time += 5) court.at(time, everyAbsent(40));
    court.at(300, { ...everyAbsent(40), n0: present });
    for (let time = 305; time < 900; time += 5) expect(court.at(time, everyAbsent(40))).toEqual([]);
    expect(court.at(900, everyAbsent(40))).toHaveLength(20);
  });

  it('takes a Node that became ready for a contradiction', () => {
    const court = new Court(100);
    for (let time = 0; time < 300; time += 5) court.at(time, everyAbsent(40));
    court.state = acquit(court.state, 'uid-n0', 300 * second);
    for (let time = 305; time < 900; time += 5) expect(court.at(time, everyAbsent(39))).toEqual([]);
  });

  it('does not close because time passes while the cloud can not be asked', () => {
    const court = new Court(100);
    const silence = Object.fromEntries(Object.keys(everyAbsent(40)).map((name) => [name, throttled]));
    court.at(0, everyAbsent(40));
    for (let time = 5; time < 3600; time += 5) court.at(time, silence);
    expect(court.state.breaker.kind).toBe('open');
    // The same is said an hour later: from now on it can hold.
    for (let time = 3600; time < 4200; time += 5) court.at(time, everyAbsent(40));
    expect(court.state.breaker.kind).toBe('open');
    for (let time = 4200; time < 4265; time += 5) court.at(time, everyAbsent(40));
    expect(court.state.breaker.kind).toBe('closed');
  });

  it('stays open while others go missing in masses', () => {
    const court = new Court(100);
    for (let time = 0; time < 400; time += 5) court.at(time, everyAbsent(40));
    for (let time = 400; time < 995; time += 5) expect(court.at(time, everyAbsent(80))).toEqual([]);
    expect(court.state.breaker.kind).toBe('open');
    for (let time = 995; time <= 1060; time += 5) court.at(time, everyAbsent(80));
    expect(court.state.breaker.kind).toBe('closed');
  });

  it('closes in the end when everything turned out to be there', () => {
    const court = new Court(100);
    court.at(0, everyAbsent(40));
    court.at(30, Object.fromEntries(Object.keys(everyAbsent(40)).map((name) => [name, present])));
    court.at(629, {});
    expect(court.state.breaker.kind).toBe('open');
    court.at(690, {});
    expect(court.state.breaker.kind).toBe('closed');
  });
});

describe('allowanceOf', () => {
  it.each([
    [{ nodes: 20, percent: 10 }, 0, 20],
    [{ nodes: 20, percent: 10 }, 201, 20],
    [{ nodes: 20, percent: 30 }, 67, 20],
    [{ nodes: 20, percent: 30 }, 70, 21],
    [{ nodes: 0, percent: 0 }, 5000, 0],
    [{ nodes: 5, percent: 100 }, 7, 7],
  ])('%j of %d is %d', (allowance, clusterSize, expected) => {
    expect(allowanceOf(allowance, clusterSize)).toBe(expected);
  });

  it('never lets a minute or a window be shorter than it is said', () => {
    expect(defaultDeletionLimits.confirmAfter.milliseconds).toBe(10 * second);
    expect(defaultDeletionLimits.minimumAge.milliseconds).toBe(2 * minute);
    expect(defaultDeletionLimits.breaker.window.milliseconds).toBe(5 * minute);
    expect(defaultDeletionLimits.breaker.hold.milliseconds).toBe(10 * minute);
  });
});

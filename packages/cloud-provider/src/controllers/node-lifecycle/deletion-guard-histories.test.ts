import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import type { InstanceView } from '../../cloud/instances.ts';
import {
  type GuardState,
  type Observation,
  type Suspect,
  acquit,
  forget,
  initialGuardState,
  judgeDeletions,
  withdrawPermit,
} from './deletion-guard.ts';
import { defaultDeletionLimits as limits } from './deletion-limits.ts';

const minute = 60_000;

/** What the cloud says of a machine from some moment on; `ready` is what the kubelet says. */
const truths = [
  'absent',
  'absent',
  'absent',
  'present',
  'unknown',
  'replaced',
  'ambiguous',
  'foreign',
  'ready',
] as const;
type Truth = (typeof truths)[number];

/** Between two passes: time goes by, and a stretch of the nodes changes. */
interface Step {
  readonly wait: number;
  readonly latency: number;
  readonly isLive: boolean;
  readonly from: number;
  readonly count: number;
  readonly truth: Truth;
  /** What becomes of those that may go. */
  readonly fate: 'goes' | 'stays';
  /** Changes the machine behind the stretch. */
  readonly isReplaced: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  wait: fc.oneof(fc.integer({ min: 1, max: 15_000 }), fc.integer({ min: 1, max: 3 * minute })),
  latency: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30_000 })),
  isLive: fc.boolean(),
  from: fc.nat(150),
  count: fc.oneof(fc.nat(3), fc.nat(60)),
  truth: fc.constantFrom(...truths),
  fate: fc.constantFrom('goes', 'goes', 'stays'),
  isReplaced: fc.boolean(),
});

const history = fc.record({
  nodes: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 31, max: 400 })),
  steps: fc.array(step, { minLength: 5, maxLength: 60 }),
});

/** What the test itself knows of one Node; it has its own opinion of when it may go. */
interface Witnessed {
  readonly name: string;
  readonly uid: string;
  identity: number;
  bornAt: number;
  truth: Truth;
  /** When the absence was first proved, since it was last spoken against. */
  provedAt: number | undefined;
  isGone: boolean;
}

class History {
  state: GuardState = initialGuardState;
  now = 10 * minute;
  readonly nodes: Witnessed[];
  readonly permits: { readonly at: number; readonly allowed: number }[] = [];
  /** When each absence began, of those that were not spoken against. */
  readonly departures: number[] = [];
  contradictedAt = Number.NEGATIVE_INFINITY;
  openedAt: number | undefined;

  constructor(count: number) {
    this.nodes = Array.from({ length: count }, (_, index) => ({
      name: `n${index}`,
      uid: `uid-${index}`,
      identity: 0,
      // Every fourth has joined just now.
      bornAt: index % 4 === 0 ? this.now : 0,
      truth: 'ready',
      provedAt: undefined,
      isGone: false,
    }));
  }

  play(step: Step): void {
    this.now += step.wait;
    for (const node of this.nodes.slice(step.from, step.from + step.count)) this.#change(node, step);
    const askedAt = this.now;
    this.now += step.latency;
    const silent = this.nodes.filter(({ isGone, truth }) => !isGone && truth !== 'ready');
    const size = this.nodes.filter(({ isGone }) => !isGone).length;
    const wasOpen = this.state.breaker.kind === 'open';
    const { state, permitted } = judgeDeletions(
      this.state,
      {
        askedAt,
        answeredAt: this.now,
        freshness: step.isLive ? 'live' : 'cached',
        clusterSize: size,
        observations: silent.map((node) => this.#observe(node)),
      },
      limits,
    );
    this.state = state;
    for (const suspect of permitted) this.#checkPermit(suspect, { step, askedAt });
    this.#checkRate(permitted.length, size);
    for (const node of silent) this.#witness(node);
    this.#checkBreaker(wasOpen, size);
    if (permitted.length > 0) expect(state.breaker.kind).toBe('closed');
    for (const { node } of permitted) this.#decideFate(node.uid, step);
  }

  #change(node: Witnessed, step: Step): void {
    if (node.isGone) return;
    node.truth = step.truth;
    if (step.isReplaced) {
      node.identity++;
      node.provedAt = undefined;
    }
    if (step.truth !== 'ready') return;
    this.#contradict(node);
    this.state = acquit(this.state, node.uid, this.now);
  }

  #contradict(node: Witnessed): void {
    if (this.state.suspects.has(node.uid)) this.contradictedAt = this.now;
    node.provedAt = undefined;
  }

  #observe(node: Witnessed): Observation {
    return {
      node: { name: node.name, uid: node.uid, identity: String(node.identity) },
      age: Duration.milliseconds(this.now - node.bornAt),
      view: viewOf(node.truth),
    };
  }

  #witness(node: Witnessed): void {
    if (node.truth === 'absent') node.provedAt ??= this.now;
    else if (node.truth !== 'unknown') {
      if (node.provedAt !== undefined) this.contradictedAt = this.now;
      node.provedAt = undefined;
    }
  }

  #checkPermit(suspect: Suspect, pass: { readonly step: Step; readonly askedAt: number }): void {
    const node = this.#node(suspect.node.uid);
    expect(node.truth).toBe('absent');
    expect(pass.step.isLive).toBe(true);
    expect(node.provedAt).toBeDefined();
    expect(pass.askedAt - (node.provedAt ?? Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(10_000);
    expect(this.now - node.bornAt).toBeGreaterThanOrEqual(2 * minute);
  }

  #checkRate(count: number, size: number): void {
    const allowed = Math.max(20, Math.floor(size / 10));
    for (let index = 0; index < count; index++) this.permits.push({ at: this.now, allowed });
    if (count === 0) return;
    const within = this.permits.filter(({ at }) => at > this.now - minute).length;
    expect(within).toBeLessThanOrEqual(allowed);
  }

  #checkBreaker(wasOpen: boolean, size: number): void {
    const isOpen = this.state.breaker.kind === 'open';
    if (!wasOpen) {
      const recent = (at: number | undefined): boolean => at !== undefined && at > this.now - 5 * minute;
      const departed = this.departures.filter(recent).length;
      const absent = this.nodes.filter(({ isGone, provedAt }) => !isGone && recent(provedAt)).length + departed;
      expect(isOpen).toBe(absent > Math.max(20, 0.3 * (size + departed)));
      if (isOpen) this.openedAt = this.now;
      return;
    }
    if (isOpen) return;
    expect(this.now - (this.openedAt ?? Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(10 * minute);
    expect(this.now - this.contradictedAt).toBeGreaterThanOrEqual(10 * minute);
    this.openedAt = undefined;
  }

  #decideFate(uid: string, step: Step): void {
    const node = this.#node(uid);
    if (step.fate === 'stays') {
      this.state = withdrawPermit(this.state, uid);
      return;
    }
    node.isGone = true;
    if (node.provedAt !== undefined) this.departures.push(node.provedAt);
    this.state = forget(this.state, uid);
  }

  #node(uid: string): Witnessed {
    return this.nodes.find((node) => node.uid === uid)!;
  }
}

function viewOf(truth: Truth): InstanceView {
  switch (truth) {
    case 'absent':
      return { kind: 'absent', evidence: { statement: 'gone', operation: 'GetInstance', requestId: 'req' } };
    case 'present':
    case 'ready':
      return { kind: 'present', state: 'running' };
    case 'unknown':
      return { kind: 'unknown', reason: new CloudError('Throttled', 'slow down') };
    case 'replaced':
      return { kind: 'replaced', providerID: 'fake://other' };
    case 'ambiguous':
      return { kind: 'ambiguous', ids: ['a', 'b'] };
    case 'foreign':
      return { kind: 'foreign' };
  }
}

describe('the deletion guard in any history', () => {
  it('never lets go too many, too young, unconfirmed or unknown ones, and minds its breaker', () => {
    let permits = 0;
    let openings = 0;
    fc.assert(
      fc.property(history, ({ nodes, steps }) => {
        const told = new History(nodes);
        for (const each of steps) {
          told.play(each);
          if (told.openedAt === told.now) openings++;
        }
        permits += told.permits.length;
      }),
      { numRuns: 500 },
    );
    // The histories are worth something only when things happen in them.
    expect(permits).toBeGreaterThan(200);
    expect(openings).toBeGreaterThan(20);
  });

  it('lets every dead Node go in the end, when the cloud keeps saying that its machine is gone', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(300), history, (count, dead, { steps }) => {
        const told = new History(count);
        for (const each of steps) told.play(each);
        const lasting = { latency: 0, isReplaced: false, fate: 'goes', from: 0, isLive: true } as const;
        const doomed = Math.min(dead, count);
        told.play({ ...lasting, wait: 1, count, truth: 'ready' });
        told.play({ ...lasting, wait: 1, count: doomed, truth: 'absent' });
        const deadline = told.now + 11 * minute + (Math.ceil(doomed / 20) + 1) * minute + 12 * minute;
        while (told.now < deadline) told.play({ ...lasting, wait: 20_000, count: 0, truth: 'absent' });
        expect(told.nodes.slice(0, doomed).every(({ isGone }) => isGone)).toBe(true);
        expect(told.state.breaker.kind).toBe('closed');
      }),
      { numRuns: 30 },
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type GuardPolicy, guardOperation } from '../../cloud/guard.ts';
import type { Operation, Verb } from '../../cloud/operation.ts';
import { type Ownership, type OwnershipEvidence, judgeOwnership } from '../../cloud/ownership.ts';
import { reconcileGroup } from '../../reconcile/group-reconciler.ts';
import { OperationLog } from '../../reconcile/operation-log.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../fake-clock.ts';
import { printReport } from './print-report.ts';

const runs = 2000;
let points = 0;
let proved = 0;

const ownership: fc.Arbitrary<Ownership> = fc.oneof(
  fc.constant({ kind: 'new' } as const),
  fc.record({
    kind: fc.constant('ours' as const),
    proof: fc.constantFrom('stamp' as const, 'service-uid' as const, 'recorded-id' as const, 'adopted' as const),
  }),
  fc.record({ kind: fc.constantFrom('foreign' as const, 'unproven' as const), reason: fc.constant('a reason') }),
);
const verb = fc.constantFrom<Verb>('create', 'update', 'delete');
const operation: fc.Arbitrary<Operation> = fc.record({
  verb,
  object: fc.record({
    kind: fc.constantFrom('LoadBalancer', 'Listener'),
    name: fc.constantFrom('p1', 'p2', 'q1', 'q2'),
    ownership,
  }),
  changes: fc.constant([]),
  permission: fc.constant('any'),
  scope: fc.constant({ account: 'a', region: 'r' }),
  locks: fc.constant([]),
});
const mode = fc.constantFrom<GuardPolicy['mode']>('run', 'observe');

/** What is protected in these histories: whatever has a name with p. */
const isProtected = ({ object }: Operation): boolean => object.name.startsWith('p');

/** The specification, said in another way than the guard says it. */
function isForbidden({ verb: deed, object }: Operation, how: GuardPolicy['mode']): boolean {
  const mayBeTouched = new Set<string>(['create/new', 'create/ours', 'update/ours', 'delete/ours']);
  if (how === 'observe') return true;
  if (!mayBeTouched.has(`${deed}/${object.ownership.kind}`)) return true;
  return deed === 'delete' && object.name.startsWith('p');
}

describe('the guard', () => {
  it('passes what its specification allows, and nothing else', () => {
    fc.assert(
      fc.property(operation, mode, (one, how) => {
        points++;
        expect(guardOperation(one, { mode: how, isProtected }) !== undefined).toBe(isForbidden(one, how));
      }),
      { numRuns: runs, seed: 1 },
    );
    proved++;
  });

  it('lets nothing of a plan be done of which it forbids a part', async () => {
    const metrics = new MetricRegistry();
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 5 }), mode, async (operations, how) => {
        points++;
        const applied: Operation[] = [];
        const outcome = await reconcileGroup<number, Operation>({
          group: 'g',
          port: {
            observe: () => Promise.resolve(0),
            plan: (done) => ({
              operations: done < operations.length ? operations.slice(done) : [],
              next: { kind: 'converged' },
            }),
            apply(one) {
              applied.push(one);
              return Promise.resolve({ kind: 'done', outputs: {} });
            },
            fold: (done) => done + 1,
          },
          policy: { mode: how, isProtected },
          log: new OperationLog(new FakeClock()),
          metrics,
          signal: new AbortController().signal,
        });
        const isAllAllowed = operations.every((one) => !isForbidden(one, how));
        expect(outcome.kind).toBe(isAllAllowed ? 'converged' : 'refused');
        expect(applied).toEqual(isAllAllowed ? operations : []);
      }),
      { numRuns: runs / 4, seed: 1 },
    );
    proved++;
  });

  it('is told that an object is ours only for a reason, and never of what carries the stamp of others', () => {
    const evidence: fc.Arbitrary<OwnershipEvidence> = fc.record({
      stamp: fc.constantFrom(undefined, 'blue', 'green', ''),
      holdsServiceUID: fc.boolean(),
      isRecorded: fc.boolean(),
      isAdopted: fc.boolean(),
    });
    fc.assert(
      fc.property(evidence, (known) => {
        points++;
        const { kind } = judgeOwnership({ uid: 'blue', name: 'kubernetes' }, known);
        const hasReason = known.holdsServiceUID || known.isRecorded || known.isAdopted;
        if (known.stamp === 'blue') expect(kind).toBe('ours');
        else if (known.stamp !== undefined) expect(kind).toBe('foreign');
        else expect(kind).toBe(hasReason ? 'ours' : 'unproven');
      }),
      { numRuns: runs, seed: 1 },
    );
    printReport({ proof: 'guard', points, failures: proved === 2 ? [] : ['an earlier property does not hold'] });
  });
});

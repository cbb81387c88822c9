import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { printReport } from './print-report.ts';
import { type Act, type Script, beginning, owners, rests, shareCluster } from './several-managers.ts';

const owner = fc.constantFrom(...owners);
const index = fc.nat({ max: 5 });
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant('join' as const), owner }),
  fc.record({ kind: fc.constant('moveNode' as const), index, owner }),
  fc.record({ kind: fc.constant('terminate' as const), index }),
  fc.record({ kind: fc.constant('createService' as const), owner }),
  fc.record({ kind: fc.constant('moveService' as const), index, owner }),
  fc.record({ kind: fc.constant('editService' as const), index }),
  fc.record({ kind: fc.constant('deleteService' as const), index }),
);
const rest = fc.constantFrom(...rests);
const scripts: fc.Arbitrary<Script> = fc.record({
  clouds: fc.constantFrom('one' as const, 'two' as const),
  acts: fc
    .array(fc.tuple(act, rest), { minLength: 6, maxLength: 14 })
    .map((acts) => [...beginning, ...acts.map(([one, after]) => ({ ...one, rest: after }))]),
});

describe('several managers in one cluster', () => {
  it('serve each node and each Service by one of them, and hand over what moves', async () => {
    const runs = 12;
    let points = 0;
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const outcome = await shareCluster(script);
        points += outcome.points;
        expect(outcome.problems).toEqual([]);
      }),
      { numRuns: runs, seed: 20, endOnFailure: true },
    );
    printReport({ proof: 'several managers, one cluster', points, failures: [] });
    expect(points).toBeGreaterThan(10 * runs);
  }, 1_200_000);
});

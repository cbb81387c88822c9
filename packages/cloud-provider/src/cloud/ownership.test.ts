import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { adoptAnnotation } from '../api/well-known.ts';
import { type OwnershipEvidence, judgeOwnership } from './ownership.ts';

const cluster = { uid: 'c-1', name: 'kubernetes' };
const nothing: OwnershipEvidence = { stamp: undefined, holdsServiceUID: false, isRecorded: false, isAdopted: false };

const anyEvidence = fc.record({
  stamp: fc.constantFrom(undefined, 'c-1', 'c-2', ''),
  holdsServiceUID: fc.boolean(),
  isRecorded: fc.boolean(),
  isAdopted: fc.boolean(),
});

describe('judgeOwnership', () => {
  it.each([
    [{ stamp: 'c-1' }, { kind: 'ours', proof: 'stamp' }],
    [{ isAdopted: true }, { kind: 'ours', proof: 'adopted' }],
    [{ holdsServiceUID: true }, { kind: 'ours', proof: 'service-uid' }],
    [{ isRecorded: true }, { kind: 'ours', proof: 'recorded-id' }],
    [{ stamp: 'c-2' }, { kind: 'foreign' }],
    [{}, { kind: 'unproven' }],
  ])('%j', (evidence, expected) => {
    expect(judgeOwnership(cluster, { ...nothing, ...evidence })).toMatchObject(expected);
  });

  it("is never moved by anything from another cluster's stamp", () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const { kind } = judgeOwnership(cluster, evidence);
        const isStampedByOthers = evidence.stamp !== undefined && evidence.stamp !== cluster.uid;
        expect(kind === 'foreign').toBe(isStampedByOthers);
      }),
    );
  });

  it('takes nothing for ours without a proof', () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        if (judgeOwnership(cluster, evidence).kind !== 'ours') return;
        const { stamp, holdsServiceUID, isRecorded, isAdopted } = evidence;
        expect(stamp === cluster.uid || holdsServiceUID || isRecorded || isAdopted).toBe(true);
      }),
    );
  });

  it('is never of two clusters at once', () => {
    const stamped = fc.record({
      stamp: fc.constantFrom('c-1', 'c-2', 'c-3'),
      holdsServiceUID: fc.boolean(),
      isRecorded: fc.boolean(),
      isAdopted: fc.boolean(),
    });
    fc.assert(
      fc.property(stamped, (evidence) => {
        const owners = ['c-1', 'c-2'].filter((uid) => judgeOwnership({ uid, name: 'x' }, evidence).kind === 'ours');
        expect(owners.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('tells how to adopt what can be adopted', () => {
    expect(judgeOwnership(cluster, { ...nothing, id: 'lb-7' })).toMatchObject({
      reason: expect.stringContaining(`write its id into the annotation ${adoptAnnotation}: lb-7`),
    });
    expect(JSON.stringify(judgeOwnership(cluster, nothing))).not.toContain(adoptAnnotation);
  });
});

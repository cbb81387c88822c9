import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type GuardPolicy, guardOperation } from './guard.ts';
import type { Operation, Verb } from './operation.ts';
import type { Ownership } from './ownership.ts';

function operation(verb: Verb, ownership: Ownership): Operation {
  return {
    verb,
    object: { kind: 'LoadBalancer', name: 'web', ownership },
    changes: [],
    permission: 'any',
    scope: { account: 'a', region: 'r' },
    locks: [],
  };
}

const verbs = fc.constantFrom<Verb>('create', 'update', 'delete');
const ownerships = fc.constantFrom<Ownership>(
  { kind: 'new' },
  { kind: 'ours', proof: 'stamp' },
  { kind: 'ours', proof: 'adopted' },
  { kind: 'foreign', reason: 'it is stamped for the cluster c-2' },
  { kind: 'unproven', reason: 'it carries no stamp' },
);
const policies = fc
  .record({ mode: fc.constantFrom('run' as const, 'observe' as const), isKept: fc.boolean() })
  .map(({ mode, isKept }): GuardPolicy => ({ mode, isProtected: () => isKept }));
const open: GuardPolicy = { mode: 'run', isProtected: () => false };

describe('guardOperation', () => {
  it('never lets through what is forbidden, whatever the rest', () => {
    fc.assert(
      fc.property(verbs, ownerships, policies, (verb, ownership, policy) => {
        const subject = operation(verb, ownership);
        const isForbidden =
          ownership.kind === 'foreign' ||
          ownership.kind === 'unproven' ||
          (ownership.kind === 'new' && verb !== 'create') ||
          (verb === 'delete' && policy.isProtected(subject)) ||
          policy.mode === 'observe';
        expect(guardOperation(subject, policy) !== undefined).toBe(isForbidden);
      }),
    );
  });

  it.each([
    ['update', { kind: 'foreign', reason: 'R' }, open, 'OwnershipConflict', 'refusing to update LoadBalancer web: R'],
    ['delete', { kind: 'unproven', reason: 'R' }, open, 'OwnershipConflict', 'refusing to delete LoadBalancer web: R'],
    ['delete', { kind: 'new' }, open, 'OwnershipConflict', 'only a create may concern'],
    [
      'delete',
      { kind: 'ours', proof: 'stamp' },
      { mode: 'run', isProtected: () => true },
      'Protected',
      'set the annotation ccm-ts/protect to false, or remove it',
    ],
    // Ownership comes first: what is not ours is nobody's to protect.
    ['delete', { kind: 'foreign', reason: 'R' }, { mode: 'run', isProtected: () => true }, 'OwnershipConflict', 'R'],
    ['create', { kind: 'new' }, { mode: 'observe', isProtected: () => false }, 'ObserveOnly', 'would create'],
  ] as const)('%s of %j', (verb, ownership, policy, reason, message) => {
    const refusal = guardOperation(operation(verb, ownership), policy);
    expect(refusal?.reason).toBe(reason);
    expect(refusal?.message).toContain(message);
  });
});

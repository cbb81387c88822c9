import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Duration } from '../../../../base/duration.ts';
import { guardOperation } from '../../../../cloud/guard.ts';
import { clusterStampKey } from '../../../../cloud/ownership.ts';
import type { Balancer } from '../../client/balancer.ts';
import { foldOperation } from './apply.ts';
import type { MemoryLBDesired } from './desired.ts';
import type { MemoryLBObserved } from './observe.ts';
import { planBalancer } from './plan.ts';

const scope = { account: 'memory', region: 'memory-1' };
const absent: MemoryLBObserved = { kind: 'absent', name: 'a1', scope, doubtFor: Duration.zero };

const portNumber = fc.integer({ min: 1, max: 65_535 });
const listener = fc.record({
  protocol: fc.constantFrom('TCP', 'UDP'),
  port: portNumber,
  nodePort: portNumber,
  affinity: fc.constantFrom('none' as const, 'client-ip' as const),
});
const desiredState: fc.Arbitrary<MemoryLBDesired> = fc.record({
  name: fc.constant('a1'),
  networkID: fc.constant('net-main'),
  scheme: fc.constantFrom('public' as const, 'internal' as const),
  allowedRanges: fc.uniqueArray(fc.constantFrom('0.0.0.0/0', '10.0.0.0/8', '172.16.0.0/12'), { minLength: 1 }),
  healthCheck: fc.record({ protocol: fc.constant('http'), port: portNumber, path: fc.constant('/healthz') }),
  listeners: fc.uniqueArray(listener, {
    minLength: 1,
    maxLength: 4,
    selector: ({ protocol, port }) => `${protocol}/${port}`,
  }),
  backends: fc.uniqueArray(fc.constantFrom('m-1', 'm-2', 'm-3', 'm-4'), { minLength: 1 }),
  tags: fc.constant({
    [clusterStampKey]: 'cluster-blue',
    'kubernetes.io/service-uid': 'uid-1',
    'kubernetes.io/service-name': 'default/web',
  }),
});

const plan = (desired: MemoryLBDesired, observed: MemoryLBObserved) =>
  planBalancer({ kind: 'present', desired }, observed);

/** What the cloud looks like once everything of a plan is done. */
function reached(desired: MemoryLBDesired, from: MemoryLBObserved = absent): MemoryLBObserved {
  return plan(desired, from).operations.reduce(
    (observed, operation) => foldOperation(observed, operation, { id: 'lb-1', address: '198.18.0.1', revision: '7' }),
    from,
  );
}

function altered(observed: MemoryLBObserved, change: Partial<Balancer>): MemoryLBObserved {
  if (observed.kind === 'absent') throw new Error('there is nothing to alter');
  return { ...observed, balancer: { ...observed.balancer, ...change } };
}

function balancerOf(observed: MemoryLBObserved): Balancer {
  if (observed.kind === 'absent') throw new Error('there is none');
  return observed.balancer;
}

/** Each field that is ours, and how somebody else could alter it alone. */
const alterations: Readonly<Record<string, (balancer: Balancer) => Partial<Balancer>>> = {
  allowedRanges: ({ allowedRanges }) => ({ allowedRanges: [...allowedRanges, '192.0.2.0/24'] }),
  healthCheck: ({ healthCheck }) => ({ healthCheck: { ...healthCheck, path: '/other' } }),
  'tags.kubernetes.io/service-uid': ({ tags }) => ({ tags: { ...tags, 'kubernetes.io/service-uid': 'uid-9' } }),
  'tags.kubernetes.io/service-name': ({ tags }) => ({ tags: { ...tags, 'kubernetes.io/service-name': 'x/y' } }),
  backends: ({ backends }) => ({ backends: [...backends, 'm-9'] }),
  nodePort: ({ listeners: [first, ...others] }) => ({
    listeners: [{ ...first!, nodePort: (first!.nodePort % 65_535) + 1 }, ...others],
  }),
  affinity: ({ listeners: [first, ...others] }) => ({
    listeners: [{ ...first!, affinity: first!.affinity === 'none' ? 'client-ip' : 'none' }, ...others],
  }),
};

describe('planBalancer', () => {
  it('leads to a state in which nothing is left to do, whatever was there', () => {
    fc.assert(
      fc.property(desiredState, desiredState, (before, after) => {
        const made = reached(before);
        expect(plan(before, made)).toEqual({ operations: [], next: { kind: 'converged' } });
        let changed = reached(after, made);
        // A change of the scheme takes a second pass.
        if (changed.kind === 'absent') changed = reached(after, changed);
        expect(plan(after, changed)).toEqual({ operations: [], next: { kind: 'converged' } });
      }),
    );
  });

  it('plans nothing that the guard refuses while everything is ours', () => {
    fc.assert(
      fc.property(desiredState, desiredState, (before, after) => {
        const made = reached(before);
        const everything = [
          ...plan(before, absent).operations,
          ...plan(after, made).operations,
          ...planBalancer({ kind: 'gone' }, made).operations,
        ];
        for (const operation of everything) {
          expect(guardOperation(operation, { mode: 'run', isProtected: () => false })).toBeUndefined();
        }
      }),
    );
  });

  describe.each(Object.entries(alterations))('when %s was altered alone', (field, alter) => {
    it('repairs it and names exactly that', () => {
      fc.assert(
        fc.property(desiredState, (desired) => {
          const made = reached(desired);
          const drifted = altered(made, alter(balancerOf(made)));
          const { operations, next } = plan(desired, drifted);
          expect(operations.flatMap(({ changes }) => changes.map((change) => change.field))).toEqual([field]);
          expect(next).toEqual({ kind: 'converged' });
          const repaired = reached(desired, drifted);
          expect(plan(desired, repaired).operations).toEqual([]);
        }),
      );
    });
  });

  it('makes a missing listener again and takes a strange one away, and nothing else', () => {
    fc.assert(
      fc.property(desiredState, (desired) => {
        const made = reached(desired);
        const { listeners } = balancerOf(made);
        const missing = plan(desired, altered(made, { listeners: listeners.slice(1) }));
        expect(missing.operations.map(({ verb, object }) => [verb, object.kind])).toEqual([['create', 'Listener']]);
        const strange = { protocol: 'SCTP', port: 1, nodePort: 1, affinity: 'none' as const };
        const extra = plan(desired, altered(made, { listeners: [...listeners, strange] }));
        expect(extra.operations.map(({ verb, object }) => [verb, object.name])).toEqual([['delete', 'a1/SCTP/1']]);
      }),
    );
  });

  it('waits while the cloud is busy', () => {
    fc.assert(
      fc.property(desiredState, desiredState, (before, after) => {
        const busy = altered(reached(before), { status: 'busy' });
        expect(plan(after, busy)).toMatchObject({ operations: [], next: { kind: 'settling' } });
        expect(planBalancer({ kind: 'gone' }, busy)).toMatchObject({ operations: [], next: { kind: 'settling' } });
      }),
    );
  });

  it('deletes with one operation, and has nothing to do when there is nothing', () => {
    fc.assert(
      fc.property(desiredState, (desired) => {
        const { operations, next } = planBalancer({ kind: 'gone' }, reached(desired));
        expect(operations.map(({ verb, object }) => [verb, object.kind])).toEqual([['delete', 'LoadBalancer']]);
        expect(next).toEqual({ kind: 'converged' });
        expect(planBalancer({ kind: 'gone' }, absent)).toEqual({ operations: [], next: { kind: 'converged' } });
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Duration } from '../../base/duration.ts';
import type { CloudErrorCode } from '../../cloud/cloud-error.ts';
import { decideNetworkCondition } from './network-condition.ts';
import { routeBench, routedNode } from './test-bench.ts';

const foreign = { ownership: { kind: 'foreign', reason: 'stamped for another cluster' } } as const;
const names = ['a', 'b', 'c', 'd', 'e'];
const ranges = Array.from({ length: 8 }, (_, index) => `10.120.${index}.0/24`);
const outside = '192.168.0.0/24';

const step = fc.oneof(
  fc.record({
    kind: fc.constant('join' as const),
    name: fc.constantFrom(...names),
    // Ranges are never changed by the API server, only with the Node.
    range: fc.option(fc.constantFrom(...ranges), { freq: 6 }),
    machine: fc.constantFrom('test://m1', 'test://m2', 'edge://m3', ''),
  }),
  fc.record({ kind: fc.constant('leave' as const), name: fc.constantFrom(...names) }),
  fc.record({
    kind: fc.constant('drift' as const),
    range: fc.constantFrom(...ranges, outside),
    target: fc.constantFrom('m1', 'm2', 'm9'),
    owner: fc.constantFrom('ours' as const, 'theirs' as const),
    state: fc.constantFrom('active' as const, 'blackhole' as const),
  }),
  fc.record({ kind: fc.constant('vanish' as const), range: fc.constantFrom(...ranges) }),
  fc.record({
    kind: fc.constant('fault' as const),
    code: fc.constantFrom<CloudErrorCode>('Throttled', 'Unavailable', 'Conflict', 'Invalid', 'Quota', 'Unknown'),
    every: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({ kind: fc.constant('wait' as const), milliseconds: fc.integer({ min: 1, max: 5000 }) }),
);

describe('any history of nodes and routes', () => {
  it('ends with exactly the routes that the nodes need, and nothing foreign changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.constantFrom(1, 3), async (steps, batch) => {
        await using bench = routeBench({ resyncPeriod: Duration.minutes(10) });
        const { clock, cluster, routes } = bench;
        routes.batch = batch;
        bench.start();
        let calls = 0;
        let born = 0;
        for (const one of steps) {
          switch (one.kind) {
            case 'join':
              if (cluster.node(one.name)) cluster.removeNode(one.name);
              born++;
              cluster.putNode(
                routedNode(one.name, {
                  uid: `${one.name}-${born}`,
                  creationTimestamp: `2026-01-01T00:00:${String(born).padStart(2, '0')}Z`,
                  podCIDRs: one.range === null ? [] : [one.range],
                  providerID: one.machine,
                }),
              );
              break;
            case 'leave':
              cluster.removeNode(one.name);
              break;
            case 'drift':
              routes.put(one.range, one.target, { state: one.state, ...(one.owner === 'theirs' && foreign) });
              break;
            case 'vanish':
              routes.table.delete(one.range);
              break;
            case 'fault':
              routes.fail = () => (++calls % one.every === 0 ? one.code : undefined);
              break;
            case 'wait':
              await clock.advance(Duration.milliseconds(one.milliseconds));
          }
        }
        const theirs = () => [...routes.table.values()].filter(({ ownership }) => ownership.kind !== 'ours');
        const before = theirs();
        routes.fail = () => undefined;
        await clock.advance(Duration.minutes(25));
        expect(theirs()).toEqual(before);

        const owner = new Map<string, string>();
        const untouchable = new Set([outside, ...before.map(({ cidr }) => cidr)]);
        for (const node of [...cluster.nodes.store.list()].sort((left, right) =>
          left.metadata.creationTimestamp < right.metadata.creationTimestamp ? -1 : 1,
        )) {
          const [range] = node.spec.podCIDRs;
          const { providerID } = node.spec;
          const isOurs = providerID.startsWith('test://');
          if (range === undefined) continue;
          if (!isOurs) {
            untouchable.add(range);
            continue;
          }
          const isServed = !owner.has(range) && !isTaken(range, providerID);
          if (!owner.has(range)) owner.set(range, providerID.replace('test://', ''));
          const condition = node.status.conditions.find(({ type }) => type === 'NetworkUnavailable');
          const isOlderElsewhere = olderHandsOff(node.metadata.creationTimestamp, range);
          expect(decideNetworkCondition(isServed && !isOlderElsewhere ? 'served' : 'unserved', condition)).toBe(
            undefined,
          );
        }
        for (const { cidr, ownership, target, state } of routes.table.values()) {
          if (ownership.kind !== 'ours' || untouchable.has(cidr)) continue;
          expect([cidr, target, state]).toEqual([cidr, owner.get(cidr), 'active']);
        }
        for (const [cidr, target] of owner) {
          if (!untouchable.has(cidr)) expect(routes.table.get(cidr)?.target).toBe(target);
        }
        routes.calls.length = 0;
        const isBlocked = [...owner.keys()].some((cidr) => untouchable.has(cidr));
        if (!isBlocked) {
          cluster.putNode(routedNode('late', { providerID: 'test://m5' }));
          await clock.advance(Duration.seconds(20));
          expect(routes.calls.filter((call) => call !== 'facts' && call !== 'observe')).toEqual([]);
        }

        function isTaken(range: string, providerID: string): boolean {
          const present = before.find(({ cidr }) => cidr === range);
          const isRight = present?.state === 'active' && `test://${present.target}` === providerID;
          return present !== undefined && !isRight;
        }

        function olderHandsOff(created: string, range: string): boolean {
          return [...cluster.nodes.store.list()].some(
            ({ metadata, spec }) =>
              metadata.creationTimestamp < created &&
              spec.podCIDRs[0] === range &&
              !spec.providerID.startsWith('test://'),
          );
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

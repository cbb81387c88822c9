import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Cidr, containsCidr, overlapsCidr, parseCidr } from '../../base/cidr.ts';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import type { Allocation, PodCIDRAllocator } from './pod-cidr-allocator.ts';
import { IpamBench, nodeWith, rangeAllocator } from './test-bench.ts';

const seconds = (count: number) => Duration.seconds(count);

function bench(...ranges: readonly string[]): IpamBench {
  return new IpamBench(() => rangeAllocator(ranges));
}

describe('NodeIpamController', () => {
  it('gives each node its ranges with one write, past those that are used', async () => {
    await using world = bench('10.10.0.0/22/24', 'fd00::/60/64');
    const { clock, cluster } = world;
    cluster.putNode(nodeWith('old', ['10.10.0.0/24', 'fd00::/64']));
    cluster.putNode(nodeWith('a'));
    world.start();
    await clock.advance(seconds(1));
    cluster.putNode(nodeWith('b'));
    await clock.advance(seconds(1));
    expect([world.ranges('a'), world.ranges('b')]).toEqual([
      '10.10.1.0/24,fd00:0:0:1::/64',
      '10.10.2.0/24,fd00:0:0:2::/64',
    ]);
    expect(cluster.patches).toMatchObject([
      { key: 'a', body: { metadata: { uid: 'uid-of-a' }, spec: { podCIDR: '10.10.1.0/24' } }, outcome: 'done' },
      { key: 'b', outcome: 'done' },
    ]);
    expect(cluster.reads).toEqual([]);
    expect(world.controller?.status()).toMatchObject({ items: [], facts: { '10.10.0.0/22': '3 of 4 used' } });
  });

  // Source: k8s.io/kubernetes range_allocator_test.go, TestNodeDeletionReleaseCIDR.
  it.each([
    ['lives', '10.10.1.0/24'],
    ['is being deleted', '10.10.1.0/24'],
    ['is deleted', '10.10.0.0/24'],
  ])('keeps the range of a node that %s', async (fate, expected) => {
    await using world = bench('10.10.0.0/23/24');
    const { clock, cluster } = world;
    const node = cluster.putNode(nodeWith('node0', ['10.10.0.0/24']));
    world.start();
    await clock.advance(seconds(1));
    if (fate === 'is being deleted') {
      cluster.putNode({ ...node, metadata: { ...node.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
    }
    if (fate === 'is deleted') {
      cluster.removeNode('node0');
      cluster.putNode(nodeWith('other', ['10.10.1.0/24']));
    }
    cluster.putNode(nodeWith('node1'));
    await clock.advance(seconds(1));
    expect(world.ranges('node1')).toBe(expected);
  });

  it('gives a node that is being deleted nothing', async () => {
    await using world = bench('10.10.0.0/23/24');
    const node = nodeWith('a');
    world.cluster.putNode({ ...node, metadata: { ...node.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
    world.start();
    await world.clock.advance(seconds(60));
    expect(world.cluster.patches).toEqual([]);
  });

  it('tells of nodes that find nothing left, and serves them as soon as something is', async () => {
    await using world = bench('10.10.0.0/23/24');
    const { clock, cluster, recorder } = world;
    for (const name of ['a', 'b', 'c', 'd']) cluster.putNode(nodeWith(name));
    world.start();
    await clock.advance(seconds(1));
    const waiting = () => ['a', 'b', 'c', 'd'].filter((name) => world.ranges(name) === '');
    expect(waiting()).toEqual(['c', 'd']);
    expect(recorder.reasons('c')).toEqual(['Warning CIDRNotAvailable']);
    expect(recorder.events[0]).toContain('all 2 ranges for nodes in 10.10.0.0/23 are used');
    expect(world.controller?.status().items.map(({ key, state }) => `${key} ${state}`)).toEqual([
      'c blocked',
      'd blocked',
    ]);
    cluster.removeNode('a');
    await clock.settle();
    await clock.advance(Duration.zero);
    expect(waiting()).toEqual(['d']);
    cluster.removeNode('c');
    cluster.removeNode('b');
    await clock.advance(seconds(1));
    expect(waiting()).toEqual([]);
    expect(world.controller?.status().items).toEqual([]);
  });

  it('serves as many as a range that got free has room for', async () => {
    await using world = bench('10.10.0.0/22/24');
    const { clock, cluster } = world;
    cluster.putNode(nodeWith('large', ['10.10.0.0/22']));
    for (const name of ['a', 'b', 'c']) cluster.putNode(nodeWith(name));
    world.start();
    await clock.advance(seconds(1));
    cluster.removeNode('large');
    await clock.advance(seconds(1));
    expect(['a', 'b', 'c'].map((name) => world.ranges(name)).sort()).toEqual([
      '10.10.0.0/24',
      '10.10.1.0/24',
      '10.10.2.0/24',
    ]);
  });

  it('wakes the next when the one that was woken is gone', async () => {
    await using world = bench('10.10.0.0/24/24');
    const { clock, cluster } = world;
    for (const name of ['a', 'b', 'c']) cluster.putNode(nodeWith(name));
    world.start();
    await clock.advance(seconds(1));
    cluster.removeNode('b');
    cluster.removeNode('a');
    await clock.advance(seconds(1));
    expect(world.ranges('c')).toBe('10.10.0.0/24');
  });

  it('tells of ranges that do not fit, and serves the others', async () => {
    await using world = bench('10.10.0.0/23/24');
    const { clock, cluster, recorder } = world;
    cluster.putNode(nodeWith('garbage', ['nonsense']));
    cluster.putNode(nodeWith('elsewhere', ['192.168.0.0/24']));
    cluster.putNode(nodeWith('a'));
    world.start();
    await clock.advance(seconds(1));
    expect(world.ranges('a')).toBe('10.10.0.0/24');
    expect(recorder.reasons('garbage')).toEqual(['Warning CIDRNotAvailable']);
    expect(recorder.events[1]).toContain('spec.podCIDRs: "192.168.0.0/24" is not in 10.10.0.0/23');
  });

  it('believes a write whose answer was lost', async () => {
    await using world = bench('10.10.0.0/23/24');
    const { clock, cluster, recorder } = world;
    cluster.putNode(nodeWith('a'));
    let losses = 1;
    cluster.afterPatch = () => {
      if (losses-- > 0) throw new ApiError('no answer', { kind: 'timeout' });
    };
    world.start();
    await clock.advance(seconds(60));
    cluster.putNode(nodeWith('b'));
    await clock.advance(seconds(1));
    expect([world.ranges('a'), world.ranges('b')]).toEqual(['10.10.0.0/24', '10.10.1.0/24']);
    expect(cluster.reads).toEqual(['nodes/a']);
    expect(recorder.events).toEqual([]);
  });

  it('tries the same ranges again after a failure, and says so', async () => {
    await using world = bench('10.10.0.0/23/24');
    const { clock, cluster, recorder } = world;
    cluster.putNode(nodeWith('a'));
    let failures = 3;
    cluster.beforePatch = () => {
      if (failures-- > 0) throw new ApiError('busy', { kind: 'unavailable', status: 503 });
    };
    world.start();
    await clock.advance(seconds(30));
    expect(world.ranges('a')).toBe('10.10.0.0/24');
    expect(recorder.reasons('a')).toEqual(Array(3).fill('Warning CIDRAssignmentFailed'));
    expect(world.controller?.status()).toMatchObject({ items: [], facts: { '10.10.0.0/23': '1 of 2 used' } });
  });

  it('takes the ranges that somebody else gave a node meanwhile, and keeps its own for others', async () => {
    await using world = bench('10.10.0.0/22/24');
    const { clock, cluster, recorder } = world;
    cluster.putNode(nodeWith('a'));
    cluster.beforePatch = () => {
      cluster.beforePatch = () => {};
      cluster.putNode(nodeWith('a', ['10.10.1.0/24']));
    };
    world.start();
    await clock.advance(seconds(10));
    for (const name of ['b', 'c']) cluster.putNode(nodeWith(name));
    await clock.advance(seconds(10));
    expect(['a', 'b', 'c'].map((name) => world.ranges(name)).sort()).toEqual([
      '10.10.1.0/24',
      '10.10.2.0/24',
      '10.10.3.0/24',
    ]);
    expect(world.controller?.status().facts).toEqual({ '10.10.0.0/22': '3 of 4 used' });
    expect(recorder.events).toEqual([]);
  });

  it('does not give a new Node what was meant for the old one of its name', async () => {
    await using world = bench('10.10.0.0/23/24');
    const { clock, cluster } = world;
    cluster.putNode(nodeWith('a'));
    cluster.beforePatch = () => {
      cluster.beforePatch = () => {};
      cluster.removeNode('a');
      cluster.putNode(nodeWith('a', [], 'another'));
    };
    world.start();
    await clock.advance(seconds(10));
    expect(world.ranges('a')).toBe('10.10.1.0/24');
    expect(world.controller?.status().facts).toEqual({ '10.10.0.0/23': '1 of 2 used' });
  });

  it('works with ranges that come from somewhere else, late or not at all', async () => {
    let answers = 0;
    const released: string[] = [];
    const allocator: PodCIDRAllocator = {
      occupy: () => [],
      allocate: (): Promise<Allocation> => {
        answers++;
        if (answers === 1) return Promise.reject(new CloudError('Unavailable', 'no answer'));
        if (answers === 2) return Promise.resolve({ kind: 'waiting', message: 'no alias yet', after: seconds(5) });
        return Promise.resolve({ kind: 'allocated', cidrs: ['10.1.0.0/24'] });
      },
      release: (uid) => void released.push(uid),
      facts: () => ({}),
    };
    await using world = new IpamBench(() => allocator);
    world.cluster.putNode(nodeWith('a'));
    world.start();
    await world.clock.advance(seconds(2));
    expect(world.controller?.status().items).toMatchObject([{ key: 'a', state: 'waiting', message: 'no alias yet' }]);
    await world.clock.advance(seconds(10));
    expect(world.ranges('a')).toBe('10.1.0.0/24');
    world.cluster.removeNode('a');
    expect(released).toEqual(['uid-of-a']);
  });

  it('serves 5,000 nodes without walking over what is used', async () => {
    await using world = bench('10.0.0.0/8/24', 'fd00::/48/64');
    const { clock, cluster } = world;
    for (let index = 0; index < 5000; index++) cluster.putNode(nodeWith(`n${index}`));
    const started = process.cpuUsage().user;
    world.start();
    for (let turn = 0; turn < 400 && cluster.patches.length < 5000; turn++) await clock.settle();
    expect(cluster.patches).toHaveLength(5000);
    expect(new Set(cluster.patches.map(({ body }) => JSON.stringify(body['spec']))).size).toBe(5000);
    // Quadratic work would take minutes.
    expect(process.cpuUsage().user - started).toBeLessThan(20_000_000);
  }, 60_000);
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('join' as const), name: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), name: fc.nat(7) }) },
  fc.record({ kind: fc.constant('restart' as const) }),
  fc.record({ kind: fc.constant('fault' as const), how: fc.constantFrom('refuse', 'lose' as const) }),
  fc.record({ kind: fc.constant('lag' as const) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), milliseconds: fc.nat(3000) }) },
);

describe('any history of nodes, faults and restarts', () => {
  it('gives no range twice, none that is not the cluster’s, and loses none', async () => {
    const [v4, v6] = [parseCidr('10.10.0.0/22')!, parseCidr('fd00::/62')!];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        await using world = bench('10.10.0.0/22/24', 'fd00::/62/64');
        const { clock, cluster } = world;
        let born = 0;
        let release = (): void => {};
        world.start();
        const check = (): void => {
          const given: Cidr[] = [];
          for (let name = 0; name < 8; name++) {
            for (const text of cluster.node(`n${name}`)?.spec.podCIDRs ?? []) {
              const cidr = parseCidr(text);
              if (!cidr) throw new Error(text);
              expect(containsCidr(cidr.family === 'IPv4' ? v4 : v6, cidr)).toBe(true);
              expect(given.some((other) => overlapsCidr(other, cidr))).toBe(false);
              given.push(cidr);
            }
          }
        };
        for (const one of steps) {
          switch (one.kind) {
            case 'join':
              if (!cluster.node(`n${one.name}`)) cluster.putNode(nodeWith(`n${one.name}`, [], `uid-${++born}`));
              break;
            case 'leave':
              cluster.removeNode(`n${one.name}`);
              break;
            case 'restart':
              await world.stop();
              // A new process begins with what the API server has.
              release();
              world.start();
              break;
            case 'fault': {
              const fail = (): void => {
                cluster.beforePatch = () => {};
                cluster.afterPatch = () => {};
                throw new ApiError(
                  'fault',
                  one.how === 'lose' ? { kind: 'timeout' } : { kind: 'internal', status: 500 },
                );
              };
              if (one.how === 'lose') cluster.afterPatch = fail;
              else cluster.beforePatch = fail;
              break;
            }
            case 'lag':
              release();
              release = cluster.holdInformers();
              break;
            case 'wait':
              await clock.advance(Duration.milliseconds(one.milliseconds));
          }
          check();
        }
        release();
        await clock.advance(Duration.minutes(10));
        check();
        const nodes = [...cluster.nodes.store.list()];
        const served = nodes.filter(({ spec }) => spec.podCIDRs.length === 2);
        expect(served).toHaveLength(Math.min(4, nodes.length));
        expect(world.controller?.status().facts).toEqual({
          '10.10.0.0/22': `${served.length} of 4 used`,
          'fd00::/62': `${served.length} of 4 used`,
        });
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});

import { describe, expect, it } from '@jest/globals';
import type { Node } from '../../api/node.ts';
import { Duration } from '../../base/duration.ts';
import type { ObservedRoute } from '../../cloud/routes.ts';
import { type RouteState, decideNetworkCondition } from './network-condition.ts';
import { wantSameRoutes } from './route-changes.ts';
import { routeBench, routedNode } from './test-bench.ts';
import { countCases } from '../test-case-count.ts';

countCases('go-cases-route');

// The cases of k8s.io/cloud-provider 0.36 controllers/route, route_controller_test.go.

type Entry = readonly [cidr: string, target: string, more?: Partial<ObservedRoute>];

interface Case {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly leadTo?: 'address';
  readonly initial: readonly Entry[];
  readonly expected: readonly Entry[];
  /** By node; those left out have no condition. */
  readonly conditions: Readonly<Record<string, string>>;
  readonly writes: number;
}

const [v4a, v4b, v6a, v6b] = ['10.120.0.0/24', '10.120.1.0/24', 'a00:100::/24', 'a00:200::/24'] as const;
const hole = { state: 'blackhole' } as const;
const isServed = 'False RouteCreated';

const node1 = routedNode('node-1', { podCIDRs: [v4a], address: '10.0.1.1' });
const node2 = routedNode('node-2', { podCIDRs: [v4b], address: '10.0.2.1' });
const bare2 = routedNode('node-2', { address: '10.0.5.1' });
const node3 = routedNode('node-3', { podCIDRs: [v4a, v6a], address: '10.0.3.1' });
const node4 = routedNode('node-4', { podCIDRs: [v4b, v6b], address: '10.0.4.1' });
const twice = routedNode('node-4', { podCIDRs: [v4b, v4b], address: '10.0.4.1' });

const dual = { nodes: [node3, node4], conditions: { 'node-3': isServed, 'node-4': isServed } };
const dualRight: readonly Entry[] = [
  [v4a, 'node-3'],
  [v4b, 'node-4'],
  [v6a, 'node-3'],
  [v6b, 'node-4'],
];
const dualAddresses: readonly Entry[] = [
  [v4a, '10.0.3.1'],
  [v4b, '10.0.4.1'],
  [v6a, '10.0.3.1'],
  [v6b, '10.0.4.1'],
];
const single = { nodes: [node1, node2], conditions: { 'node-1': isServed, 'node-2': isServed } };
const singleRight: readonly Entry[] = [
  [v4a, 'node-1'],
  [v4b, 'node-2'],
];

const cases: readonly Case[] = [
  {
    ...dual,
    name: 'dual: routes lack addresses',
    leadTo: 'address',
    initial: [v4a, v4b, v6a, v6b].map((cidr) => [cidr, '']),
    expected: dualAddresses,
    writes: 4,
  },
  {
    ...dual,
    name: 'dual: addresses changed',
    leadTo: 'address',
    initial: [
      [v4a, '10.0.13.1'],
      [v4b, '10.0.14.1'],
      [v6a, '10.0.13.1'],
      [v6b, '10.0.14.1'],
    ],
    expected: dualAddresses,
    writes: 4,
  },
  { ...dual, name: 'dual: no routes', initial: [], expected: dualRight, writes: 4 },
  { ...dual, name: 'dual: all routes', initial: dualRight, expected: dualRight, writes: 0 },
  {
    ...dual,
    name: 'dual: ranges of the nodes swapped',
    initial: [
      [v4b, 'node-3'],
      [v4a, 'node-4'],
      [v6b, 'node-3'],
      [v6a, 'node-4'],
    ],
    expected: dualRight,
    writes: 4,
  },
  {
    ...dual,
    name: 'dual: some routes',
    initial: [
      [v4a, 'node-3'],
      [v6b, 'node-4'],
    ],
    expected: dualRight,
    writes: 2,
  },
  {
    ...dual,
    name: 'dual: routes of nodes that are gone',
    initial: [...dualRight, ['10.120.2.0/24', 'node-x'], ['a00:300::/24', 'node-y']],
    expected: dualRight,
    writes: 2,
  },
  { ...single, name: 'single: all routes', initial: singleRight, expected: singleRight, writes: 0 },
  {
    ...single,
    name: 'single: address of a node changed',
    leadTo: 'address',
    initial: [
      [v4a, '10.0.1.2'],
      [v4b, '10.0.2.2'],
    ],
    expected: [
      [v4a, '10.0.1.1'],
      [v4b, '10.0.2.1'],
    ],
    writes: 2,
  },
  { ...single, name: 'single: one route', initial: [[v4a, 'node-1']], expected: singleRight, writes: 1 },
  { ...single, name: 'single: no routes', initial: [], expected: singleRight, writes: 2 },
  {
    ...single,
    name: 'single: routes of nodes that are gone',
    initial: [...singleRight, ['10.120.2.0/24', 'node-3'], ['10.120.3.0/24', 'node-4']],
    expected: singleRight,
    writes: 2,
  },
  {
    ...single,
    name: 'single: one wrong route',
    initial: [
      [v4a, 'node-1'],
      ['10.120.2.0/24', 'node-3'],
    ],
    expected: singleRight,
    writes: 2,
  },
  {
    name: 'single: a node without a range',
    nodes: [node1, bare2],
    initial: [],
    expected: [[v4a, 'node-1']],
    conditions: { 'node-1': isServed },
    writes: 1,
  },
  {
    ...single,
    name: 'single: a black hole in our range',
    initial: [...singleRight, ['10.120.2.0/24', '', hole]],
    expected: singleRight,
    writes: 1,
  },
  {
    ...single,
    name: 'single: a black hole outside of our range',
    initial: [...singleRight, ['10.1.2.0/24', '', hole]],
    expected: [...singleRight, ['10.1.2.0/24', '', hole]],
    writes: 0,
  },
  {
    // Go creates it twice, fails the second time and calls the node unreachable.
    name: 'a range named twice by one node',
    nodes: [twice],
    initial: [],
    expected: [[v4b, 'node-4']],
    conditions: { 'node-4': isServed },
    writes: 1,
  },
];

describe('reconcile', () => {
  it.each(cases)('$name', async ({ conditions, expected, initial, leadTo, nodes, writes }) => {
    await using bench = routeBench({ clusterCIDRs: ['10.120.0.0/16', 'a00::/8'] });
    const { clock, cluster, recorder, routes } = bench;
    for (const node of nodes) cluster.putNode(node);
    routes.leadTo = leadTo ?? 'machine';
    for (const [cidr, target, more] of initial) routes.put(cidr, target, more);
    bench.start();
    await clock.advance(Duration.seconds(5));
    expect(routes.entries()).toEqual(expected.map(([cidr, target]) => `${cidr} ${target}`).sort());
    expect(routes.writes()).toHaveLength(writes);
    for (const { metadata } of nodes) expect(bench.condition(metadata.name)).toBe(conditions[metadata.name]);
    expect(recorder.events).toEqual([]);
    expect(routes.calls.filter((call) => call === 'observe')).toHaveLength(1);
  });
});

describe('wantSameRoutes', () => {
  it.each([
    ['an address changed', routedNode('node-1', { podCIDRs: [v4a], address: '10.0.1.2' }), false],
    ['a range changed', routedNode('node-1', { podCIDRs: ['10.121.0.0/24'], address: '10.0.1.1' }), false],
    ['the very same object', node1, true],
    ['something else changed', { ...node1, spec: { ...node1.spec, unschedulable: true } }, true],
    ['another machine', routedNode('node-1', { podCIDRs: [v4a], address: '10.0.1.1', providerID: 'test://n' }), false],
  ])('%s', (_name, next, expected) => {
    expect(wantSameRoutes(node1, next)).toBe(expected);
  });
});

describe('decideNetworkCondition', () => {
  const made = { status: 'False', reason: 'RouteCreated', message: 'RouteController created a route' };
  const failed = { status: 'True', reason: 'NoRouteCreated', message: 'RouteController failed to create a route' };
  it.each<[string, { status: string; reason: string } | undefined, RouteState, object | undefined]>([
    ['none, served', undefined, 'served', made],
    ['none, unserved', undefined, 'unserved', failed],
    ['said already, served', made, 'served', undefined],
    ['of a CNI, served', { status: 'False', reason: 'CalicoIsUp' }, 'served', made],
    ['of another, served', { status: 'False', reason: 'ExternalCNI' }, 'served', made],
    ['of another, unserved', { status: 'True', reason: 'SomeOtherReason' }, 'unserved', failed],
    ['served before, unserved', made, 'unserved', failed],
    ['said already, unserved', failed, 'unserved', undefined],
    // Ours: a node without ranges has its network from somebody else.
    ['of a CNI, no ranges', { status: 'False', reason: 'CalicoIsUp' }, 'stray', undefined],
    ['ours, no ranges', made, 'stray', failed],
    ['none, no ranges', undefined, 'stray', failed],
  ])('%s', (_name, present, state, expected) => {
    expect(decideNetworkCondition(state, present)).toEqual(expected);
  });

  it('reaches the Node past a CNI', async () => {
    await using bench = routeBench({ clusterCIDRs: ['10.244.0.0/16'] });
    const condition = { status: 'False', reason: 'CalicoIsUp' };
    bench.cluster.putNode(routedNode('node', { podCIDRs: ['10.244.0.0/24'], condition }));
    bench.start();
    await bench.clock.advance(Duration.seconds(1));
    expect(bench.condition('node')).toBe(isServed);
    expect(bench.cluster.patches).toMatchObject([
      {
        subresource: 'status',
        body: {
          metadata: { uid: 'uid-of-node' },
          status: {
            conditions: [
              {
                type: 'NetworkUnavailable',
                message: 'RouteController created a route',
                lastHeartbeatTime: '2026-01-01T00:00:00Z',
                // The status did not change, so the time of its last change stands.
                lastTransitionTime: '2025-12-01T00:00:00Z',
              },
            ],
          },
        },
      },
    ]);
  });
});

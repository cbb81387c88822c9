import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Duration } from '../../base/duration.ts';
import { kindAnnotation } from '../memory-cloud/load-balancers/memory-lb/desired.ts';
import { type LifeStep, type Stage, join, fallSilent, machineID } from './life.ts';
import { live } from './live.ts';
import { printReport } from './print-report.ts';

const runs = 12;

function service(name: string): LifeStep {
  return {
    name: `Service ${name}`,
    act({ server }) {
      const spec = { type: 'LoadBalancer' as const, ports: [{ name: 'http', port: 80 }] };
      server.store.create('services', { metadata: { name, namespace: 'default' }, spec });
    },
    haste: Duration.zero,
  };
}

/** What is there before anything changes, always in the same order, so that everything has the same UID each time. */
const beginning: readonly LifeStep[] = [
  {
    name: 'machines',
    act(world) {
      for (const name of ['a', 'b', 'c']) join(world, name, 'memory-1a');
    },
  },
  ...['one', 'two', 'three', 'four'].map(service),
  { name: 'everything is there', act: () => undefined, rest: Duration.minutes(3) },
];

/** Changes that don't contradict one another: whatever their order, people want the same in the end. */
const changes: readonly Pick<LifeStep, 'name' | 'act'>[] = [
  {
    name: 'ports of one',
    act: ({ server }) =>
      void server.store.patch('services', 'one', { spec: { ports: [{ name: 'http', port: 8080, nodePort: 31_080 }] } }),
  },
  {
    name: 'affinity of one',
    act: ({ server }) => void server.store.patch('services', 'one', { spec: { sessionAffinity: 'ClientIP' } }),
  },
  {
    name: 'ranges of two',
    act: ({ server }) =>
      void server.store.patch('services', 'two', { spec: { loadBalancerSourceRanges: ['192.0.2.0/24'] } }),
  },
  {
    name: 'kind of two',
    act: ({ server }) =>
      void server.store.patch('services', 'two', { metadata: { annotations: { [kindAnnotation]: 'express' } } }),
  },
  {
    name: 'type of three',
    act: ({ server }) => void server.store.patch('services', 'three', { spec: { type: 'ClusterIP' } }),
  },
  { name: 'four is deleted', act: ({ server }) => void server.store.delete('services', 'four') },
  {
    name: 'b is stopped',
    act(world) {
      world.cloud.operator.stop(machineID(world, 'b'));
      fallSilent(world, 'b');
    },
  },
  {
    name: 'c is terminated',
    act(world) {
      world.cloud.operator.terminate(machineID(world, 'c'));
      fallSilent(world, 'c');
    },
  },
  { name: 'd joins', act: (world) => join(world, 'd', 'memory-1b') },
  {
    name: 'somebody opens one to other addresses',
    act: (world) => tamper(world, 'one', { allowedRanges: ['203.0.113.0/24'] }),
  },
  { name: 'somebody takes the backends of two away', act: (world) => tamper(world, 'two', { backends: [] }) },
  { name: 'somebody takes the listeners of three away', act: (world) => tamper(world, 'three', { listeners: [] }) },
];

/** Behind the manager's back, if it is there at that time. */
function tamper(
  { cloud, server }: Stage,
  service: string,
  change: Parameters<Stage['cloud']['operator']['tamperLoadBalancer']>[1],
): void {
  const address = server.store.get('services', service)?.status?.loadBalancer?.ingress?.[0]?.ip;
  const balancer = cloud.snapshot().loadBalancers.find((one) => one.address === address);
  if (balancer) cloud.operator.tamperLoadBalancer(balancer.name, change);
}

/** Long enough for every slow pass, which looks at everything again. */
const quiet: LifeStep = { name: 'nobody does anything', act: () => undefined, rest: Duration.minutes(75) };

interface Ordered {
  readonly order: readonly number[];
  /** Seconds after each change. */
  readonly pauses: readonly number[];
}

async function liveThrough({ order, pauses }: Ordered) {
  const idleWrites: string[] = [];
  const steps: LifeStep[] = order.flatMap((index, at) => {
    const change = changes[index];
    return change ? [{ ...change, haste: Duration.seconds(pauses[at % pauses.length] ?? 0) }] : [];
  });
  // Before the quiet time begins, slow passes find what somebody did behind the manager's back.
  const settled: LifeStep = { name: 'time to find drift', act: () => undefined, rest: Duration.minutes(75) };
  const report = await live({
    steps: [...beginning, ...steps, settled, quiet],
    patience: Duration.minutes(90),
    tap: {
      onArrival({ step, kind, label }) {
        const isUpkeep = /\/leases\/|\/events/.test(label);
        if (step === quiet.name && kind === 'write' && !isUpkeep) idleWrites.push(label);
      },
    },
  });
  return { report, idleWrites };
}

const indices = changes.map((_, index) => index);
const pauses = fc.array(fc.oneof(fc.constant(0), fc.nat(3), fc.nat(90)), { minLength: 1, maxLength: 6 });
const twoOrders = fc
  .shuffledSubarray(indices, { minLength: 2, maxLength: 8 })
  .chain((some) => fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length }), pauses, pauses));

describe('histories of cluster and cloud', () => {
  it('come to the same in whatever order things happen, and once all is well nothing is written any more', async () => {
    let points = 0;
    const property = fc.asyncProperty(twoOrders, async ([first, second, firstPauses, secondPauses]) => {
      const one = await liveThrough({ order: first, pauses: firstPauses });
      const other = await liveThrough({ order: second, pauses: secondPauses });
      points += 2;
      expect(one.report.faults).toEqual([]);
      expect(other.report.faults).toEqual([]);
      expect(other.report.endState).toBe(one.report.endState);
      expect([...one.idleWrites, ...other.idleWrites]).toEqual([]);
    });
    await fc.assert(property, { numRuns: runs, seed: 1 });
    printReport({ proof: 'histories', points, failures: [] });
  }, 1_200_000);
});

import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../../../base/duration.ts';
import type { Wish } from '../../../../cloud/load-balancer-kind.ts';
import { clusterStampKey } from '../../../../cloud/ownership.ts';
import type { MemoryCloud } from '../../cloud/memory-cloud.ts';
import { call, setUp, type TestBed, ways } from '../../test-bed.ts';
import type { MemoryLBDesired } from './desired.ts';
import type { MemoryLBObserved } from './observe.ts';
import { testBackend, testCluster, testRequest, testService, testServiceUID } from './test-services.ts';

const group = `service/${testServiceUID}`;
const member = { uid: testServiceUID, service: testService(), cluster: testCluster };

async function wishFor(bed: TestBed, request = testRequest()): Promise<Wish<MemoryLBDesired>> {
  const answer = bed.balancers.desire(request, await bed.balancers.facts(request, call));
  if (answer.kind === 'refusal') throw new Error(answer.fix);
  return { kind: 'present', desired: answer.desired };
}

/** Observes, plans and applies until nothing is left to do, as the framework would, without folding. */
async function converge(bed: TestBed, wish: Wish<MemoryLBDesired>): Promise<MemoryLBObserved> {
  for (let round = 0; round < 30; round++) {
    let observed = await bed.balancers.observe(group, [member], call);
    const { operations, next } = bed.balancers.plan(new Map([[testServiceUID, wish]]), observed);
    if (operations.length === 0 && next.kind === 'converged') return observed;
    if (operations.length === 0 && next.kind === 'settling') await bed.clock.advance(next.after);
    for (const operation of operations) {
      try {
        const result = await bed.balancers.apply(operation, observed, call);
        if (result.kind === 'pending') {
          await bed.clock.advance(result.after);
          break;
        }
        observed = bed.balancers.fold(observed, operation, result.outputs);
        await bed.clock.advance(Duration.milliseconds(200));
      } catch {
        await bed.clock.advance(Duration.seconds(1));
        break;
      }
    }
  }
  throw new Error('it did not converge');
}

describe.each(ways)('load balancers over %s', (way) => {
  const backends = (cloud: MemoryCloud, names: readonly string[]) =>
    names.map((name) => testBackend(name, cloud.operator.launch({ name, zone: 'memory-1a' }).id));

  it('are said to be as a look finds them where nothing was made, and refuse a name that is taken', async () => {
    await using bed = await setUp(way);
    const untouched = bed.balancers.untouched?.(group, member);
    expect(untouched).toEqual(await bed.balancers.observe(group, [member], call));
    const plan = bed.balancers.plan(new Map([[testServiceUID, await wishFor(bed)]]), untouched!);
    const [create] = plan.operations;
    const namesake = {
      name: create?.object.name ?? '',
      networkID: 'net-main',
      scheme: 'public',
      allowedRanges: ['0.0.0.0/0'],
      healthCheck: { protocol: 'tcp', port: 25, path: '' },
      listeners: [],
      backends: [],
      tags: { [clusterStampKey]: 'another cluster' },
    };
    bed.cloud.operator.plantLoadBalancer(namesake, 'another cluster');
    await expect(bed.balancers.apply(create!, untouched!, call)).rejects.toMatchObject({ code: 'Conflict' });
  });

  it('come, change and go, and leave nothing behind', async () => {
    await using bed = await setUp(way, {
      provisioning: Duration.seconds(3),
      updating: Duration.seconds(1),
      deleting: Duration.seconds(2),
    });
    const nodes = backends(bed.cloud, ['n1', 'n2']);
    const observed = await converge(bed, await wishFor(bed, testRequest({ backends: nodes })));
    const [made] = bed.cloud.snapshot().loadBalancers;
    expect(made).toMatchObject({
      name: 'a0b9d2f1e5a7c4d3b9e8f11223344556',
      status: 'ACTIVE',
      listeners: [{ protocol: 'TCP', port: 80, backendPort: 30_080, affinity: 'none' }],
      tags: { [clusterStampKey]: testCluster.uid },
    });
    expect(made?.backends).toHaveLength(2);
    expect(bed.balancers.result(observed, member)).toEqual({
      status: { ingress: [{ ip: made?.address, hostname: '', ipMode: 'VIP' }] },
    });

    await converge(bed, await wishFor(bed, testRequest({ backends: nodes.slice(0, 1) })));
    expect(bed.cloud.snapshot().loadBalancers[0]?.backends).toHaveLength(1);

    const gone = await converge(bed, { kind: 'gone' });
    expect(bed.balancers.result(gone, member)).toEqual({ status: { ingress: [] } });
    expect(bed.cloud.snapshot().loadBalancers).toEqual([]);
    expect(bed.cloud.foreignWrites).toEqual([]);
    expect(bed.gate.calls).toHaveLength(bed.cloud.log.records.length);
  });

  it('cost three writes to make, and nothing but one read when nothing differs', async () => {
    await using bed = await setUp(way);
    const wish = await wishFor(bed, testRequest({ backends: backends(bed.cloud, ['n1']) }));
    await converge(bed, wish);
    const writes = bed.gate.calls.filter(({ kind }) => kind === 'write').map(({ operation }) => operation);
    expect(writes).toEqual(['CreateLoadBalancer', 'CreateListener', 'SetBackends']);
    const before = bed.gate.calls.length;
    await converge(bed, wish);
    expect(bed.gate.calls.slice(before).map(({ operation }) => operation)).toEqual(['GetLoadBalancer']);
  });

  it.each([
    'CreateLoadBalancer',
    'CreateListener',
    'SetBackends',
    'UpdateLoadBalancer',
    'UpdateListener',
    'DeleteListener',
    'DeleteLoadBalancer',
  ] as const)('survive the lost answer of %s', async (operation) => {
    await using bed = await setUp(way, { updating: Duration.milliseconds(300) });
    bed.cloud.faults.add({ effect: { kind: 'loseReply', how: 'reset' }, match: { operation }, times: 1 });
    const nodes = backends(bed.cloud, ['n1']);
    const port = testService().spec.ports[0]!;
    const other = { ...port, port: 81, nodePort: 30_081 };
    await converge(
      bed,
      await wishFor(bed, testRequest({ backends: nodes, service: testService({ ports: [port, other] }) })),
    );
    const changed = testService({
      ports: [{ ...port, nodePort: 30_082 }],
      loadBalancerSourceRanges: ['10.0.0.0/8'],
    });
    await converge(bed, await wishFor(bed, testRequest({ backends: nodes, service: changed })));
    expect(bed.cloud.snapshot().loadBalancers).toMatchObject([
      { allowedRanges: ['10.0.0.0/8'], listeners: [{ port: 80, backendPort: 30_082 }] },
    ]);
    await converge(bed, { kind: 'gone' });
    expect(bed.cloud.snapshot().loadBalancers).toEqual([]);
    expect(bed.cloud.log.counts()[operation]?.accepted).toBeGreaterThan(0);
    expect(bed.cloud.foreignWrites).toEqual([]);
  });

  it('are not made twice when each operation is applied again after its answer was lost', async () => {
    await using bed = await setUp(way);
    const request = testRequest({ backends: backends(bed.cloud, ['n1']) });
    const wishes = [await wishFor(bed, request), { kind: 'gone' }] as const;
    let observed = await bed.balancers.observe(group, [member], call);
    for (const wish of wishes) {
      for (const operation of bed.balancers.plan(new Map([[testServiceUID, wish]]), observed).operations) {
        bed.cloud.faults.add({ effect: { kind: 'loseReply', how: 'reset' }, match: { kind: 'write' }, times: 1 });
        await expect(bed.balancers.apply(operation, observed, call)).rejects.toMatchObject({
          isOutcomeUnknown: true,
        });
        const again = await bed.balancers.observe(group, [member], call);
        // What the operation was planned from is as good as what was read since, but for the revision.
        const basis = operation.target === 'backends' ? again : observed;
        const result = await bed.balancers.apply(operation, basis, call);
        if (result.kind === 'pending') throw new Error('unexpected');
        observed = bed.balancers.fold(observed, operation, result.outputs);
      }
      expect(bed.cloud.snapshot().loadBalancers).toHaveLength(wish.kind === 'gone' ? 0 : 1);
    }
    expect(bed.cloud.log.counts().CreateLoadBalancer).toEqual({ accepted: 1, throttled: 0, failed: 1 });
    expect(bed.cloud.foreignWrites).toEqual([]);
  });

  it('are not made twice, nor left behind, while reads lag', async () => {
    await using bed = await setUp(way, { readLag: Duration.seconds(2) });
    const nodes = backends(bed.cloud, ['n1']);
    await bed.clock.advance(Duration.seconds(2));
    const wish = await wishFor(bed, testRequest({ backends: nodes }));
    bed.cloud.faults.add({
      effect: { kind: 'loseReply', how: 'reset' },
      match: { operation: 'CreateLoadBalancer' },
      times: 1,
    });
    const first = await bed.balancers.observe(group, [member], call);
    const [create] = bed.balancers.plan(new Map([[testServiceUID, wish]]), first).operations;
    await expect(bed.balancers.apply(create!, first, call)).rejects.toMatchObject({ isOutcomeUnknown: true });

    // The Service is deleted right after. The load balancer can't be seen yet, and yet it must go.
    const unseen = await bed.balancers.observe(group, [member], call);
    expect(bed.balancers.plan(new Map([[testServiceUID, { kind: 'gone' }]]), unseen)).toMatchObject({
      operations: [],
      next: { kind: 'settling' },
    });
    expect(await bed.balancers.traces(member, call)).toBe('unknown');
    await converge(bed, { kind: 'gone' });
    expect(bed.cloud.snapshot().loadBalancers).toEqual([]);
  });

  it('of another cluster are never written, and stay when ours goes', async () => {
    await using bed = await setUp(way);
    const wish = await wishFor(bed);
    if (wish.kind === 'gone') throw new Error('unexpected');
    bed.cloud.operator.plantLoadBalancer(
      {
        ...wish.desired,
        listeners: [],
        backends: [],
        tags: { ...wish.desired.tags, [clusterStampKey]: 'cluster-green' },
      },
      'cluster-green',
    );
    const observed = await bed.balancers.observe(group, [member], call);
    const plan = bed.balancers.plan(new Map([[testServiceUID, wish]]), observed);
    expect(plan.next.kind).toBe('blocked');
    expect(plan.operations.map(({ object }) => object.ownership.kind)).toEqual(['foreign']);
    expect(bed.balancers.result(observed, member)).toEqual({});
    expect(await bed.balancers.traces(member, call)).toBe('none');
    await converge(bed, { kind: 'gone' });
    expect(bed.cloud.snapshot().loadBalancers).toHaveLength(1);
    expect(bed.cloud.foreignWrites).toEqual([]);
  });

  it('that carry no stamp are taken over by their name, stamped with the first write that is due', async () => {
    await using bed = await setUp(way);
    const wish = await wishFor(bed);
    if (wish.kind === 'gone') throw new Error('unexpected');
    const tags = Object.fromEntries(Object.entries(wish.desired.tags).filter(([key]) => key !== clusterStampKey));
    bed.cloud.operator.plantLoadBalancer(
      {
        ...wish.desired,
        tags,
        backends: [],
        listeners: [{ protocol: 'TCP', port: 80, backendPort: 30_080, affinity: 'none' }],
      },
      testCluster.uid,
    );
    await converge(bed, wish);
    expect(bed.gate.calls.filter(({ kind }) => kind === 'write')).toEqual([]);
    const changed = testRequest({ service: testService({ loadBalancerSourceRanges: ['10.0.0.0/8'] }) });
    await converge(bed, await wishFor(bed, changed));
    expect(bed.cloud.snapshot().loadBalancers).toMatchObject([{ tags: { [clusterStampKey]: testCluster.uid } }]);
    expect(bed.cloud.foreignWrites).toEqual([]);
  });

  it('are made anew when the scheme changes', async () => {
    await using bed = await setUp(way, { deleting: Duration.seconds(1) });
    await converge(bed, await wishFor(bed));
    const internal = testService({}, { annotations: { 'service.beta.kubernetes.io/memory-lb-internal': 'true' } });
    await converge(bed, await wishFor(bed, testRequest({ service: internal })));
    expect(bed.cloud.snapshot().loadBalancers).toMatchObject([{ scheme: 'internal', listeners: [{ port: 80 }] }]);
  });
});

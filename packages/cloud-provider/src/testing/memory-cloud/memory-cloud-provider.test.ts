import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import type { CallContext } from '../../cloud/call-context.ts';
import type { NodeRef } from '../../cloud/instances.ts';
import type { Wish } from '../../cloud/load-balancer-kind.ts';
import { clusterStampKey } from '../../cloud/ownership.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { directGate } from '../direct-gate.ts';
import { FakeClock } from '../fake-clock.ts';
import { embeddedTransport } from './client/embedded-transport.ts';
import { httpTransport } from './client/http-transport.ts';
import { MemoryClient } from './client/memory-client.ts';
import { startCloudServer } from './cloud/http-server.ts';
import { MemoryCloud } from './cloud/memory-cloud.ts';
import type { CloudSettings } from './cloud/settings.ts';
import type { MemoryLBDesired } from './load-balancers/memory-lb/desired.ts';
import { memoryLB } from './load-balancers/memory-lb/memory-lb.ts';
import type { MemoryLBObserved } from './load-balancers/memory-lb/observe.ts';
import {
  testBackend,
  testCluster,
  testRequest,
  testService,
  testServiceUID,
} from './load-balancers/memory-lb/test-services.ts';
import { memoryCloudProvider } from './memory-cloud-provider.ts';
import { memoryRoutes } from './routes/memory-routes.ts';

const call: CallContext = {
  signal: new AbortController().signal,
  timeout: Duration.seconds(10),
  freshness: 'live',
  priority: 'change',
};
const consistencyWindow = Duration.seconds(5);
const factsMaxAge = Duration.minutes(10);

async function setUp(way: 'embedded' | 'http', settings: Partial<CloudSettings> = {}) {
  const clock = new FakeClock();
  const cloud = new MemoryCloud({ clock, ownerTag: clusterStampKey, settings });
  const server = way === 'http' ? await startCloudServer(cloud) : undefined;
  const transport = server ? httpTransport(server.endpoint) : embeddedTransport(cloud);
  const gate = directGate();
  const scope = cloud.location;
  const client = new MemoryClient({ transport, gate, clock, scope, clusterUID: testCluster.uid });
  const provider = memoryCloudProvider({ transport })
    .configure({ file: undefined, environment: {}, allowUntaggedCloud: 'no', clusterName: 'kubernetes' })
    .connect({ cluster: testCluster, gate, clock, logger: silentLogger });
  const balancers = memoryLB({ client, clock, consistencyWindow, factsMaxAge });
  const routes = memoryRoutes({ client, clock, cluster: testCluster, factsMaxAge });
  return {
    clock,
    cloud,
    gate,
    provider,
    balancers,
    routes,
    async [Symbol.asyncDispose]() {
      await provider.close();
      await server?.[Symbol.asyncDispose]();
    },
  };
}

type TestBed = Awaited<ReturnType<typeof setUp>>;

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

const node = (name: string, providerID = ''): NodeRef => ({
  name,
  uid: `uid-${name}`,
  providerID,
  labels: {},
  annotations: {},
});

describe.each(['embedded', 'http'] as const)('the provider over %s', (way) => {
  describe('machines', () => {
    it('finds them by name and by id with one request, and tells everything that a Node needs', async () => {
      await using bed = await setUp(way);
      const one = bed.cloud.operator.launch({ name: 'n1', zone: 'memory-1a', hasPublicIP: 'yes' });
      const two = bed.cloud.operator.launch({ name: 'n2', zone: 'memory-1b' });
      bed.cloud.operator.stop(two.id);
      const nodes = [node('n1'), node('n2', `memory:///memory-1b/${two.id}`)];
      const views = await bed.provider.instances?.describe(nodes, 'metadata', call);
      expect(views?.get('n1')).toEqual({
        kind: 'present',
        state: 'running',
        metadata: {
          providerID: `memory:///memory-1a/${one.id}`,
          instanceType: 'standard-2',
          addresses: [
            { type: 'InternalIP', address: one.privateIP },
            { type: 'ExternalIP', address: one.publicIP },
            { type: 'InternalDNS', address: one.privateDNS },
          ],
          zone: 'memory-1a',
          region: 'memory-1',
          additionalLabels: { 'topology.memory-cloud/host': one.host },
        },
      });
      expect(views?.get('n2')).toMatchObject({ kind: 'present', state: 'stopped' });
      expect(bed.gate.calls).toHaveLength(1);
      expect(bed.cloud.log.counts()).toEqual({ DescribeInstances: { accepted: 1, throttled: 0, failed: 0 } });
    });

    it('says absent only on a positive statement about that very machine', async () => {
      await using bed = await setUp(way);
      const { operator } = bed.cloud;
      const ended = operator.launch({ name: 'ended', zone: 'memory-1a' });
      const replaced = operator.launch({ name: 'replaced', zone: 'memory-1a' });
      operator.terminate(ended.id);
      operator.terminate(replaced.id);
      const successor = operator.launch({ name: 'replaced', zone: 'memory-1a' });
      const twins = [1, 2].map(() => operator.launch({ name: 'twin', zone: 'memory-1a' }).id);
      const nodes = [
        node('ended', `memory:///memory-1a/${ended.id}`),
        node('gone', 'memory:///memory-1a/m-0123'),
        node('unheard'),
        node('replaced', `memory:///memory-1a/${replaced.id}`),
        node('twin'),
        node('elsewhere', 'other:///x/y'),
        node('garbled', 'memory:///memory-1a'),
      ];
      const views = await bed.provider.instances?.describe(nodes, 'existence', call);
      expect(views?.get('ended')).toMatchObject({
        kind: 'absent',
        evidence: { operation: 'DescribeInstances', requestId: 'req-1' },
      });
      expect(views?.get('gone')).toMatchObject({
        kind: 'absent',
        evidence: { operation: 'GetInstance', statement: 'there is no instance m-0123' },
      });
      expect(views?.get('unheard')).toMatchObject({ kind: 'absent', evidence: { operation: 'GetInstanceByName' } });
      expect(views?.get('replaced')).toEqual({ kind: 'replaced', providerID: `memory:///memory-1a/${successor.id}` });
      expect(views?.get('twin')).toEqual({ kind: 'ambiguous', ids: twins });
      expect(views?.get('elsewhere')).toEqual({ kind: 'foreign' });
      expect(views?.get('garbled')).toMatchObject({ kind: 'unknown', reason: { code: 'Invalid' } });
    });

    it('never takes a partial list, a refusal or silence for absence', async () => {
      await using bed = await setUp(way);
      const ids = ['n1', 'n2'].map((name) => bed.cloud.operator.launch({ name, zone: 'memory-1a' }).id);
      const nodes = ids.map((id, index) => node(`n${index + 1}`, `memory:///memory-1a/${id}`));
      bed.cloud.faults.add({ effect: { kind: 'omit', every: 1 } });
      const partial = await bed.provider.instances?.describe(nodes, 'existence', call);
      expect([...(partial?.values() ?? [])].map((view) => view.kind)).toEqual(['present', 'present']);

      bed.cloud.configure({ denied: ['GetInstance'] });
      const denied = await bed.provider.instances?.describe(nodes, 'existence', call);
      expect(denied?.get('n1')).toMatchObject({ kind: 'unknown', reason: { code: 'Denied' } });

      bed.cloud.faults.clear();
      bed.cloud.faults.add({ effect: { kind: 'throttle', retryAfter: Duration.seconds(3) } });
      await expect(bed.provider.instances?.describe(nodes, 'existence', call)).rejects.toMatchObject({
        code: 'Throttled',
        details: { retryAfter: Duration.seconds(3) },
      });
    });

    it('gives up when no answer comes within the time of the call', async () => {
      await using bed = await setUp(way);
      bed.cloud.faults.add({ effect: { kind: 'loseReply', how: 'silence' } });
      const asked = bed.provider.probe(call);
      const failure = expect(asked).rejects.toMatchObject({ code: 'Unavailable', isOutcomeUnknown: true });
      await new Promise<void>((resolve) => {
        bed.cloud.log.onCall(() => resolve());
      });
      await bed.clock.advance(call.timeout);
      await failure;
    });
  });

  describe('load balancers', () => {
    const backends = (cloud: MemoryCloud, names: readonly string[]) =>
      names.map((name) => testBackend(name, cloud.operator.launch({ name, zone: 'memory-1a' }).id));

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

  describe('routes', () => {
    const table = 'route-table/rt-main';
    const ranges = ['10.244.0.0/16'];

    it('are made, moved and deleted in batches, those of others are left alone', async () => {
      await using bed = await setUp(way);
      const { routes, cloud } = bed;
      const facts = await routes.facts(call);
      expect(routes.tables(facts)).toEqual([table]);
      const machines = Array.from({ length: 250 }, (_, index) =>
        cloud.operator.launch({ name: `n${index}`, zone: 'memory-1a' }),
      );
      cloud.operator.plantRoute({ cidr: '192.168.7.0/24', instanceID: machines[0]!.id, tags: {} }, 'a person');
      cloud.operator.plantRoute({ cidr: '10.244.255.0/24', instanceID: machines[0]!.id, tags: {} }, 'a person');
      const desired = machines.map(({ id, name }, index) => ({
        node: name,
        providerID: `memory:///memory-1a/${id}`,
        cidr: `10.244.${index}.0/24`,
        addresses: [],
      }));
      const run = async (wanted: typeof desired) => {
        const observed = await routes.observe(table, facts, call);
        const plan = routes.plan(wanted, observed, ranges);
        let folded = observed;
        for (const operation of plan.operations) {
          const result = await routes.apply(operation, folded, call);
          expect(result).toEqual({ kind: 'done', outputs: {} });
          folded = routes.fold(folded, operation, {});
        }
        expect(await routes.observe(table, facts, call)).toEqual(folded);
        return plan;
      };
      expect((await run(desired)).operations.map(({ verb }) => verb)).toEqual(['create', 'create', 'create']);
      expect((await run(desired)).operations).toEqual([]);
      const moved = [{ ...desired[0]!, providerID: desired[1]!.providerID }, ...desired.slice(2)];
      expect((await run(moved)).operations.map(({ verb }) => verb)).toEqual(['delete', 'update']);
      expect(cloud.snapshot().routes).toHaveLength(251);
      const taken = { ...desired[0]!, cidr: '10.244.255.0/24', providerID: desired[1]!.providerID };
      const observed = await routes.observe(table, facts, call);
      expect(routes.plan([...moved, taken], observed, ranges)).toMatchObject({
        operations: [],
        next: { kind: 'blocked' },
      });
      expect(cloud.foreignWrites).toEqual([]);
    });

    it('survive a lost answer without failing and without a second write of the same', async () => {
      await using bed = await setUp(way);
      const { routes, cloud } = bed;
      const { id } = cloud.operator.launch({ name: 'n1', zone: 'memory-1a' });
      const desired = [{ node: 'n1', providerID: `memory:///memory-1a/${id}`, cidr: '10.244.1.0/24', addresses: [] }];
      const observed = await routes.observe(table, await routes.facts(call), call);
      const [create] = routes.plan(desired, observed, ranges).operations;
      cloud.faults.add({ effect: { kind: 'loseReply', how: 'reset' }, match: { kind: 'write' }, times: 1 });
      await expect(routes.apply(create!, observed, call)).rejects.toMatchObject({ code: 'Unavailable' });
      expect(await routes.apply(create!, observed, call)).toEqual({ kind: 'done', outputs: {} });
      expect(cloud.snapshot().routes).toHaveLength(1);
    });
  });
});

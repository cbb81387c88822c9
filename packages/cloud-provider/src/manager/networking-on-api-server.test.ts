import { describe, expect, it } from '@jest/globals';
import type { Node } from '../api/node.ts';
import { parseCidr } from '../base/cidr.ts';
import { systemClock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import { clusterStampKey } from '../cloud/ownership.ts';
import { connectKubeClient } from '../kube/client/connect.ts';
import { createEventRecorder } from '../kube/events/event-recorder.ts';
import { createInformer } from '../kube/informer/informer.ts';
import { nodes } from '../kube/resources.ts';
import { OperationLog } from '../reconcile/operation-log.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { MetricRegistry } from '../telemetry/metrics.ts';
import { startApiServer } from '../testing/api-server/api-server.ts';
import { directGate } from '../testing/direct-gate.ts';
import { embeddedTransport } from '../testing/memory-cloud/client/embedded-transport.ts';
import { MemoryCloud } from '../testing/memory-cloud/cloud/memory-cloud.ts';
import { memoryCloudProvider } from '../testing/memory-cloud/memory-cloud-provider.ts';
import { NodeIpamController } from '../controllers/node-ipam/node-ipam-controller.ts';
import { RangeAllocator } from '../controllers/node-ipam/range-allocator.ts';
import { RouteController } from '../controllers/route/route-controller.ts';

const clock = systemClock;
const userAgent = 'networking/test';
const clusterCIDRs = ['10.244.0.0/16', 'fd00:10::/48'].map(parseCidr).filter((cidr) => cidr !== undefined);

/** Both controllers of the network between an API server and a cloud, all of them real but for the wires. */
async function setUp() {
  await using starting = new AsyncDisposableStack();
  const apiServer = starting.use(await startApiServer());
  const cloud = new MemoryCloud({
    clock,
    ownerTag: clusterStampKey,
    settings: { latency: Duration.milliseconds(2), updating: Duration.milliseconds(5) },
  });
  const client = await connectKubeClient({ master: apiServer.url, userAgent, clock });
  starting.defer(() => client.close());
  const cluster = { uid: apiServer.store.get('namespaces', 'kube-system')?.metadata.uid ?? '', name: 'kubernetes' };
  const provider = memoryCloudProvider({ transport: embeddedTransport(cloud) })
    .configure({ file: undefined, environment: {}, allowUntaggedCloud: 'no', clusterName: cluster.name })
    .connect({ cluster, clock, gate: directGate(), logger: silentLogger });
  starting.defer(() => provider.close());
  const { routes } = provider;
  if (!routes) throw new Error('the memory cloud has routes');

  const stop = new AbortController();
  const metrics = new MetricRegistry();
  const informer = createInformer(client, nodes, { clock, metrics, logger: silentLogger });
  informer.start(stop.signal);
  const shared = { client, clock, metrics, logger: silentLogger, nodes: informer };
  const recorder = (component: string) =>
    createEventRecorder({ client, clock, metrics, logger: silentLogger, component, instance: 'test' });
  const recorders = { route: recorder('route_controller'), ipam: recorder('cidrAllocator') };
  const controllers = [
    new RouteController({
      ...shared,
      routes,
      clusterCIDRs,
      recorder: recorders.route,
      operations: new OperationLog(clock),
      settleTime: Duration.milliseconds(50),
    }),
    new NodeIpamController({
      ...shared,
      recorder: recorders.ipam,
      allocator: new RangeAllocator({
        metrics,
        serviceCIDRs: [],
        ranges: clusterCIDRs.map((cidr) => ({ cidr, nodePrefix: cidr.family === 'IPv4' ? 24 : 64 })),
      }),
    }),
  ];
  const life = { stopping: stop.signal, aborting: stop.signal };
  const runs = controllers.map((controller) => controller.run(life));
  starting.defer(async () => {
    stop.abort(new Error('the test is over'));
    await Promise.all(runs);
  });
  const running = starting.move();
  return { apiServer, cloud, informer, recorders, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

type World = Awaited<ReturnType<typeof setUp>>;

/** Resolves with the first state of the nodes that is as described. */
function until({ informer }: World, isSo: (objects: readonly Node[]) => boolean): Promise<readonly Node[]> {
  return new Promise((resolve) => {
    const check = (): void => {
      const objects = [...informer.store.list()];
      if (isSo(objects)) resolve(objects);
    };
    informer.addHandler({ onAdd: check, onUpdate: check, onDelete: check });
    check();
  });
}

function join({ apiServer, cloud }: World, name: string): void {
  const { id } = cloud.operator.launch({ name, zone: 'a' });
  apiServer.store.create('nodes', { metadata: { name }, spec: { providerID: `memory:///a/${id}` } });
}

function networkOf(node: Node): string {
  const condition = node.status.conditions.find(({ type }) => type === 'NetworkUnavailable');
  return `${condition?.status} ${condition?.reason}`;
}

describe('the controllers of the network on an API server and a cloud', () => {
  it('give nodes ranges and routes, and take both back', async () => {
    await using world = await setUp();
    const { apiServer, cloud } = world;
    const vpn = cloud.operator.launch({ name: 'vpn', zone: 'a' });
    cloud.operator.plantRoute({ cidr: '10.244.200.0/24', instanceID: vpn.id, tags: {} }, 'a person');
    const names = Array.from({ length: 20 }, (_, index) => `node-${index}`);
    for (const name of names) join(world, name);
    const served = await until(
      world,
      (all) => all.length === 20 && all.every((node) => networkOf(node) === 'False RouteCreated'),
    );
    const ranges = served.flatMap(({ spec }) => spec.podCIDRs);
    expect(new Set(ranges).size).toBe(40);
    expect(
      cloud
        .snapshot()
        .routes.map(({ cidr }) => cidr)
        .sort(),
    ).toEqual([...ranges, '10.244.200.0/24'].sort());
    for (const name of names) {
      const writes = apiServer.log.find({ resource: 'nodes', name, userAgent });
      expect(writes.map(({ verb, subresource }) => `${verb} ${subresource}`)).toEqual(['patch ', 'patch status']);
    }
    expect(apiServer.store.get('nodes', 'node-0')?.spec).toMatchObject({ podCIDR: ranges[0] });

    const stop = Promise.withResolvers<void>();
    cloud.log.onCall(({ operation }) => operation === 'DeleteRoutes' && stop.resolve());
    apiServer.store.delete('nodes', 'node-7');
    await stop.promise;
    await until(world, (all) => all.length === 19);
    expect(cloud.snapshot().routes).toHaveLength(39);
    expect(cloud.foreignWrites).toEqual([]);
  }, 30_000);

  it('say on the node, in an Event of their source, what is in the way', async () => {
    await using world = await setUp();
    const { apiServer, cloud, recorders } = world;
    const vpn = cloud.operator.launch({ name: 'vpn', zone: 'a' });
    cloud.operator.plantRoute({ cidr: '10.244.0.0/24', instanceID: vpn.id, tags: {} }, 'a person');
    join(world, 'a');
    await until(world, (all) => all.some((node) => networkOf(node) === 'True NoRouteCreated'));
    await recorders.route.flush(Duration.seconds(5));
    expect([...apiServer.store.list('events')]).toMatchObject([
      {
        reason: 'FailedToCreateRoute',
        type: 'Warning',
        reportingComponent: 'route_controller',
        involvedObject: { kind: 'Node', apiVersion: 'v1', name: 'a' },
      },
    ]);
    expect(cloud.foreignWrites).toEqual([]);
  }, 30_000);
});

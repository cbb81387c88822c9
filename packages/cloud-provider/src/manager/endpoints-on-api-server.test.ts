import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import { clusterStampKey } from '../cloud/ownership.ts';
import { connectKubeClient } from '../kube/client/connect.ts';
import type { KubeClient } from '../kube/client/kube-client.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { MetricRegistry } from '../telemetry/metrics.ts';
import { startApiServer } from '../testing/api-server/api-server.ts';
import { embeddedTransport } from '../testing/memory-cloud/client/embedded-transport.ts';
import { MemoryCloud } from '../testing/memory-cloud/cloud/memory-cloud.ts';
import { memoryCloudProvider } from '../testing/memory-cloud/memory-cloud-provider.ts';
import { Manager } from './manager.ts';

const userAgent = 'endpoints/test';

/** A manager between an API server and a cloud, whose load balancers follow what the option says. */
async function setUp(backends: 'nodes' | 'endpoints') {
  await using starting = new AsyncDisposableStack();
  const server = starting.use(await startApiServer());
  const cloud = new MemoryCloud({ clock: systemClock, ownerTag: clusterStampKey });
  const client = await connectKubeClient({ master: server.url, userAgent, clock: systemClock });
  starting.defer(() => client.close());
  const asked = new Set<string>();
  const listening = listeningTo(client, asked);
  const factory = memoryCloudProvider({ transport: embeddedTransport(cloud), backends });
  const manager = Manager.start({
    version: '1.2.3',
    identity: 'one',
    client: listening,
    provider: factory.configure({
      file: undefined,
      environment: {},
      allowUntaggedCloud: 'no',
      clusterName: 'kubernetes',
    }),
    providerName: factory.name,
    clusterName: 'kubernetes',
    controllers: ['service-lb-controller'],
    leadership: 'off',
    settings: {
      nodeStatusUpdateFrequency: Duration.minutes(5),
      concurrentServiceSyncs: undefined,
      loadBalancerClasses: { names: ['example.org/ours'], unnamed: 'ours' },
    },
    clock: systemClock,
    logger: silentLogger,
    metrics: new MetricRegistry(),
  });
  starting.defer(async () => {
    await manager.stop();
  });
  const running = starting.move();
  return { server, cloud, asked, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** The client, which notes the plural of whatever is listed or watched. */
function listeningTo(client: KubeClient, asked: Set<string>): KubeClient {
  return {
    get: client.get.bind(client),
    list: (resource, options) => {
      asked.add(resource.plural);
      return client.list(resource, options);
    },
    watch: (resource, options) => {
      asked.add(resource.plural);
      return client.watch(resource, options);
    },
    create: client.create.bind(client),
    patch: client.patch.bind(client),
    delete: client.delete.bind(client),
    raw: client.raw.bind(client),
    close: client.close.bind(client),
  };
}

type World = Awaited<ReturnType<typeof setUp>>;

function join({ cloud, server }: World, name: string): void {
  const { id } = cloud.operator.launch({ name, zone: 'memory-1a' });
  server.store.create('nodes', { metadata: { name }, spec: { providerID: `memory:///memory-1a/${id}` } });
}

/** The names of the machines behind the only load balancer. */
function backendsOf({ cloud }: World): string {
  const { instances, loadBalancers } = cloud.snapshot();
  const [balancer] = loadBalancers;
  if (!balancer) return 'none';
  return balancer.backends
    .map((id) => instances.find((machine) => machine.id === id)?.name ?? id)
    .sort()
    .join();
}

async function until(condition: () => boolean, what: () => string): Promise<void> {
  const end = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`still waiting for: ${what()}`);
    await systemClock.sleep(Duration.milliseconds(10));
  }
}

function createService({ server }: World, policy: 'Cluster' | 'Local'): void {
  server.store.create('services', {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      type: 'LoadBalancer',
      loadBalancerClass: 'example.org/ours',
      ports: [{ port: 80 }],
      externalTrafficPolicy: policy,
    },
  });
}

function endpoint(nodeName: string, ready: boolean): object {
  return { addresses: ['10.1.0.1'], nodeName, conditions: { ready, serving: ready, terminating: false } };
}

describe('a manager whose load balancers go by endpoints', () => {
  it('sends traffic of the policy Local only where pods are ready', async () => {
    await using world = await setUp('endpoints');
    const { server } = world;
    for (const name of ['a', 'b', 'c']) join(world, name);
    server.store.create('endpointslices', {
      metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      endpoints: [endpoint('a', true), endpoint('b', false)],
      ports: [{ name: 'http', port: 8080 }],
    });
    createService(world, 'Local');
    await until(
      () => backendsOf(world) === 'a',
      () => `a alone, not ${backendsOf(world)}`,
    );
    server.store.patch('endpointslices', 'web-1', { endpoints: [endpoint('a', false), endpoint('b', true)] });
    await until(
      () => backendsOf(world) === 'b',
      () => `b alone, not ${backendsOf(world)}`,
    );
    await until(
      () => (server.store.get('services', 'web')?.status?.loadBalancer?.ingress ?? []).length === 1,
      () => 'the address',
    );
    expect([...world.asked].sort()).toEqual(['endpointslices', 'nodes', 'services']);
    expect(server.store.get('services', 'web')?.status?.conditions ?? []).toEqual([]);
  }, 120_000);
});

describe('a manager whose load balancers go by nodes', () => {
  it('does not even look at EndpointSlices', async () => {
    await using world = await setUp('nodes');
    for (const name of ['a', 'b']) join(world, name);
    createService(world, 'Local');
    await until(
      () => backendsOf(world) === 'a,b',
      () => `both, not ${backendsOf(world)}`,
    );
    expect([...world.asked].sort()).toEqual(['nodes', 'services']);
  }, 120_000);
});

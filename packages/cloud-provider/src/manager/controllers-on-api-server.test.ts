import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import { clusterStampKey } from '../cloud/ownership.ts';
import { connectKubeClient } from '../kube/client/connect.ts';
import { type Informer, createInformer } from '../kube/informer/informer.ts';
import { nodes, services } from '../kube/resources.ts';
import type { KubernetesObject } from '../api/object-meta.ts';
import { OperationLog } from '../reconcile/operation-log.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { MetricRegistry } from '../telemetry/metrics.ts';
import { startApiServer } from '../testing/api-server/api-server.ts';
import { directGate } from '../testing/direct-gate.ts';
import { embeddedTransport } from '../testing/memory-cloud/client/embedded-transport.ts';
import { MemoryCloud } from '../testing/memory-cloud/cloud/memory-cloud.ts';
import { memoryCloudProvider } from '../testing/memory-cloud/memory-cloud-provider.ts';
import { NodeController } from '../controllers/node/node-controller.ts';
import { ServiceController } from '../controllers/service/service-controller.ts';
import { TestRecorder } from '../controllers/test-cluster.ts';

const clock = systemClock;
const userAgent = 'controllers/test';
const uninitialized = { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' };

/** Both controllers between an API server and a cloud, all of them real but for the wires between machines. */
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
  const { instances, loadBalancers } = provider;
  if (!instances || !loadBalancers) throw new Error('the memory cloud has both');

  const stop = new AbortController();
  const metrics = new MetricRegistry();
  const informerOptions = { clock, metrics, logger: silentLogger };
  const informers = {
    nodes: createInformer(client, nodes, informerOptions),
    services: createInformer(client, services, informerOptions),
  };
  informers.nodes.start(stop.signal);
  informers.services.start(stop.signal);
  const recorder = new TestRecorder();
  const operations = new OperationLog(clock);
  const shared = { client, recorder, operations, clock, metrics, logger: silentLogger };
  const controllers = [
    new NodeController({ ...shared, instances, nodes: informers.nodes }),
    new ServiceController({
      ...shared,
      cluster,
      nodes: informers.nodes,
      services: informers.services,
      kinds: loadBalancers,
      nodeSettleTime: Duration.milliseconds(50),
    }),
  ];
  const life = { stopping: stop.signal, aborting: stop.signal };
  const runs = controllers.map((controller) => controller.run(life));
  starting.defer(async () => {
    stop.abort(new Error('the test is over'));
    await Promise.all(runs);
  });
  const running = starting.move();
  return { apiServer, cloud, informers, recorder, operations, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Resolves with the first state of the informer's objects that is as described. */
function until<T extends KubernetesObject>(
  informer: Informer<T>,
  isSo: (objects: readonly T[]) => boolean,
): Promise<readonly T[]> {
  return new Promise((resolve) => {
    const check = (): void => {
      const objects = [...informer.store.list()];
      if (isSo(objects)) resolve(objects);
    };
    informer.addHandler({ onAdd: check, onUpdate: check, onDelete: check });
    check();
  });
}

/** Resolves when an operation on the cloud leaves it as described. */
function untilCloud(
  bench: Awaited<ReturnType<typeof setUp>>,
  isSo: (cloud: ReturnType<MemoryCloud['snapshot']>) => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (isSo(bench.cloud.snapshot())) resolve();
    };
    bench.operations.onRecord(check);
    check();
  });
}

describe('both controllers on an API server and a cloud', () => {
  it('lead a cluster from its first node to its last Service', async () => {
    await using bench = await setUp();
    const { apiServer, cloud, informers } = bench;
    const names = Array.from({ length: 30 }, (_, index) => `node-${index}`);
    for (const name of names) {
      cloud.operator.launch({ name, zone: 'a' });
      apiServer.store.create('nodes', {
        metadata: { name },
        spec: { taints: [uninitialized] },
        status: { addresses: [{ type: 'Hostname', address: name }] },
      });
    }
    for (const name of ['web', 'api']) {
      apiServer.store.create('services', { metadata: { name }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } });
    }

    const initialised = await until(
      informers.nodes,
      (all) => all.length === 30 && all.every(({ spec }) => !spec.taints.some(({ key }) => key === uninitialized.key)),
    );
    expect(initialised.every(({ spec }) => spec.providerID.startsWith('memory:///'))).toBe(true);
    for (const name of names) {
      const writes = apiServer.log.find({ resource: 'nodes', name, userAgent });
      expect(writes.map(({ verb, subresource }) => `${verb} ${subresource}`)).toEqual(['patch status', 'patch ']);
    }
    await untilCloud(
      bench,
      ({ loadBalancers }) =>
        loadBalancers.length === 2 && loadBalancers.every(({ backends }) => backends.length === 30),
    );
    await until(
      informers.services,
      (all) => all.filter(({ status }) => status.loadBalancer.ingress.length > 0).length === 2,
    );

    apiServer.store.delete('nodes', 'node-7');
    await untilCloud(bench, ({ loadBalancers }) => loadBalancers.every(({ backends }) => backends.length === 29));

    apiServer.store.delete('services', 'web');
    await until(informers.services, (all) => !all.some(({ metadata }) => metadata.name === 'web'));
    expect(cloud.snapshot().loadBalancers.map(({ tags }) => tags['kubernetes.io/service-name'])).toEqual([
      'default/api',
    ]);
    expect(bench.recorder.reasons('default/web').slice(-2)).toEqual([
      'Normal DeletingLoadBalancer',
      'Normal DeletedLoadBalancer',
    ]);
    expect(cloud.foreignWrites).toEqual([]);
    expect(apiServer.log.find({ resource: 'services', name: 'web', userAgent }).length).toBe(3);
  }, 30_000);
});

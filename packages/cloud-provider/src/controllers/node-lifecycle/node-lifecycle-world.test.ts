import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { clusterStampKey } from '../../cloud/ownership.ts';
import { connectKubeClient } from '../../kube/client/connect.ts';
import { createEventRecorder } from '../../kube/events/event-recorder.ts';
import { createInformer } from '../../kube/informer/shared-informer.ts';
import { nodes as nodeResource } from '../../kube/resources.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { type ApiServer, startApiServer } from '../../testing/api-server/api-server.ts';
import { directGate } from '../../testing/direct-gate.ts';
import { embeddedTransport } from '../../testing/memory-cloud/client/embedded-transport.ts';
import { MemoryCloud } from '../../testing/memory-cloud/cloud/memory-cloud.ts';
import { memoryCloudProvider } from '../../testing/memory-cloud/memory-cloud-provider.ts';
import type { DeletionLimits } from './deletion-limits.ts';
import { NodeLifecycleController } from './node-lifecycle-controller.ts';

/** The guard's habits, at a pace that a test can wait for. */
const quickLimits: DeletionLimits = {
  confirmAfter: Duration.milliseconds(100),
  minimumAge: Duration.milliseconds(200),
  perMinute: { nodes: 20, percent: 10 },
  breaker: {
    allowance: { nodes: 20, percent: 30 },
    window: Duration.milliseconds(1000),
    reviewPeriod: Duration.milliseconds(100),
    hold: Duration.milliseconds(1000),
  },
};

const monitorPeriod = Duration.milliseconds(25);
const uninitialized = { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' };

/** A real client and informer between an API server and a cloud, both in this process. */
class World implements AsyncDisposable {
  readonly server: ApiServer;
  readonly cloud = new MemoryCloud({ clock: systemClock, ownerTag: clusterStampKey });
  readonly controller: NodeLifecycleController;
  readonly #end = new AbortController();
  readonly #stack = new AsyncDisposableStack();

  static async open(): Promise<World> {
    const server = await startApiServer();
    const client = await connectKubeClient({ master: server.url, userAgent: 'test/1', clock: systemClock });
    return new World(server, client);
  }

  private constructor(server: ApiServer, client: Awaited<ReturnType<typeof connectKubeClient>>) {
    this.server = server;
    const clock = systemClock;
    const logger = silentLogger;
    const cluster = { uid: server.store.get('namespaces', 'kube-system')?.metadata.uid ?? '', name: 'kubernetes' };
    const provider = memoryCloudProvider({ transport: embeddedTransport(this.cloud) })
      .configure({ file: undefined, environment: {}, allowUntaggedCloud: 'no', clusterName: 'kubernetes' })
      .connect({ cluster, gate: directGate(), clock, logger });
    const informer = createInformer(client, nodeResource, { clock, logger });
    const component = 'cloud-node-lifecycle-controller';
    const recorder = createEventRecorder({ client, clock, logger, component, instance: 'test' });
    this.controller = new NodeLifecycleController({
      client,
      nodes: informer,
      instances: provider.instances!,
      scheme: provider.name,
      cluster,
      recorder,
      clock,
      logger,
      metrics: new MetricRegistry(),
      monitorPeriod,
      deletionLimits: quickLimits,
    });
    informer.start(this.#end.signal);
    const running = this.controller.run({ stopping: this.#end.signal, aborting: this.#end.signal });
    this.#stack.use(server);
    this.#stack.defer(() => client.close());
    this.#stack.defer(() => recorder.flush(Duration.seconds(2)));
    this.#stack.defer(() => running);
    this.#stack.defer(() => this.#end.abort());
  }

  /** A machine and its initialised Node. Returns the machine's id. */
  join(name: string, ready: 'True' | 'Unknown' = 'True'): string {
    const { id, zone } = this.cloud.operator.launch({ name, zone: 'memory-1a' });
    this.server.store.create('nodes', { metadata: { name }, spec: { providerID: `memory:///${zone}/${id}` } });
    this.tell(name, ready);
    return id;
  }

  /** What the kubelet, or the silence of it, makes of the Node. */
  tell(name: string, ready: 'True' | 'False' | 'Unknown'): void {
    const condition = { type: 'Ready', status: ready, lastTransitionTime: '2026-01-01T00:00:00Z' };
    this.server.store.patch('nodes', { name, subresource: 'status' }, { status: { conditions: [condition] } });
  }

  get names(): readonly string[] {
    return this.server.store.list('nodes').map(({ metadata }) => metadata.name ?? '');
  }

  hasTaint(name: string, key: string): boolean {
    return this.server.store.get('nodes', name)?.spec.taints?.some((taint) => taint.key === key) ?? false;
  }

  events(reason: string) {
    return this.server.store.list('events').filter((event) => event.reason === reason);
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    const end = performance.now() + 20_000;
    while (!condition()) {
      if (performance.now() > end) throw new Error(`still waiting for: ${what}`);
      await systemClock.sleep(Duration.milliseconds(5));
    }
  }

  /** Lets the controller look so many times more. */
  async passes(count: number): Promise<void> {
    const now = (): number => Number(this.controller.status().facts['passes']);
    const wanted = now() + count;
    await this.until(() => now() >= wanted, `${count} passes`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world[Symbol.asyncDispose]());

describe('a cluster whose machines come and go', () => {
  it('loses the Node of a machine that is gone, and says why by a request that the cloud knows', async () => {
    world.join('stays');
    const id = world.join('goes');
    await world.until(() => world.controller.status().facts['nodes'] === 2, 'the nodes to be known');
    world.cloud.operator.terminate(id);
    world.tell('goes', 'Unknown');
    await world.until(() => !world.names.includes('goes'), 'the Node to be deleted');
    expect(world.names).toEqual(['stays']);
    await world.until(() => world.events('DeletingNode').length > 0, 'the Event');
    const [event] = world.events('DeletingNode');
    expect(event).toMatchObject({
      type: 'Normal',
      reportingComponent: 'cloud-node-lifecycle-controller',
      involvedObject: { apiVersion: 'v1', kind: 'Node', name: 'goes' },
    });
    const requests = [...(event?.message ?? '').matchAll(/request (req-\d+)/g)].map(([, request]) => request);
    expect(requests).toHaveLength(2);
    const known = world.cloud.log.records.map(({ requestID }) => requestID);
    expect(known).toEqual(expect.arrayContaining(requests));
  });

  it('loses Nodes without providerID whose machines are gone, initialised or not', async () => {
    const { store } = world.server;
    store.create('nodes', { metadata: { name: 'never-came' }, spec: { taints: [uninitialized] } });
    store.create('nodes', { metadata: { name: 'old' } });
    const { id } = world.cloud.operator.launch({ name: 'old', zone: 'memory-1a' });
    world.cloud.operator.launch({ name: 'comes', zone: 'memory-1a' });
    store.create('nodes', { metadata: { name: 'comes' }, spec: { taints: [uninitialized] } });
    await world.until(() => world.names.join() === 'comes,old', 'the Node that never had a machine to be deleted');
    world.cloud.operator.terminate(id);
    await world.until(() => world.names.join() === 'comes', 'the old Node to be deleted');
  });

  it('marks stopped machines, and takes the mark back when they are up', async () => {
    const key = 'node.cloudprovider.kubernetes.io/shutdown';
    const id = world.join('a');
    world.cloud.operator.stop(id);
    world.tell('a', 'Unknown');
    await world.until(() => world.hasTaint('a', key), 'the taint');
    world.cloud.operator.start(id);
    world.tell('a', 'True');
    await world.until(() => !world.hasTaint('a', key), 'the taint to be gone');
    expect(world.names).toEqual(['a']);
  });

  it('stands still when 40 of 100 machines go missing, and goes on slowly when they have stayed away', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => world.join(`n${index}`));
    await world.until(() => world.controller.status().facts['nodes'] === 100, 'the nodes to be known');
    for (const id of ids.slice(0, 40)) world.cloud.operator.terminate(id);
    for (let index = 0; index < 40; index++) world.tell(`n${index}`, 'Unknown');
    const isOpen = (): boolean => world.controller.status().facts['deletionBreaker'] !== 'closed';
    await world.until(isOpen, 'the breaker to open');
    await world.until(() => world.events('NodeDeletionSuspended').length === 1, 'the Event');
    expect(world.names).toHaveLength(100);
    expect(world.events('NodeDeletionSuspended')[0]).toMatchObject({
      type: 'Warning',
      involvedObject: { kind: 'Namespace', name: 'kube-system' },
    });
    await world.until(() => !isOpen(), 'the breaker to close');
    await world.until(() => world.names.length === 80, 'the first 20 to go');
    await world.passes(10);
    expect(world.names).toHaveLength(80);
  });
});

describe('a cloud that can not be believed', () => {
  it('costs no Node by partial lists', async () => {
    for (let index = 0; index < 10; index++) world.join(`n${index}`, 'Unknown');
    world.cloud.faults.add({ effect: { kind: 'omit', every: 2 } });
    await world.passes(20);
    // Not even when there is no asking back.
    world.cloud.faults.add({ effect: { kind: 'unavailable' }, match: { operation: 'GetInstance' } });
    world.cloud.faults.add({ effect: { kind: 'deny' }, match: { operation: 'GetInstanceByName' } });
    await world.passes(20);
    expect(world.names).toHaveLength(10);
    expect(world.server.log.find({ verb: 'delete' })).toEqual([]);
  });

  it.each([
    ['throttles', { kind: 'throttle', retryAfter: Duration.milliseconds(10) }],
    ['denies', { kind: 'deny' }],
    ['is unavailable', { kind: 'unavailable' }],
    ['breaks connections', { kind: 'loseRequest' }],
    ['loses its answers', { kind: 'loseReply', how: 'reset' }],
  ] as const)('costs no Node while it %s, and afterwards only the right one', async (_name, effect) => {
    const id = world.join('gone', 'Unknown');
    world.join('there', 'Unknown');
    const disarm = world.cloud.faults.add({ effect });
    world.cloud.operator.terminate(id);
    await world.passes(20);
    expect(world.names).toEqual(['gone', 'there']);
    disarm();
    await world.until(() => world.names.length === 1, 'the Node of the machine that is gone to be deleted');
    await world.passes(10);
    expect(world.names).toEqual(['there']);
  });

  it('costs no Node while it shows an old state of a machine that was replaced under the name', async () => {
    const id = world.join('a', 'Unknown');
    world.cloud.operator.terminate(id);
    world.cloud.operator.launch({ name: 'a', zone: 'memory-1a' });
    await world.passes(20);
    expect(world.names).toEqual(['a']);
  });

  it('costs no Node of another cloud', async () => {
    world.server.store.create('nodes', { metadata: { name: 'edge' }, spec: { providerID: 'metal://rack-1' } });
    world.tell('edge', 'Unknown');
    await world.passes(20);
    expect(world.names).toEqual(['edge']);
    expect(world.cloud.log.records).toEqual([]);
  });
});

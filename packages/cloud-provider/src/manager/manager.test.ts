import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import { clusterStampKey } from '../cloud/ownership.ts';
import { defaultLeaderMigration } from '../config/leader-migration.ts';
import { connectKubeClient } from '../kube/client/connect.ts';
import type { KubeClient } from '../kube/client/kube-client.ts';
import { createLogger, silentLogger } from '../telemetry/logger.ts';
import { MetricRegistry } from '../telemetry/metrics.ts';
import { type ApiServer, startApiServer } from '../testing/api-server/api-server.ts';
import { embeddedTransport } from '../testing/memory-cloud/client/embedded-transport.ts';
import { MemoryCloud } from '../testing/memory-cloud/cloud/memory-cloud.ts';
import { memoryCloudProvider } from '../testing/memory-cloud/memory-cloud-provider.ts';
import { Manager, type ManagerOptions } from './manager.ts';

const uninitialized = { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' };

class World implements AsyncDisposable {
  readonly server: ApiServer;
  readonly cloud = new MemoryCloud({ clock: systemClock, ownerTag: clusterStampKey });
  readonly #clients: KubeClient[] = [];
  readonly #managers: Manager[] = [];

  constructor(server: ApiServer) {
    this.server = server;
  }

  async manager(identity: string, options: Partial<ManagerOptions> = {}): Promise<Manager> {
    const client = await connectKubeClient({ master: this.server.url, userAgent: 'test/1', clock: systemClock });
    this.#clients.push(client);
    const factory = memoryCloudProvider({ transport: embeddedTransport(this.cloud) });
    const manager = Manager.start({
      version: '1.2.3',
      identity,
      client,
      provider: factory.configure({
        file: undefined,
        environment: {},
        allowUntaggedCloud: 'no',
        clusterName: 'kubernetes',
      }),
      providerName: factory.name,
      clusterName: 'kubernetes',
      controllers: ['*'],
      leadership: {
        namespace: 'kube-system',
        name: 'cloud-controller-manager',
        leaseDuration: Duration.seconds(3),
        renewDeadline: Duration.seconds(2),
        retryPeriod: Duration.milliseconds(200),
      },
      settings: { nodeStatusUpdateFrequency: Duration.minutes(5), concurrentServiceSyncs: undefined },
      clock: systemClock,
      logger: silentLogger,
      metrics: new MetricRegistry(),
      ...options,
    });
    this.#managers.push(manager);
    return manager;
  }

  join(name: string): void {
    this.cloud.operator.launch({ name, zone: 'memory-1a' });
    this.server.store.create('nodes', { metadata: { name }, spec: { taints: [uninitialized] } });
  }

  isInitialized(name: string): boolean {
    const taints = this.server.store.get('nodes', name)?.spec.taints ?? [];
    return !taints.some((taint) => taint.key === uninitialized.key);
  }

  get holder(): string | undefined {
    const place = { namespace: 'kube-system', name: 'cloud-controller-manager' };
    return this.server.store.get('leases', place)?.spec.holderIdentity;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.start();
    await Promise.all(this.#managers.map((manager) => manager.stop()));
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.server[Symbol.asyncDispose]();
  }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`still waiting for: ${what}`);
    await systemClock.sleep(Duration.milliseconds(10));
  }
}

let world: World;

async function newWorld(): Promise<World> {
  world = new World(await startApiServer());
  return world;
}

afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

describe('Manager', () => {
  it('initialises nodes, is ready, tells what it does, and gives the lease back', async () => {
    const { server } = await newWorld();
    world.join('n1');
    const manager = await world.manager('one');
    await until(() => world.isInitialized('n1'), 'n1 to be initialised');
    await until(() => manager.readyz.report().healthy, 'readiness');
    const status = manager.status();
    expect(status).toMatchObject({ version: '1.2.3', provider: 'memory', notReady: [] });
    expect(status.leadership).toEqual({ state: 'leading', identity: 'one', leader: 'one' });
    expect(status.cluster?.uid).toBe(server.store.get('namespaces', 'kube-system')?.metadata.uid);
    expect(status.controllers.map((controller) => controller.name)).toEqual([
      'cloud-node-controller',
      'cloud-node-lifecycle-controller',
      'service-lb-controller',
      'orphan-controller',
    ]);
    await manager.stop();
    expect(await manager.ended).toEqual({ kind: 'stopped' });
    expect(world.holder).toBe('');
  });

  it('stays up without an API server, says why it is not ready, and goes on when there is one', async () => {
    const { server } = await newWorld();
    world.join('n1');
    await server.stop();
    const manager = await world.manager('one');
    await until(() => manager.status().notReady.some((reason) => reason.includes("can't be asked")), 'an explanation');
    expect(manager.readyz.report().healthy).toBe(false);
    expect(manager.livez.report().healthy).toBe(true);
    await server.start();
    await until(() => world.isInitialized('n1'), 'n1 to be initialised');
    await until(() => manager.readyz.report().healthy, 'readiness');
  });

  it('stays up without a cloud, says why it is not ready, and disturbs nothing', async () => {
    const { cloud } = await newWorld();
    cloud.configure({ denied: ['GetAccount'] });
    world.join('n1');
    const manager = await world.manager('one');
    await until(() => manager.status().notReady.some((reason) => reason.includes('the cloud')), 'an explanation');
    await until(() => world.isInitialized('n1'), 'n1 to be initialised, for that needs no such permission');
    expect(manager.readyz.report().healthy).toBe(false);
    cloud.configure({ denied: [] });
    await until(() => manager.readyz.report().healthy, 'readiness');
  });

  it('hands over at once when the leader stops in good order', async () => {
    await newWorld();
    const one = await world.manager('one');
    await until(() => world.holder === 'one', 'one to lead');
    const two = await world.manager('two');
    await until(() => two.status().leadership.leader === 'one', 'two to see the leader');
    expect(two.status().leadership.state).toBe('standby');
    expect(two.healthz.report().healthy).toBe(true);
    await one.stop();
    await until(() => world.holder === 'two', 'two to lead');
    world.join('n1');
    await until(() => world.isInitialized('n1'), 'n1 to be initialised by two');
  });

  it('lets work under way end before it gives the lease back', async () => {
    const { server, cloud } = await newWorld();
    world.join('n1');
    const manager = await world.manager('one');
    await until(() => world.isInitialized('n1'), 'n1 to be initialised');
    cloud.configure({ latency: Duration.milliseconds(300) });
    server.store.create('services', {
      metadata: { name: 'web' },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }], selector: { app: 'web' } },
    });
    await until(() => cloud.snapshot().loadBalancers.length > 0, 'the load balancer to be begun');
    await manager.stop();
    expect(await manager.ended).toEqual({ kind: 'stopped' });
    expect(server.store.get('services', 'web')?.status.loadBalancer.ingress).toHaveLength(1);
    expect(world.holder).toBe('');
  });

  it('gives a lease back that it took when it was told to stop already', async () => {
    const { server } = await newWorld();
    const slow = server.faults.delay({ resource: 'leases', verb: 'create' }, Duration.milliseconds(200));
    const manager = await world.manager('one');
    await until(() => slow.hits > 0, 'the lease to be taken');
    await manager.stop();
    expect(await manager.ended).toEqual({ kind: 'stopped' });
    expect(world.holder).toBe('');
  });

  it('asks the API server for nothing more once the lease is lost', async () => {
    const { server } = await newWorld();
    world.join('n1');
    const manager = await world.manager('one');
    await until(() => world.isInitialized('n1'), 'n1 to be initialised');
    const place = { namespace: 'kube-system', name: 'cloud-controller-manager' };
    server.store.patch('leases', place, { spec: { holderIdentity: 'thief' } });
    expect(await manager.ended).toEqual({ kind: 'leaseLost' });
    const notes = server.log.find({ resource: 'events' }).map(({ object }) => object['message']);
    expect(notes).toContain('one became leader');
    expect(notes).not.toContain('one stopped leading');
  });

  it('ends when the lease is lost', async () => {
    const { server } = await newWorld();
    const manager = await world.manager('one');
    await until(() => world.holder === 'one', 'one to lead');
    const lost = server.faults.unavailable({ resource: 'leases' });
    expect(await manager.ended).toEqual({ kind: 'leaseLost' });
    lost.remove();
  });

  it('runs without an election', async () => {
    await newWorld();
    world.join('n1');
    const manager = await world.manager('one', { leadership: 'off' });
    await until(() => world.isInitialized('n1'), 'n1 to be initialised');
    expect(manager.status().leadership.state).toBe('off');
    expect(world.holder).toBeUndefined();
    await manager.stop();
    expect(await manager.ended).toEqual({ kind: 'stopped' });
  });

  it('runs only the controllers that are switched on', async () => {
    await newWorld();
    world.join('n1');
    const manager = await world.manager('one', { controllers: ['*', '-cloud-node'], leadership: 'off' });
    await until(() => manager.readyz.report().healthy, 'readiness');
    expect(manager.status().controllers.map((controller) => controller.name)).toEqual([
      'cloud-node-lifecycle-controller',
      'service-lb-controller',
      'orphan-controller',
    ]);
    expect(world.isInitialized('n1')).toBe(false);
  });

  it('looks after one node alone, and knows of no other', async () => {
    const { server } = await newWorld();
    for (const name of ['n1', 'n2']) world.join(name);
    const metrics = new MetricRegistry();
    const manager = await world.manager('agent', {
      leadership: 'off',
      metrics,
      settings: { nodeStatusUpdateFrequency: Duration.minutes(5), concurrentServiceSyncs: undefined, nodeName: 'n2' },
    });
    await until(() => world.isInitialized('n2'), 'n2 to be initialised');
    await until(() => manager.readyz.report().healthy, 'readiness');
    expect(manager.status().controllers.map(({ name }) => name)).toEqual(['cloud-node-controller']);
    expect(await metrics.render()).toContain('ccm_informer_objects{resource="nodes"} 1\n');
    expect(world.holder).toBeUndefined();
    world.join('n3');
    server.store.delete('nodes', 'n2');
    server.store.create('nodes', { metadata: { name: 'n2' }, spec: { taints: [uninitialized] } });
    await until(() => world.isInitialized('n2'), 'its node to be initialised when it joins again');
    await manager.stop();
    expect(world.isInitialized('n1')).toBe(false);
    expect(world.isInitialized('n3')).toBe(false);
    expect(new Set(server.log.find({ resource: 'nodes', userAgent: 'test/1' }).map(({ name }) => name))).toEqual(
      new Set(['n2']),
    );
  });

  it('runs migrating controllers under a second lease, and ends when either is lost', async () => {
    const { server } = await newWorld();
    world.join('n1');
    const migration = { ...defaultLeaderMigration, leaderName: 'migration' };
    const place = { namespace: 'kube-system', name: 'migration' };
    const manager = await world.manager('one', { migration });
    await until(() => world.isInitialized('n1'), 'n1 to be initialised');
    await until(() => manager.status().controllers.length === 4, 'all controllers to run');
    expect(server.store.get('leases', place)?.spec.holderIdentity).toBe('one');
    await until(() => manager.readyz.report().healthy, 'readiness');
    server.store.patch('leases', place, { spec: { holderIdentity: 'another' } });
    expect(await manager.ended).toEqual({ kind: 'leaseLost' });
    expect(world.holder).toBe('');
  });

  it('gives both leases back when it stops, also while another manager holds the second', async () => {
    const { server } = await newWorld();
    const migration = { ...defaultLeaderMigration, leaderName: 'migration' };
    const place = { namespace: 'kube-system', name: 'migration' };
    const one = await world.manager('one', { migration });
    await until(() => server.store.get('leases', place)?.spec.holderIdentity === 'one', 'one to hold both');
    await one.stop();
    expect([world.holder, server.store.get('leases', place)?.spec.holderIdentity]).toEqual(['', '']);
    server.store.patch('leases', place, {
      spec: { holderIdentity: 'another', renewTime: '2100-01-01T00:00:00.000000Z', leaseDurationSeconds: 3600 },
    });
    const two = await world.manager('two', { migration });
    await until(() => two.status().controllers.length === 2, 'the controllers of the first lease to run');
    expect(two.status().controllers.map(({ name }) => name)).toEqual(['cloud-node-controller', 'orphan-controller']);
    await two.stop();
    expect(await two.ended).toEqual({ kind: 'stopped' });
    expect(server.store.get('leases', place)?.spec.holderIdentity).toBe('another');
  });

  it('writes nothing but its lease and Events when it only observes', async () => {
    const { server, cloud } = await newWorld();
    world.join('n1');
    server.store.create('services', {
      metadata: { name: 'web' },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }], selector: { app: 'web' } },
    });
    const lines: string[] = [];
    const sink = (line: string): void => void lines.push(line);
    const logger = createLogger({ format: 'text', level: 'info', clock: systemClock, sink });
    const manager = await world.manager('one', { mode: 'observe', logger });
    await until(
      () => lines.some((line) => line.includes('Would write') && line.includes('n1')),
      'the node to be dealt with',
    );
    await until(() => manager.status().operations.some(({ phase }) => phase === 'refused'), 'a plan for the Service');
    await manager.stop();
    const written = new Set(server.log.entries.map(({ resource }) => resource));
    expect([...written].filter((resource) => !['leases', 'events'].includes(resource))).toEqual([]);
    expect(world.isInitialized('n1')).toBe(false);
    expect(cloud.snapshot().loadBalancers).toEqual([]);
  });
});

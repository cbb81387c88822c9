import type { Node } from '../../api/node.ts';
import type { Service } from '../../api/service.ts';
import type { Duration } from '../../base/duration.ts';
import type { CloudCallGate } from '../../cloud/cloud-call-gate.ts';
import type { GuardPolicy } from '../../cloud/guard.ts';
import type { InventoryKind } from '../../cloud/inventory.ts';
import { clusterStampKey } from '../../cloud/ownership.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import { OperationLog } from '../../reconcile/operation-log.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { directGate } from '../../testing/direct-gate.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { embeddedTransport } from '../../testing/memory-cloud/client/embedded-transport.ts';
import { MemoryCloud } from '../../testing/memory-cloud/cloud/memory-cloud.ts';
import type { CloudSettings } from '../../testing/memory-cloud/cloud/settings.ts';
import {
  balancerName,
  serviceNameTag,
  serviceUIDTag,
} from '../../testing/memory-cloud/load-balancers/memory-lb/desired.ts';
import { testService } from '../../testing/memory-cloud/load-balancers/memory-lb/test-services.ts';
import { memoryCloudProvider } from '../../testing/memory-cloud/memory-cloud-provider.ts';
import { TestCluster, TestRecorder } from '../test-cluster.ts';
import { OrphanController } from './orphan-controller.ts';
import type { OrphanSettings } from './orphan-settings.ts';

export const testIdentity = { uid: 'cluster-blue', name: 'kubernetes' };

export interface OrphanBenchOptions extends OrphanSettings {
  readonly cloud?: Partial<CloudSettings>;
  readonly guard?: GuardPolicy;
  readonly gate?: CloudCallGate;
  /** Takes the place of what the cloud has. */
  readonly inventory?: readonly InventoryKind[];
}

/** An orphan controller between a memory cloud and a cluster, on a clock that a test moves. */
export function setUp(options: OrphanBenchOptions = {}) {
  const { cloud: settings = {}, gate = directGate(), guard, inventory, ...orphans } = options;
  const clock = new FakeClock();
  const cloud = new MemoryCloud({ clock, ownerTag: clusterStampKey, settings });
  const cluster = new TestCluster();
  const api: { state: 'up' | 'forbids' } = { state: 'up' };
  const recorder = new TestRecorder();
  const metrics = new MetricRegistry();
  const operations = new OperationLog(clock);
  const provider = memoryCloudProvider({ transport: embeddedTransport(cloud) })
    .configure({ file: undefined, environment: {}, allowUntaggedCloud: 'no', clusterName: 'kubernetes' })
    .connect({ cluster: testIdentity, gate, clock, logger: silentLogger });
  const controller = new OrphanController({
    ...orphans,
    client: {
      ...cluster.client,
      list: (resource, call) =>
        api.state === 'up'
          ? cluster.client.list(resource, call)
          : Promise.reject(new ApiError('no', { kind: 'forbidden', status: 403 })),
    },
    services: cluster.services,
    nodes: cluster.nodes,
    inventory: inventory ?? provider.inventory ?? [],
    cluster: testIdentity,
    guard: guard ?? { mode: 'run', isProtected: () => false },
    recorder,
    operations,
    clock,
    logger: silentLogger,
    metrics,
  });
  const stopping = new AbortController();
  const running = controller.run({ stopping: stopping.signal, aborting: stopping.signal });
  return {
    /** Whether the API server lets the controller read everything. */
    api,
    clock,
    cloud,
    cluster,
    controller,
    metrics,
    operations,
    recorder,
    balancers: (): readonly string[] => cloud.snapshot().loadBalancers.map(({ name }) => name),
    calls: (operation: string): number => cloud.log.records.filter((record) => record.operation === operation).length,
    /** Lets time pass until the controller has nothing more to do in it. */
    async pass(duration: Duration): Promise<void> {
      await clock.advance(duration);
      for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
    },
  };
}

export type OrphanBench = ReturnType<typeof setUp>;

/** A Service of that UID. */
export function serviceOf(uid: string, name = `of-${uid}`): Service {
  return testService({}, { uid, name });
}

/** A Node with that range for its pods. */
export function nodeWith(name: string, podCIDR: string): Node {
  return {
    metadata: { ...serviceOf(`uid-of-${name}`, name).metadata, namespace: '' },
    spec: { podCIDRs: [podCIDR], providerID: '', unschedulable: false, taints: [] },
    status: { conditions: [], addresses: [] },
  };
}

/** What a load balancer's tags say. */
export interface PlantedTags {
  /** @default our cluster */
  readonly stamp?: string | undefined;
  /** @default the UID that it is named after */
  readonly uid?: string | undefined;
  readonly name?: string | undefined;
}

/** Leaves a load balancer in the cloud that was made for the Service of a UID; the cloud counts it as the stamped cluster's. */
export function plant(cloud: MemoryCloud, uid: string, tags: PlantedTags = {}): string {
  const wanted = { stamp: testIdentity.uid, uid, name: `default/of-${uid}`, ...tags };
  const name = balancerName(uid);
  cloud.operator.plantLoadBalancer(
    {
      name,
      networkID: 'net-main',
      scheme: 'public',
      allowedRanges: ['0.0.0.0/0'],
      healthCheck: { protocol: 'tcp', port: 80, path: '' },
      listeners: [],
      backends: [],
      tags: {
        ...(wanted.stamp !== undefined && { [clusterStampKey]: wanted.stamp }),
        ...(wanted.uid !== undefined && { [serviceUIDTag]: wanted.uid }),
        ...(wanted.name !== undefined && { [serviceNameTag]: wanted.name }),
      },
    },
    wanted.stamp ?? 'somebody',
  );
  return name;
}

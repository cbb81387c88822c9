import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import { OperationLog } from '../../reconcile/operation-log.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { TestCluster, TestRecorder } from '../test-cluster.ts';
import { ServiceController } from './service-controller.ts';
import { testBackend } from './test-backend.ts';
import { TestKind, groupAnnotation, kindAnnotation, testPort, testService } from './test-kind.ts';

/** What may happen in a cluster. Names are few, so that things happen to the same objects again and again. */
type Step =
  | {
      readonly do: 'apply';
      readonly name: string;
      readonly port: number;
      readonly kind: string;
      readonly group: string;
    }
  | { readonly do: 'type'; readonly name: string; readonly type: string }
  | { readonly do: 'delete' | 'drop' | 'strip'; readonly name: string }
  | { readonly do: 'node' | 'remove node'; readonly name: string }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'restart' }
  | { readonly do: 'tamper'; readonly name: string }
  | { readonly do: 'trouble'; readonly cloud: number; readonly lost: number; readonly cluster: number };

const names = fc.constantFrom('a', 'b', 'c');
const common: fc.Arbitrary<Step>[] = [
  fc.record({
    do: fc.constant('apply' as const),
    name: names,
    port: fc.integer({ min: 1, max: 3 }),
    kind: fc.constantFrom('test', 'other'),
    group: fc.constantFrom('', 'shared', 'common', 'foreign'),
  }),
  fc.record({ do: fc.constant('type' as const), name: names, type: fc.constantFrom('ClusterIP', 'LoadBalancer') }),
  fc.record({ do: fc.constantFrom('delete' as const, 'strip' as const), name: names }),
  fc.record({ do: fc.constantFrom('node' as const, 'remove node' as const), name: names }),
  fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ do: fc.constant('tamper' as const), name: names }),
  fc.record({
    do: fc.constant('trouble' as const),
    cloud: fc.integer({ min: 0, max: 3 }),
    lost: fc.integer({ min: 0, max: 3 }),
    cluster: fc.integer({ min: 0, max: 3 }),
  }),
];
const drop: fc.Arbitrary<Step> = fc.record({ do: fc.constant('drop' as const), name: names });
const restart: fc.Arbitrary<Step> = fc.constant({ do: 'restart' });

/** Group, Service, listener. */
type Held = readonly [string, string, unknown];

class World implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly cluster = new TestCluster();
  readonly kinds = [new TestKind(), new TestKind('other', 'test/other')] as const;
  #uids = 0;
  #abort = new AbortController();
  #run: Promise<void> = Promise.resolve();
  #trouble = { cloud: 0, lost: 0, cluster: 0 };

  constructor() {
    for (const kind of this.kinds) {
      kind.cloud.set('foreign', { stamp: 'another cluster', listeners: new Map() });
      kind.onCall = () => {
        if (this.#trouble.cloud > 0 && this.#trouble.cloud--) throw new CloudError('Unavailable', 'down');
      };
      kind.afterWrite = () => {
        if (this.#trouble.lost > 0 && this.#trouble.lost--) throw new CloudError('Unknown', 'no answer');
      };
    }
    this.cluster.beforePatch = () => {
      if (this.#trouble.cluster > 0 && this.#trouble.cluster--)
        throw new ApiError('down', { kind: 'unavailable', status: 503 });
    };
    this.start();
  }

  start(): void {
    this.#abort = new AbortController();
    const controller = new ServiceController({
      client: this.cluster.client,
      services: this.cluster.services,
      nodes: this.cluster.nodes,
      kinds: this.kinds,
      cluster: { uid: 'cluster', name: 'kubernetes' },
      recorder: new TestRecorder(),
      operations: new OperationLog(this.clock),
      clock: this.clock,
      logger: silentLogger,
      metrics: new MetricRegistry(),
    });
    this.#run = controller.run({ stopping: this.#abort.signal, aborting: this.#abort.signal });
  }

  async stop(): Promise<void> {
    this.#abort.abort(new Error('stopped'));
    await this.#run;
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'apply':
        this.#apply(step);
        break;
      case 'type': {
        const service = this.cluster.service(`ns/${step.name}`);
        if (service) this.cluster.putService({ ...service, spec: { ...service.spec, type: step.type } });
        break;
      }
      case 'delete':
        this.cluster.deleteService(`ns/${step.name}`);
        break;
      case 'drop':
        this.cluster.dropService(`ns/${step.name}`);
        break;
      case 'strip': {
        const service = this.cluster.service(`ns/${step.name}`);
        if (!service || service.metadata.deletionTimestamp !== '') break;
        this.cluster.putService({ ...service, status: { loadBalancer: { ingress: [] }, conditions: [] } });
        break;
      }
      case 'node':
        this.cluster.putNode(testBackend(step.name));
        break;
      case 'remove node':
        this.cluster.removeNode(step.name);
        break;
      case 'wait':
        await this.clock.advance(Duration.seconds(step.seconds));
        break;
      case 'restart':
        await this.stop();
        this.start();
        break;
      case 'tamper':
        for (const { cloud } of this.kinds) cloud.get(this.#groupOf(step.name))?.listeners.clear();
        break;
      case 'trouble':
        this.#trouble = { cloud: step.cloud, lost: step.lost, cluster: step.cluster };
        break;
    }
    await this.clock.settle();
  }

  async heal(): Promise<void> {
    this.#trouble = { cloud: 0, lost: 0, cluster: 0 };
    for (let minute = 0; minute < 75; minute++) {
      await this.clock.advance(Duration.minutes(1));
      for (let turn = 0; turn < 10; turn++) await this.clock.settle();
    }
  }

  /** What each kind's cloud is to hold, from the Services and Nodes alone. */
  desired(): readonly (readonly Held[])[] {
    const backends = [...this.cluster.nodes.store.list()].map(({ spec }) => spec.providerID).sort();
    const services = [...this.cluster.services.store.list()].filter(({ spec }) => spec.type === 'LoadBalancer');
    return this.kinds.map((kind) =>
      services
        .filter((service) => kind.claims(service) && service.metadata.annotations[groupAnnotation] !== 'foreign')
        .map((service): Held => {
          const group = service.metadata.annotations[groupAnnotation] ?? `service/${service.metadata.uid}`;
          return [
            group,
            service.metadata.uid,
            { ports: service.spec.ports.map(({ port }) => port), backends },
          ] as const;
        })
        .sort(),
    );
  }

  present(): readonly (readonly Held[])[] {
    return this.kinds.map((kind) =>
      [...kind.cloud]
        .filter(([group]) => group !== 'foreign')
        .flatMap(([group, { listeners }]): Held[] => {
          if (listeners.size === 0) return [[group, 'nothing', {}]];
          return [...listeners].map(([uid, listener]) => [group, uid, listener]);
        })
        .sort(),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #apply(step: Extract<Step, { do: 'apply' }>): void {
    const key = `ns/${step.name}`;
    const old = this.cluster.service(key);
    if (old && old.metadata.deletionTimestamp !== '') return;
    const others = Object.entries(old?.metadata.annotations ?? {}).filter(([key]) => key.startsWith('ccm-ts/'));
    const annotations = {
      ...Object.fromEntries(others),
      [kindAnnotation]: step.kind,
      ...(step.group !== '' && { [groupAnnotation]: step.group }),
    };
    if (!old) {
      this.cluster.putService(testService(step.name, { uid: `uid-${++this.#uids}`, annotations, ports: [step.port] }));
      return;
    }
    const spec = { ...old.spec, ports: [testPort(step.port)] };
    this.cluster.putService({ ...old, spec, metadata: { ...old.metadata, annotations } });
  }

  #groupOf(name: string): string {
    const service = this.cluster.service(`ns/${name}`);
    return service?.metadata.annotations[groupAnnotation] ?? `service/${service?.metadata.uid}`;
  }
}

async function converges(history: readonly Step[]): Promise<void> {
  await using world = new World();
  for (const step of history) await world.take(step);
  await world.heal();
  expect(world.present()).toEqual(world.desired());
  for (const kind of world.kinds) {
    expect(kind.foreignWrites).toEqual([]);
    expect(kind.cloud.get('foreign')?.listeners.size).toBe(0);
  }
  for (const service of world.cluster.services.store.list()) {
    const { annotations, deletionTimestamp, finalizers } = service.metadata;
    expect(deletionTimestamp).toBe('');
    const isServed = service.spec.type === 'LoadBalancer' && annotations[groupAnnotation] !== 'foreign';
    const kind = world.kinds.find((each) => each.claims(service));
    if (isServed) {
      expect(finalizers).toEqual([kind?.finalizer]);
      expect(service.status.loadBalancer.ingress).toHaveLength(1);
    } else if (service.spec.type !== 'LoadBalancer') {
      expect(finalizers).toEqual([]);
      expect(service.status.loadBalancer.ingress).toEqual([]);
    }
  }
  // Nothing is left to do: more time passes without any write.
  const writes = world.kinds.map((kind) => kind.writes.length);
  const patches = world.cluster.patches.length;
  await world.heal();
  expect(world.kinds.map((kind) => kind.writes.length)).toEqual(writes);
  expect(world.cluster.patches).toHaveLength(patches);
}

describe('any history of Services and Nodes', () => {
  it('ends in what is wanted, whatever fails on the way, and leaves what is foreign alone', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.oneof(...common, drop), { maxLength: 20 }), converges), {
      numRuns: 40,
    });
  }, 120_000);

  it('ends in what is wanted when the process is stopped anywhere', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.oneof(...common, restart), { maxLength: 20 }), converges), {
      numRuns: 40,
    });
  }, 120_000);
});

import { describe, expect, it } from '@jest/globals';
import type { Node } from '../../api/node.ts';
import type { Service } from '../../api/service.ts';
import { protectAnnotation } from '../../api/well-known.ts';
import { Duration } from '../../base/duration.ts';
import type { Member } from '../../cloud/load-balancer-kind.ts';
import { OperationLog } from '../../reconcile/operation-log.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { TestCluster, TestRecorder } from '../test-cluster.ts';
import { ServiceController, type ServiceControllerOptions } from './service-controller.ts';
import { testBackend } from './test-backend.ts';
import { TestKind, groupAnnotation, kindAnnotation, testService } from './test-kind.ts';

const finalizer = 'service.kubernetes.io/load-balancer-cleanup';
const isManaged = ({ metadata }: Service): boolean => metadata.labels['team'] !== 'theirs';

class Bench implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly cluster = new TestCluster();
  readonly recorder = new TestRecorder();
  readonly kind: TestKind;
  readonly controller: ServiceController;
  readonly #abort = new AbortController();
  #run: Promise<void> | undefined;

  constructor(options: Partial<ServiceControllerOptions> = {}, kind = new TestKind()) {
    this.kind = kind;
    this.controller = new ServiceController({
      client: this.cluster.client,
      services: this.cluster.services,
      nodes: this.cluster.nodes,
      kinds: [kind],
      cluster: { uid: 'cluster', name: 'kubernetes' },
      recorder: this.recorder,
      operations: new OperationLog(this.clock),
      clock: this.clock,
      logger: silentLogger,
      metrics: new MetricRegistry(),
      random: () => 0.5,
      isManaged,
      ...options,
    });
  }

  async start(): Promise<void> {
    this.#run = this.controller.run({ stopping: this.#abort.signal, aborting: this.#abort.signal });
    await this.pass(Duration.zero);
  }

  async pass(duration: Duration): Promise<void> {
    for (let turns = 0; turns < 40; turns++) await this.clock.settle();
    await this.clock.advance(duration);
    for (let turns = 0; turns < 40; turns++) await this.clock.settle();
  }

  async change(key: string, change: (service: Service) => Service): Promise<void> {
    const service = this.cluster.service(key);
    if (service) this.cluster.putService(change(service));
    await this.pass(Duration.seconds(2));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#run;
  }
}

function labelled(team: string): (service: Service) => Service {
  return (service) => ({ ...service, metadata: { ...service.metadata, labels: { team } } });
}

function annotated(annotations: Readonly<Record<string, string>>): (service: Service) => Service {
  return (service) => ({ ...service, metadata: { ...service.metadata, annotations } });
}

function ofType(type: string): (service: Service) => Service {
  return (service) => ({ ...service, spec: { ...service.spec, type } });
}

describe('a Service that another manager looks after', () => {
  it('is not touched, whatever becomes of it', async () => {
    await using bench = new Bench();
    const { cluster, kind, recorder } = bench;
    cluster.putService(labelled('theirs')(testService('new')));
    cluster.putService(labelled('theirs')(testService('old', { finalizers: [finalizer] })));
    await bench.start();
    await bench.change('ns/new', ofType('ClusterIP'));
    await bench.change('ns/old', ofType('ClusterIP'));
    cluster.deleteService('ns/old');
    await bench.pass(Duration.hours(2));
    cluster.dropService('ns/old');
    await bench.pass(Duration.hours(2));
    expect([kind.calls, cluster.patches, recorder.events]).toEqual([[], [], []]);
  });

  it('is handed over with everything that it has, and an Event', async () => {
    await using bench = new Bench();
    const { cluster, kind, recorder } = bench;
    cluster.putNode(testBackend('n1'));
    cluster.putService(testService('web'));
    await bench.start();
    const status = cluster.service('ns/web')?.status;
    const before = JSON.stringify([...kind.cloud]);
    kind.calls.length = cluster.patches.length = recorder.events.length = 0;

    await bench.change('ns/web', labelled('theirs'));
    cluster.putNode(testBackend('n2'));
    await bench.pass(Duration.hours(2));
    expect([kind.calls, cluster.patches, JSON.stringify([...kind.cloud])]).toEqual([[], [], before]);
    expect(recorder.reasons('ns/web')).toEqual(['Normal LoadBalancerHandedOver']);
    expect(cluster.service('ns/web')).toMatchObject({ status, metadata: { finalizers: [finalizer] } });
    expect(bench.controller.status().items).toEqual([]);

    cluster.deleteService('ns/web');
    await bench.pass(Duration.hours(2));
    expect([kind.writes, cluster.service('ns/web')?.metadata.finalizers]).toEqual([[], [finalizer]]);
  });

  it('is served again when it comes back', async () => {
    await using bench = new Bench();
    const { cluster, kind } = bench;
    cluster.putNode(testBackend('n1'));
    cluster.putService(testService('web'));
    await bench.start();
    await bench.change('ns/web', labelled('theirs'));
    cluster.putNode(testBackend('n2'));
    await bench.pass(Duration.seconds(2));
    kind.calls.length = 0;
    await bench.change('ns/web', labelled('ours'));
    expect(kind.writes).toEqual(['update Listener uid-of-web']);
    cluster.deleteService('ns/web');
    await bench.pass(Duration.seconds(2));
    expect([kind.cloud.size, cluster.service('ns/web')]).toEqual([0, undefined]);
  });

  it('is handed over in the middle of its deletion', async () => {
    await using bench = new Bench();
    const { cluster, kind } = bench;
    cluster.putService(testService('web'));
    await bench.start();
    kind.next = { kind: 'settling', on: 'load-balancer/busy', after: Duration.seconds(30) };
    cluster.deleteService('ns/web');
    await bench.pass(Duration.zero);
    kind.calls.length = cluster.patches.length = 0;
    await bench.change('ns/web', labelled('theirs'));
    await bench.pass(Duration.hours(1));
    expect([kind.calls, cluster.patches]).toEqual([[], []]);
    expect(cluster.service('ns/web')?.metadata.finalizers).toEqual([finalizer]);
  });

  it('gets nothing from a pass that was under way when it left', async () => {
    await using bench = new Bench();
    const { cluster, kind } = bench;
    const looked = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    kind.onCall = (call) => {
      if (!call.startsWith('observe')) return undefined;
      looked.resolve();
      return goOn.promise;
    };
    cluster.putService(testService('web'));
    const started = bench.start();
    await looked.promise;
    cluster.putService(labelled('theirs')(cluster.service('ns/web') ?? testService('web')));
    await started;
    goOn.resolve();
    await bench.pass(Duration.hours(1));
    expect([kind.writes, cluster.patches]).toEqual([[], []]);
  });

  it('leaves the others of its group as they are', async () => {
    await using bench = new Bench();
    const { cluster, kind } = bench;
    const annotations = { [groupAnnotation]: 'shared' };
    for (const name of ['a', 'b']) cluster.putService(testService(name, { annotations }));
    await bench.start();
    await bench.pass(Duration.minutes(1));
    await bench.change('ns/a', labelled('theirs'));
    cluster.deleteService('ns/b');
    await bench.pass(Duration.hours(1));
    expect([...(kind.cloud.get('shared')?.listeners.keys() ?? [])]).toEqual(['uid-of-a']);
    expect(cluster.service('ns/b')).toBeUndefined();
  });
});

describe('nodes that another manager looks after', () => {
  const isOwnNode = ({ metadata }: Node): boolean => metadata.labels['pool'] !== 'theirs';

  function backendOf(pool: string, name: string): Node {
    const node = testBackend(name);
    return { ...node, metadata: { ...node.metadata, labels: { pool } } };
  }

  class ReachingKind extends TestKind {
    readonly sendsTo = 'allNodes';
  }

  class NodelessKind extends TestKind {
    override readonly inputs = [];
  }

  it.each([
    ['is told when no node is its own', new TestKind(), true],
    ['is not told where the nodes of others are reached', new ReachingKind(), false],
    ['is not told where no nodes are asked for', new NodelessKind(), false],
  ])('that there is no backend %s', async (_, kind, isTold) => {
    await using bench = new Bench({ isOwnNode }, kind);
    bench.cluster.putNode(backendOf('theirs', 'n1'));
    bench.cluster.putService(testService('web'));
    await bench.start();
    expect(bench.recorder.reasons('ns/web').includes('Warning UnAvailableLoadBalancer')).toBe(isTold);
  });

  it.each([
    [new TestKind(), ['fake://n1'], ['fake://n1', 'fake://n2'], ['fake://n2']],
    [new ReachingKind(), ['fake://n1', 'fake://n2'], ['fake://n1', 'fake://n2'], ['fake://n1', 'fake://n2']],
  ] as const)('are backends only of kinds that reach them', async (kind, first, second, third) => {
    await using bench = new Bench({ isOwnNode }, kind);
    const { cluster } = bench;
    const backends = () => kind.cloud.get('service/uid-of-web')?.listeners.get('uid-of-web')?.backends;
    cluster.putNode(backendOf('ours', 'n1'));
    cluster.putNode(backendOf('theirs', 'n2'));
    cluster.putService(testService('web'));
    await bench.start();
    expect(backends()).toEqual(first);
    cluster.putNode(backendOf('ours', 'n2'));
    await bench.pass(Duration.seconds(2));
    expect(backends()).toEqual(second);
    cluster.putNode(backendOf('theirs', 'n1'));
    await bench.pass(Duration.seconds(2));
    expect(backends()).toEqual(third);
  });
});

describe('a protected Service', () => {
  const kept = { [protectAnnotation]: 'true' };
  const trouble = (bench: Bench) =>
    bench.cluster
      .service('ns/web')
      ?.status.conditions.filter(({ status }) => status === 'False')
      .map(({ type, reason, message }) => [type, reason, message]);

  it('waits when it is deleted, says why, and goes when it is let go of', async () => {
    await using bench = new Bench();
    const { cluster, kind, recorder } = bench;
    cluster.putService(testService('web', { annotations: kept }));
    await bench.start();
    const before = JSON.stringify([...kind.cloud]);
    cluster.deleteService('ns/web');
    await bench.pass(Duration.hours(3));
    expect(JSON.stringify([...kind.cloud])).toBe(before);
    expect(cluster.service('ns/web')?.metadata.finalizers).toEqual([finalizer]);
    expect(recorder.reasons('ns/web').filter((reason) => reason === 'Warning Protected')).toHaveLength(1);
    expect(trouble(bench)).toEqual([
      ['ccm-ts/Programmed', 'Protected', expect.stringContaining(`set the annotation ${protectAnnotation} to false`)],
    ]);
    expect(bench.controller.status().items).toMatchObject([{ key: 'ns/web', state: 'refused', reason: 'Protected' }]);

    await bench.change('ns/web', annotated({ [protectAnnotation]: 'false' }));
    expect([kind.cloud.size, cluster.service('ns/web')]).toEqual([0, undefined]);
  });

  it('keeps its load balancer when it wants none any more, and is served again when it does', async () => {
    await using bench = new Bench();
    const { cluster, kind } = bench;
    cluster.putService(testService('web', { annotations: kept }));
    await bench.start();
    await bench.change('ns/web', ofType('ClusterIP'));
    await bench.pass(Duration.hours(1));
    expect([kind.cloud.size, trouble(bench)?.[0]?.[1]]).toEqual([1, 'Protected']);
    await bench.change('ns/web', ofType('LoadBalancer'));
    expect([kind.cloud.size, trouble(bench)]).toEqual([1, []]);
    expect(kind.writes.filter((call) => call.startsWith('delete'))).toEqual([]);
  });

  it('stays with its kind until it is let go of', async () => {
    const other = new TestKind('other', 'test/other');
    const kind = new TestKind();
    await using bench = new Bench({ kinds: [kind, other] }, kind);
    const { cluster } = bench;
    cluster.putService(testService('web', { annotations: kept }));
    await bench.start();
    await bench.change('ns/web', annotated({ ...kept, [kindAnnotation]: 'other' }));
    await bench.pass(Duration.hours(1));
    expect([kind.cloud.size, other.cloud.size, trouble(bench)?.[0]?.[1]]).toEqual([1, 0, 'Protected']);
    await bench.change('ns/web', annotated({ [kindAnnotation]: 'other' }));
    expect([kind.cloud.size, other.cloud.size]).toEqual([0, 1]);
  });

  it('is kept after its finalizer was taken away by force', async () => {
    await using bench = new Bench();
    const { cluster, kind } = bench;
    cluster.putService(testService('web', { annotations: kept }));
    await bench.start();
    cluster.dropService('ns/web');
    await bench.pass(Duration.hours(1));
    expect(kind.cloud.size).toBe(1);
  });

  it('keeps nobody else of its group from leaving', async () => {
    await using bench = new Bench();
    const { cluster, kind } = bench;
    const shared = { [groupAnnotation]: 'shared' };
    cluster.putService(testService('web', { annotations: { ...shared, ...kept } }));
    cluster.putService(testService('b', { annotations: shared }));
    await bench.start();
    await bench.pass(Duration.minutes(1));
    cluster.deleteService('ns/web');
    cluster.deleteService('ns/b');
    await bench.pass(Duration.minutes(1));
    expect(cluster.service('ns/b')).toBeUndefined();
    expect([...(kind.cloud.get('shared')?.listeners.keys() ?? [])]).toEqual(['uid-of-web']);
  });
});

describe('adoption', () => {
  it('is handed to kinds as the ids that the Service names', async () => {
    const seen: (readonly string[])[] = [];
    class AskedKind extends TestKind {
      override observe(group: string, members: readonly Member[]) {
        seen.push(members.flatMap(({ adopts }) => [...(adopts ?? [])]));
        return super.observe(group, members);
      }
    }
    await using bench = new Bench({}, new AskedKind());
    bench.cluster.putService(testService('web', { annotations: { 'ccm-ts/adopt': 'lb-1, lb-2' } }));
    await bench.start();
    expect(seen).toEqual([['lb-1', 'lb-2']]);
  });
});

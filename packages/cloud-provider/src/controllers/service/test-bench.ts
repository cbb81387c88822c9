import type { Service } from '../../api/service.ts';
import type { Duration } from '../../base/duration.ts';
import type { LoadBalancerKind } from '../../cloud/load-balancer-kind.ts';
import { OperationLog } from '../../reconcile/operation-log.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { endpointSlices } from '../../kube/resources.ts';
import { TestCluster, TestInformer, TestRecorder } from '../test-cluster.ts';
import { ServiceController, type ServiceControllerOptions } from './service-controller.ts';
import { TestKind, testPort } from './test-kind.ts';

/** The finalizer of the kind that the bench has unless told otherwise. */
export const finalizer = 'service.kubernetes.io/load-balancer-cleanup';

/** A controller with a cluster and a cloud of its own, on a clock that only the test moves. */
export class Bench implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly cluster = new TestCluster();
  readonly kind = new TestKind();
  readonly slices = new TestInformer(endpointSlices);
  readonly recorder = new TestRecorder();
  readonly metrics = new MetricRegistry();
  readonly operations = new OperationLog(this.clock);
  readonly kinds: readonly LoadBalancerKind[];
  readonly controller: ServiceController;
  readonly #abort = new AbortController();
  #run: Promise<void> | undefined;

  constructor(options: Partial<ServiceControllerOptions> = {}) {
    this.kinds = options.kinds ?? [this.kind];
    this.controller = new ServiceController({
      client: this.cluster.client,
      services: this.cluster.services,
      nodes: this.cluster.nodes,
      endpointSlices: () => this.slices,
      kinds: [this.kind],
      cluster: { uid: 'cluster', name: 'kubernetes' },
      recorder: this.recorder,
      operations: this.operations,
      clock: this.clock,
      logger: silentLogger,
      metrics: this.metrics,
      random: () => 0.5,
      ...options,
    });
  }

  async start(): Promise<void> {
    this.#run = this.controller.run({ stopping: this.#abort.signal, aborting: this.#abort.signal });
    await this.settle();
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < 40; turns++) await this.clock.settle();
  }

  async pass(duration: Duration): Promise<void> {
    await this.settle();
    await this.clock.advance(duration);
    await this.settle();
  }

  change(key: string, change: (service: Service) => Service): void {
    const service = this.cluster.service(key);
    if (service) this.cluster.putService(change(service));
  }

  /** `Status Reason` of each condition of ours. */
  conditions(key: string): Readonly<Record<string, string>> {
    const present = this.cluster.service(key)?.status.conditions ?? [];
    return Object.fromEntries(
      present.map(({ type, status, reason }) => [type.replace('ccm-ts/', ''), `${status} ${reason}`]),
    );
  }

  /** Forgets what has happened so far. */
  forget(): void {
    this.kind.calls.length = 0;
    this.cluster.patches.length = 0;
    this.recorder.events.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#run;
  }
}

export function withAnnotations(annotations: Readonly<Record<string, string>>): (service: Service) => Service {
  return (service) => ({ ...service, metadata: { ...service.metadata, annotations } });
}

export function withPorts(...ports: readonly number[]): (service: Service) => Service {
  return (service) => ({ ...service, spec: { ...service.spec, ports: ports.map(testPort) } });
}

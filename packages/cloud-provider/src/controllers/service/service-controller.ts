import type { EndpointSlice } from '../../api/endpoint-slice.ts';
import type { Node } from '../../api/node.ts';
import { objectKey } from '../../api/object-meta.ts';
import type { Service } from '../../api/service.ts';
import { itemBackoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { ClusterIdentity } from '../../cloud/cluster-identity.ts';
import type { GuardPolicy } from '../../cloud/guard.ts';
import type { LoadBalancerKind } from '../../cloud/load-balancer-kind.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { WriteFence } from '../../kube/client/write-fence.ts';
import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import type { Informer } from '../../kube/informer/informer.ts';
import { runWorkers } from '../../kube/work-queue/run-workers.ts';
import { WorkQueue } from '../../kube/work-queue/work-queue.ts';
import type { OperationLog } from '../../reconcile/operation-log.ts';
import { untilSynced } from '../../reconcile/until-synced.ts';
import { type Health, healthy } from '../../telemetry/health.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import type { Controller, ControllerLife, ControllerStatus } from '../controller.ts';
import type { IsOwnNode } from '../own-nodes.ts';
import { BackendNodes } from './backend-nodes.ts';
import { DriftSurvey } from './drift-survey.ts';
import { GroupWorker } from './group-worker.ts';
import { type GroupState, Groups, soil } from './group-state.ts';
import { Members } from './member-state.ts';
import { NodeSyncTimer } from './node-sync-timer.ts';
import { namingDefects } from './provider-defect.ts';
import { retryLimits } from './retry-limits.ts';
import { ServiceAnnouncer } from './service-announcer.ts';
import { ServiceEndpointsCache } from './service-endpoints.ts';
import { type LoadBalancerClasses, unnamedClass } from './service-intent.ts';
import { ServicePublisher } from './service-publisher.ts';
import { ServiceResolver } from './service-resolver.ts';
import { serviceItems } from './service-status.ts';
import type { ServiceWorkspace } from './service-workspace.ts';

export interface ServiceControllerOptions {
  readonly client: KubeClient;
  /** Withholds writes once the lease is lost. */
  readonly fence?: WriteFence;
  readonly services: Informer<Service>;
  /** All that may be backends of any kind. */
  readonly nodes: Informer<Node>;
  /** Others are backends only of kinds that reach them. @default all are */
  readonly isOwnNode?: IsOwnNode;
  /** Others are left to another manager, with everything that they have. @default all are */
  readonly isManaged?: (service: Service) => boolean;
  /** Asked for only when a kind goes by them. */
  readonly endpointSlices?: () => Informer<EndpointSlice>;
  /** Services of other classes are not touched. @default those without a class, as the Go managers */
  readonly classes?: LoadBalancerClasses;
  /** In order: the first that claims a Service owns it. */
  readonly kinds: readonly LoadBalancerKind[];
  readonly cluster: ClusterIdentity;
  readonly recorder: EventRecorder;
  readonly operations: OperationLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
  /** Judges every write. @default lets everything of ours through, protects nothing */
  readonly policy?: GuardPolicy;
  /** Groups that are worked on at once; one group is never worked on twice at once. @default 16 */
  readonly concurrency?: number;
  /**
   * How often converged groups are compared with the cloud without any cause: by one list pass of each kind that can, one by
   * one otherwise.
   * @default 1h
   */
  readonly observePeriod?: Duration;
  /** Changes of nodes that follow one another within this time, for up to five times as long, make one pass. @default 1s */
  readonly nodeSettleTime?: Duration;
  /** Uniform in [0, 1). @default Math.random */
  readonly random?: () => number;
}

/**
 * Gives Services their load balancers, keeps them right and removes them. A Service that nobody changed costs neither a write
 * to the cloud nor, between the regular looks, a read.
 */
export class ServiceController implements Controller {
  readonly name = 'service-lb-controller';
  readonly #options: ServiceControllerOptions;
  readonly #concurrency: number;
  readonly #serviceQueue: WorkQueue<string>;
  readonly #groupQueue: WorkQueue<string>;
  readonly #workspace: ServiceWorkspace;
  readonly #resolver: ServiceResolver;
  readonly #worker: GroupWorker;
  readonly #survey: DriftSurvey;
  readonly #nodeSync: NodeSyncTimer;
  readonly #endpointSlices: Informer<EndpointSlice> | undefined;

  constructor(options: ServiceControllerOptions) {
    const { client, clock, fence, logger, metrics } = options;
    this.#options = options;
    this.#concurrency = options.concurrency ?? 16;
    this.#nodeSync = new NodeSyncTimer(clock, metrics);
    this.#serviceQueue = new WorkQueue({ name: 'service', clock, metrics, backoff: itemBackoff(retryLimits) });
    this.#groupQueue = new WorkQueue({
      name: 'load-balancer-group',
      clock,
      metrics,
      backoff: itemBackoff(retryLimits),
    });
    const kinds = options.kinds.map((kind) =>
      namingDefects(kind, (where) => {
        metrics.counter('ccm_provider_defects_total', { kind: kind.name, function: where }).increment();
      }),
    );
    // Shown from the start, as zero: alerts compare with it.
    const nodeFailures = metrics.counter('service_controller_nodesync_error_total', {});
    metrics.counter('service_controller_loadbalancer_sync_total', {});
    metrics.histogram('service_controller_update_loadbalancer_host_latency_seconds', {});
    const settleTime = options.nodeSettleTime ?? Duration.seconds(1);
    const isByEndpoints = kinds.some(({ inputs }) => inputs.includes('endpointSlices'));
    this.#endpointSlices = isByEndpoints ? options.endpointSlices?.() : undefined;
    this.#workspace = {
      clock,
      logger,
      store: options.services.store,
      kinds,
      classes: options.classes ?? unnamedClass,
      cluster: options.cluster,
      members: new Members(),
      groups: new Groups(),
      publisher: new ServicePublisher({ client, fence, clock, store: options.services.store }),
      announcer: new ServiceAnnouncer(options.recorder),
      backends: new BackendNodes({
        clock,
        store: options.nodes.store,
        ...(options.isOwnNode && { isOwn: options.isOwnNode }),
        settleTime,
        onChange: () => this.#onNodesChange(),
      }),
      endpoints: isByEndpoints
        ? new ServiceEndpointsCache({ clock, settleTime, onChange: (keys) => this.#onEndpointsChange(keys) })
        : undefined,
      isManaged: options.isManaged ?? (() => true),
      enqueueService: (key) => this.#serviceQueue.add(key),
      enqueueGroup: (id) => this.#groupQueue.add(id),
      countNodeFailure: () => nodeFailures.increment(),
    };
    this.#resolver = new ServiceResolver(this.#workspace, { operations: options.operations });
    const { observePeriod: period = Duration.hours(1), random = Math.random } = options;
    this.#worker = new GroupWorker(this.#workspace, {
      metrics,
      operations: options.operations,
      policy: options.policy ?? { mode: 'run', isProtected: () => false },
      observePeriod: period,
      random,
    });
    this.#survey = new DriftSurvey(this.#workspace, { period, random });
  }

  async run(life: ControllerLife): Promise<void> {
    const { logger, metrics, nodes, services } = this.#options;
    const { backends, endpoints, kinds } = this.#workspace;
    const slices = this.#endpointSlices;
    const removers = [
      ...(slices && endpoints ? [slices.addHandler(endpoints.handler())] : []),
      nodes.addHandler(backends.handler()),
      services.addHandler({
        onAdd: (service) => this.#serviceQueue.add(objectKey(service)),
        onUpdate: (_old, next) => this.#serviceQueue.add(objectKey(next)),
        onDelete: (last) => {
          this.#resolver.onDelete(last);
          this.#serviceQueue.add(objectKey(last));
        },
      }),
    ];
    try {
      await untilSynced([nodes, services, ...(slices ? [slices] : [])], life.stopping);
      if (life.stopping.aborted) return;
      const shared = {
        concurrency: this.#concurrency,
        signal: life.stopping,
        abort: life.aborting,
        logger,
        metrics,
      };
      const listed = kinds.filter((kind) => 'listUnchanged' in kind);
      await Promise.all([
        ...listed.map((kind) => this.#survey.run(kind, life.stopping)),
        runWorkers(this.#serviceQueue, { ...shared, reconcile: (key, work) => this.#resolver.resolve(key, work) }),
        runWorkers(this.#groupQueue, { ...shared, reconcile: (id, work) => this.#reconcileGroup(id, work) }),
      ]);
    } finally {
      for (const remove of removers) remove();
      backends.stop();
      endpoints?.stop();
      this.#serviceQueue.shutDown();
      this.#groupQueue.shutDown();
    }
  }

  status(): ControllerStatus {
    const { backends, groups, members } = this.#workspace;
    return {
      queues: [this.#serviceQueue, this.#groupQueue].map(({ name, length }) => ({ name, depth: length })),
      items: serviceItems(members.all()),
      facts: { services: members.size, groups: groups.size, backends: backends.current().length },
    };
  }

  health(): Health {
    return healthy;
  }

  async #reconcileGroup(id: string, signal: AbortSignal): ReturnType<GroupWorker['reconcile']> {
    try {
      return await this.#worker.reconcile(id, signal);
    } finally {
      this.#nodeSync.finished(id);
    }
  }

  /** Each group decides by itself whether the change means anything to it; that costs no call to the cloud. */
  #onNodesChange(): void {
    const concerned = [...this.#workspace.groups.all()].filter(({ kind }) => kind.inputs.includes('nodes'));
    this.#nodeSync.started(this.#lookAt(concerned));
  }

  #onEndpointsChange(services: ReadonlySet<string>): void {
    const { groups, members } = this.#workspace;
    const concerned = new Set<GroupState>();
    for (const key of services) {
      for (const member of members.ofKey(key)) {
        for (const state of member.kinds.values()) {
          const group = state.kind === 'assigned' ? groups.get(state.group) : undefined;
          if (group?.kind.inputs.includes('endpointSlices') === true) concerned.add(group);
        }
      }
    }
    this.#lookAt(concerned);
  }

  /** Returns the ids of those that are looked at now. */
  #lookAt(groups: Iterable<GroupState>): readonly string[] {
    const now = this.#options.clock.monotonic();
    const concerned: string[] = [];
    for (const group of groups) {
      soil(group, 'backends');
      // One that waits for its time will see what is new then.
      if (now < group.notBefore) continue;
      concerned.push(group.id);
      this.#groupQueue.add(group.id);
    }
    return concerned;
  }
}

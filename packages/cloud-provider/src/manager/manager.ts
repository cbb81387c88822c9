import type { Node } from '../api/node.ts';
import type { Service } from '../api/service.ts';
import type { Clock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import type { CloudProvider, ConfiguredProvider } from '../cloud/cloud-provider.ts';
import type { ClusterIdentity } from '../cloud/cluster-identity.ts';
import { isControllerEnabled } from '../config/controller-names.ts';
import type { Controller, ControllerLife } from '../controllers/controller.ts';
import type { KubeClient } from '../kube/client/kube-client.ts';
import type { WriteFence } from '../kube/client/write-fence.ts';
import { createEventRecorder } from '../kube/events/event-recorder.ts';
import type { EventRecorder } from '../kube/events/event-recorder.ts';
import { createInformer } from '../kube/informer/shared-informer.ts';
import type { Informer } from '../kube/informer/informer.ts';
import { LeaderElector } from '../kube/leader-election/leader-elector.ts';
import { nodes, services } from '../kube/resources.ts';
import { OperationLog } from '../reconcile/operation-log.ts';
import { type EventLoopLag, measureEventLoopLag } from '../telemetry/event-loop-lag.ts';
import { EventLoopWatchdog } from '../telemetry/event-loop-watchdog.ts';
import { HealthChecks, healthy, unhealthy } from '../telemetry/health.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { MetricRegistry } from '../telemetry/metrics.ts';
import { BudgetedCallGate } from './budgeted-call-gate.ts';
import { probeCloud } from './cloud-probe.ts';
import { findClusterIdentity } from './cluster-identity.ts';
import { builtInControllers, type ControllerRegistration, type ControllerSettings } from './controller-registry.ts';
import type { ManagerStatus } from './manager-status.ts';

/** How one replica takes part in the election; `off` when it runs alone. */
export type LeadershipSettings =
  | 'off'
  | {
      readonly namespace: string;
      readonly name: string;
      readonly leaseDuration: Duration;
      readonly renewDeadline: Duration;
      readonly retryPeriod: Duration;
    };

export interface ManagerOptions {
  /** The version of the program, for `/statusz`. */
  readonly version: string;
  /** Unique among the replicas: `<hostname>_<uuid>`. */
  readonly identity: string;
  readonly client: KubeClient;
  readonly provider: ConfiguredProvider;
  readonly providerName: string;
  readonly clusterName: string;
  /** The `--controllers` list. */
  readonly controllers: readonly string[];
  readonly leadership: LeadershipSettings;
  readonly settings: ControllerSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
}

/** Why a manager ended. */
export type ManagerEnd =
  | { readonly kind: 'stopped' }
  /** Another replica may be leading already: the process must end, as the Go managers' does. */
  | { readonly kind: 'leaseLost' }
  /** A defect of the program. */
  | { readonly kind: 'failed'; readonly error: unknown };

/** How long work under way may go on when the manager is stopped; a pod has 30 s in all. */
const drainDeadline = Duration.seconds(10);

/** How long Events may take to be written when the manager ends. */
const eventFlushDeadline = Duration.seconds(2);

/** A manager without an election writes whenever it likes. */
const openFence: WriteFence = { assertHeld: () => undefined };

/**
 * The application: finds out which cluster it is in, waits for its turn to lead, runs the controllers, and ends in good order.
 * An API server or a cloud that can't be reached never ends it; it is not ready meanwhile, and says why.
 */
export class Manager {
  readonly healthz = new HealthChecks('healthz');
  readonly livez = new HealthChecks('livez');
  readonly readyz = new HealthChecks('readyz');
  /** Resolves once nothing of the manager is under way any more. Never rejects. */
  readonly ended: Promise<ManagerEnd>;

  readonly #options: ManagerOptions;
  readonly #stopping = new AbortController();
  readonly #operations: OperationLog;
  readonly #lag: EventLoopLag = measureEventLoopLag();
  readonly #watchdog: EventLoopWatchdog;
  readonly #startedAt: Date;
  readonly #elector: LeaderElector | undefined;
  readonly #gate: BudgetedCallGate;
  readonly #recorders: EventRecorder[] = [];
  readonly #obstacles = new Map<string, string>();
  #controllers: readonly Controller[] = [];
  #cluster: ClusterIdentity | undefined;

  /** Starts a manager; it reports through `ended`, its health checks and its status. */
  static start(options: ManagerOptions): Manager {
    return new Manager(options);
  }

  private constructor(options: ManagerOptions) {
    const { client, clock, logger, metrics, leadership } = options;
    this.#options = options;
    this.#startedAt = clock.now();
    this.#watchdog = new EventLoopWatchdog({ clock, lag: measureEventLoopLag() });
    this.#operations = new OperationLog(clock);
    this.#obstacles.set('cluster', 'the API server has not been asked yet');
    this.#obstacles.set('cloud', 'the cloud has not been asked yet');
    if (leadership !== 'off') {
      this.#elector = new LeaderElector({
        client,
        lease: { namespace: leadership.namespace, name: leadership.name },
        identity: options.identity,
        clock,
        logger: logger.child({ component: 'leader-election' }),
        metrics,
        events: this.#recorder('cloud-controller-manager'),
        leaseDuration: leadership.leaseDuration,
        renewDeadline: leadership.renewDeadline,
        retryPeriod: leadership.retryPeriod,
      });
    }
    this.#gate = new BudgetedCallGate({ fence: this.#fence, clock, logger, metrics });
    this.#addChecks();
    this.ended = this.#run();
  }

  /** Takes no more work, lets what is under way end, gives the lease back. Resolves with {@link ended}. */
  async stop(): Promise<void> {
    this.#stopping.abort(new DOMException('the manager is stopping', 'AbortError'));
    await this.ended;
  }

  /** Something outside the manager keeps it from being ready; undefined when it no longer does. */
  reportObstacle(name: 'authentication', reason: string | undefined): void {
    if (reason === undefined) this.#obstacles.delete(name);
    else this.#obstacles.set(name, reason);
  }

  status(): ManagerStatus {
    const { options, elector } = { options: this.#options, elector: this.#elector };
    const lag = this.#lag.snapshot();
    return {
      version: options.version,
      provider: options.providerName,
      cluster: this.#cluster,
      startedAt: this.#startedAt.toISOString(),
      now: options.clock.now().toISOString(),
      leadership: {
        state: elector ? (elector.isLeader() ? 'leading' : 'standby') : 'off',
        identity: options.identity,
        leader: elector?.leader ?? '',
      },
      notReady: [...this.#obstacles.values()],
      controllers: this.#controllers.map((controller) => ({ name: controller.name, ...controller.status() })),
      budgets: this.#gate.snapshot(),
      operations: this.#operations.records(),
      process: {
        residentBytes: process.memoryUsage.rss(),
        eventLoopDelay: { p50: inTenths(lag.p50), p99: inTenths(lag.p99), max: inTenths(lag.max) },
      },
    };
  }

  get #fence(): WriteFence {
    return this.#elector?.fence ?? openFence;
  }

  async #run(): Promise<ManagerEnd> {
    const { logger } = this.#options;
    try {
      return await this.#runUntilEnd();
    } catch (error) {
      if (this.#stopping.signal.aborted) return { kind: 'stopped' };
      logger.error('The manager failed', { error });
      return { kind: 'failed', error };
    } finally {
      await Promise.all(this.#recorders.map((recorder) => recorder.flush(eventFlushDeadline)));
      this.#lag.stop();
      this.#watchdog.stop();
    }
  }

  async #runUntilEnd(): Promise<ManagerEnd> {
    const { client, clock, clusterName, logger } = this.#options;
    const signal = this.#stopping.signal;
    const cluster = await findClusterIdentity({
      client,
      clusterName,
      clock,
      logger,
      signal,
      onFailure: (error) => this.#obstacles.set('cluster', `the API server can't be asked: ${messageOf(error)}`),
    });
    this.#cluster = cluster;
    this.#obstacles.delete('cluster');
    const provider = this.#options.provider.connect({ cluster, gate: this.#gate, clock, logger });
    try {
      const probing = this.#probe(provider);
      const end = await this.#lead(provider, cluster);
      this.#stopping.abort(new DOMException('the manager has ended', 'AbortError'));
      await probing;
      return end;
    } finally {
      await provider.close();
    }
  }

  /** Asks the cloud until it has answered once; readiness hangs on it, the controllers do not wait for it. */
  async #probe(provider: CloudProvider): Promise<void> {
    const { clock, logger } = this.#options;
    await probeCloud({
      provider,
      clock,
      logger,
      signal: this.#stopping.signal,
      onAnswer: (problem) => {
        if (problem === undefined) this.#obstacles.delete('cloud');
        else this.#obstacles.set('cloud', `the cloud can't be asked: ${problem}`);
      },
    });
  }

  async #lead(provider: CloudProvider, cluster: ClusterIdentity): Promise<ManagerEnd> {
    const stopping = this.#stopping.signal;
    const drained = new AbortController();
    const work = async (aborting: AbortSignal): Promise<void> => {
      const life = { stopping: AbortSignal.any([stopping, aborting]), aborting };
      try {
        await this.#runControllers(provider, cluster, life);
      } finally {
        drained.abort(new DOMException('the controllers have ended', 'AbortError'));
      }
    };
    const endOfDraining = this.#endOfDraining(drained);
    if (!this.#elector) {
      await work(endOfDraining);
      return { kind: 'stopped' };
    }
    // The election outlives the wish to stop: the lease is kept while work under way ends, and given back after it.
    await this.#elector.run({ onStartedLeading: work, onStoppedLeading: () => undefined }, endOfDraining);
    return stopping.aborted ? { kind: 'stopped' } : { kind: 'leaseLost' };
  }

  /** Aborted when the work has ended after {@link stop}, at the latest when the deadline for that has passed. */
  #endOfDraining(drained: AbortController): AbortSignal {
    const end = new AbortController();
    const stopping = this.#stopping.signal;
    const finish = (): void => end.abort(stopping.reason);
    const begin = (): void => {
      const isIdle = this.#controllers.length === 0;
      if (isIdle || drained.signal.aborted) finish();
      else {
        drained.signal.addEventListener('abort', finish, { once: true });
        this.#options.clock.schedule(drainDeadline, finish);
      }
    };
    if (stopping.aborted) begin();
    else stopping.addEventListener('abort', begin, { once: true });
    return end.signal;
  }

  async #runControllers(provider: CloudProvider, cluster: ClusterIdentity, life: ControllerLife): Promise<void> {
    const caching = new AbortController();
    const informers = new Informers(this.#options, AbortSignal.any([life.aborting, caching.signal]));
    const built = builtInControllers.flatMap((registration) => {
      const controller = this.#build(registration, { provider, cluster, informers });
      return controller ? [{ registration, controller }] : [];
    });
    this.#controllers = built.map(({ controller }) => controller);
    informers.start();
    this.#obstacles.set('caches', 'the caches are not filled yet');
    void informers.synced().then(() => {
      this.#obstacles.delete('caches');
      this.#options.logger.info('The caches are filled');
    });
    const removeChecks = built.map(({ controller }) => this.healthz.add(controller.name, () => controller.health()));
    try {
      await Promise.all(
        built.map(async ({ registration, controller }) => {
          const gauge = this.#options.metrics.gauge('running_managed_controllers', {
            name: registration.metricName,
            manager: 'cloud-controller-manager',
          });
          gauge.set(1);
          await controller.run(life);
          gauge.set(0);
        }),
      );
      if (built.length === 0) await untilAborted(life.stopping);
    } finally {
      caching.abort();
      for (const remove of removeChecks) remove();
      this.#controllers = [];
      this.#obstacles.delete('caches');
    }
  }

  #build(
    registration: ControllerRegistration,
    parts: { readonly provider: CloudProvider; readonly cluster: ClusterIdentity; readonly informers: Informers },
  ): Controller | undefined {
    const { client, clock, logger, metrics, settings } = this.#options;
    if (!isControllerEnabled(registration.name, this.#options.controllers)) {
      logger.info('A controller is switched off by --controllers', { controller: registration.name });
      return undefined;
    }
    const controller = registration.build({
      client,
      fence: this.#fence,
      provider: parts.provider,
      cluster: parts.cluster,
      settings,
      clock,
      logger,
      metrics,
      operations: this.#operations,
      informers: { nodes: () => parts.informers.nodes, services: () => parts.informers.services },
      recorder: (component) => this.#recorder(component),
    });
    if (controller && 'skipped' in controller) {
      logger.warn('A controller is skipped', { controller: registration.name, reason: controller.skipped });
      return undefined;
    }
    if (!controller) {
      logger.warn('A controller is skipped, because the provider has nothing for it', {
        controller: registration.name,
        provider: this.#options.providerName,
      });
    }
    return controller;
  }

  #recorder(component: string): EventRecorder {
    const { client, clock, logger, metrics, identity } = this.#options;
    const recorder = createEventRecorder({ client, clock, logger, metrics, component, instance: identity });
    this.#recorders.push(recorder);
    return recorder;
  }

  #addChecks(): void {
    const elector = this.#elector;
    for (const checks of [this.healthz, this.livez, this.readyz]) {
      checks.add('ping', () => healthy);
      if (elector) checks.add('leaderElection', () => elector.health());
    }
    this.livez.add('event-loop', () => this.#watchdog.health());
    for (const [name, obstacle] of [
      ['api-server', 'cluster'],
      ['authentication', 'authentication'],
      ['cloud', 'cloud'],
      ['informer-sync', 'caches'],
    ] as const) {
      this.readyz.add(name, () => {
        const reason = this.#obstacles.get(obstacle);
        return reason === undefined ? healthy : unhealthy(reason);
      });
    }
  }
}

/** The informers of one term of leading: made when a controller asks, started together. */
class Informers {
  readonly #options: ManagerOptions;
  readonly #signal: AbortSignal;
  #nodes: Informer<Node> | undefined;
  #services: Informer<Service> | undefined;

  constructor(options: ManagerOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  get nodes(): Informer<Node> {
    const { client, clock, logger, metrics } = this.#options;
    this.#nodes ??= createInformer(client, nodes, { clock, logger, metrics });
    return this.#nodes;
  }

  get services(): Informer<Service> {
    const { client, clock, logger, metrics } = this.#options;
    this.#services ??= createInformer(client, services, { clock, logger, metrics });
    return this.#services;
  }

  start(): void {
    this.#nodes?.start(this.#signal);
    this.#services?.start(this.#signal);
  }

  async synced(): Promise<void> {
    await Promise.all([this.#nodes?.synced, this.#services?.synced]);
  }
}

/** Nobody reads more than tenths of a millisecond. */
function inTenths(duration: Duration): string {
  return `${duration.milliseconds.toFixed(1)}ms`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

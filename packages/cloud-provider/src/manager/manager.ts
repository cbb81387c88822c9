import { Duration } from '../base/duration.ts';
import type { CloudProvider } from '../cloud/cloud-provider.ts';
import type { ClusterIdentity } from '../cloud/cluster-identity.ts';
import type { KubeClient } from '../kube/client/kube-client.ts';
import { untilLost, type WriteFence } from '../kube/client/write-fence.ts';
import { createEventRecorder } from '../kube/events/event-recorder.ts';
import type { EventRecorder } from '../kube/events/event-recorder.ts';
import { LeaderElector } from '../kube/leader-election/leader-elector.ts';
import { OperationLog } from '../reconcile/operation-log.ts';
import { type EventLoopLag, measureEventLoopLag } from '../telemetry/event-loop-lag.ts';
import { EventLoopWatchdog } from '../telemetry/event-loop-watchdog.ts';
import { HealthChecks } from '../telemetry/health.ts';
import { BudgetedCallGate } from './budgeted-call-gate.ts';
import { probeCloud } from './cloud-probe.ts';
import { findClusterIdentity } from './cluster-identity.ts';
import { ControllerGroup } from './controller-group.ts';
import type { ControllerRegistration } from './controller-registry.ts';
import { addManagerChecks, type Obstacle, type Obstacles } from './manager-checks.ts';
import type { LeadershipSettings, ManagerEnd, ManagerOptions } from './manager-options.ts';
import type { ManagerStatus } from './manager-status.ts';
import { fencedClient } from './fenced-client.ts';
import { observingClient, observingFence } from './observing-client.ts';
import { type SelectedController, selectControllers } from './select-controllers.ts';
import { runTerm, type Term, type TermEnd } from './term.ts';
import { checkVersionSkew } from './version-check.ts';

export type { LeadershipSettings, ManagerEnd, ManagerOptions } from './manager-options.ts';

/** How long Events may take to be written when the manager ends. */
const eventFlushDeadline = Duration.seconds(2);

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
  readonly #migrationElector: LeaderElector | undefined;
  readonly #gate: BudgetedCallGate;
  readonly #selected: readonly SelectedController[];
  readonly #recorders: EventRecorder[] = [];
  readonly #obstacles: Obstacles = new Map();
  readonly #groups = new Set<ControllerGroup>();
  #isMigrationLost = false;
  #provider: CloudProvider | undefined;
  #cluster: ClusterIdentity | undefined;

  /** Starts a manager; it reports through `ended`, its health checks and its status. */
  static start(options: ManagerOptions): Manager {
    return new Manager(options);
  }

  private constructor(options: ManagerOptions) {
    const { clock, logger, metrics, leadership } = options;
    this.#options = options;
    this.#startedAt = clock.now();
    this.#watchdog = new EventLoopWatchdog({ clock, lag: measureEventLoopLag() });
    this.#operations = new OperationLog(clock);
    this.#obstacles.set('cluster', 'the API server has not been asked yet');
    this.#obstacles.set('cloud', 'the cloud has not been asked yet');
    if (leadership !== 'off') {
      this.#elector = this.#makeElector(leadership, leadership.name);
      if (options.migration) this.#migrationElector = this.#makeElector(leadership, options.migration.leaderName);
    }
    this.#gate = new BudgetedCallGate({ fence: this.#cloudFence, clock, logger, metrics });
    this.#selected = selectControllers({
      controllers: options.controllers,
      declared: options.providerControllers ?? [],
      migration: options.migration,
      nodeName: options.settings.nodeName,
    });
    for (const { registration, place } of this.#selected) {
      if (typeof place === 'string') continue;
      logger.info('A controller does not run here', { controller: registration.name, reason: place.notHere });
    }
    addManagerChecks(this, {
      elector: this.#elector,
      migrationElector: this.#migrationElector,
      watchdog: this.#watchdog,
      obstacles: this.#obstacles,
    });
    this.ended = this.#run();
  }

  /** Takes no more work, lets what is under way end, gives the lease back. Resolves with {@link ended}. */
  async stop(): Promise<void> {
    this.#stopping.abort(new DOMException('the manager is stopping', 'AbortError'));
    await this.ended;
  }

  /** Something outside the manager keeps it from being ready; undefined when it no longer does. */
  reportObstacle(name: 'authentication', reason: string | undefined): void {
    this.#setObstacle(name, reason);
  }

  /** Undefined until the API server has said which cluster this is, and again after the end. */
  get provider(): CloudProvider | undefined {
    return this.#provider;
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
      controllers: [...this.#groups].flatMap(({ controllers }) =>
        controllers.map((controller) => ({ name: controller.name, ...controller.status() })),
      ),
      budgets: this.#gate.snapshot(),
      operations: this.#operations.records(),
      process: {
        residentBytes: process.memoryUsage.rss(),
        eventLoopDelay: { p50: inTenths(lag.p50), p99: inTenths(lag.p99), max: inTenths(lag.max) },
      },
    };
  }

  get #stop(): TermEnd {
    return { stopping: this.#stopping.signal, clock: this.#options.clock };
  }

  #makeElector(leadership: Exclude<LeadershipSettings, 'off'>, name: string): LeaderElector {
    const { client, clock, logger, metrics, identity, releasesLease } = this.#options;
    return new LeaderElector({
      client,
      lease: { namespace: leadership.namespace, name },
      identity,
      clock,
      logger: logger.child({ component: 'leader-election', lease: name }),
      metrics,
      events: this.#recorder('cloud-controller-manager'),
      leaseDuration: leadership.leaseDuration,
      renewDeadline: leadership.renewDeadline,
      retryPeriod: leadership.retryPeriod,
      releaseOnExit: releasesLease !== 'no',
    });
  }

  /**
   * Writes under a lock while it is surely held. A manager without an election writes whenever it likes; losing either lock
   * ends a manager, so after that it asks nothing more.
   */
  #fenceOf(lock: Lock): WriteFence {
    return {
      assertHeld: () => {
        this.#elector?.fence.assertHeld();
        if (lock === 'migration') this.#migrationElector?.fence.assertHeld();
        else this.#assertNotLost();
      },
      assertNotLost: () => this.#assertNotLost(),
    };
  }

  #assertNotLost(): void {
    this.#elector?.fence.assertNotLost?.();
    this.#migrationElector?.fence.assertNotLost?.();
  }

  /** The controllers under both locks share one door to the cloud. */
  get #cloudFence(): WriteFence {
    const fence = this.#fenceOf('main');
    return this.#options.mode === 'observe' ? { ...fence, assertHeld: () => observingFence.assertHeld() } : fence;
  }

  #setObstacle(name: Obstacle, reason: string | undefined): void {
    if (reason === undefined) this.#obstacles.delete(name);
    else this.#obstacles.set(name, reason);
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
    await checkVersionSkew({ client, logger, signal });
    this.#obstacles.delete('cluster');
    const written = this.#options.provider;
    const configured = (await written.discover?.({ gate: this.#gate, clock, logger, signal })) ?? written;
    const provider = configured.connect({ cluster, gate: this.#gate, clock, logger });
    this.#provider = provider;
    try {
      const probing = this.#probe(provider);
      const end = await this.#lead(provider, cluster);
      this.#stopping.abort(new DOMException('the manager has ended', 'AbortError'));
      await probing;
      return end;
    } finally {
      this.#provider = undefined;
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
    const main = this.#term(provider, cluster, 'main');
    const term: Term = this.#migrationElector
      ? {
          isIdle: () => main.isIdle(),
          work: async (aborting) => {
            const migrating = this.#leadMigrated(this.#term(provider, cluster, 'migration'));
            await Promise.all([main.work(aborting), migrating]);
          },
        }
      : main;
    if (!this.#elector) {
      await runTerm(term, this.#stop, async (work, endOfDraining) => await work(endOfDraining));
      return { kind: 'stopped' };
    }
    await this.#elect(this.#elector, term);
    return stopping.aborted && !this.#isMigrationLost ? { kind: 'stopped' } : { kind: 'leaseLost' };
  }

  /** The second lock: losing it ends the manager, as losing the first does. */
  async #leadMigrated(term: Term): Promise<void> {
    const elector = this.#migrationElector;
    if (!elector) return;
    await this.#elect(elector, term);
    if (this.#stopping.signal.aborted) return;
    this.#isMigrationLost = true;
    this.#stopping.abort(new DOMException('the lease of migrating controllers is lost', 'AbortError'));
  }

  /** The election outlives the wish to stop: the lease is kept while work under way ends, and given back after it. */
  async #elect(elector: LeaderElector, term: Term): Promise<void> {
    await runTerm(term, this.#stop, async (work, endOfDraining) => {
      await elector.run({ onStartedLeading: work, onStoppedLeading: () => undefined }, endOfDraining);
    });
  }

  /** What is done under one lock. */
  #term(provider: CloudProvider, cluster: ClusterIdentity, lock: Lock): Term {
    const fence = this.#fenceOf(lock);
    const registrations = this.#selected.flatMap(({ registration, place }) => (place === lock ? [registration] : []));
    let isIdle = true;
    const obstacle = lock === 'main' ? 'caches' : 'migrated-caches';
    return {
      isIdle: () => isIdle,
      work: async (aborting) => {
        const group = new ControllerGroup(
          {
            manager: { ...this.#options, client: fencedClient(this.#options.client, untilLost(fence)) },
            registrations,
            provider,
            cluster,
            fence,
            operations: this.#operations,
            healthz: this.healthz,
            clientOf: (registration) => this.#clientOf(registration, fence),
            recorder: (component, registration) => this.#recorder(component, this.#senderOf(registration)),
            onCaches: (problem) => this.#setObstacle(obstacle, problem),
          },
          aborting,
        );
        isIdle = group.controllers.length === 0;
        this.#groups.add(group);
        try {
          await group.run({ stopping: AbortSignal.any([this.#stopping.signal, aborting]), aborting });
        } finally {
          isIdle = true;
          this.#groups.delete(group);
        }
      },
    };
  }

  /** Who a controller is to the API server. */
  #senderOf({ serviceAccount }: ControllerRegistration): KubeClient {
    return this.#options.controllerClients?.get(serviceAccount) ?? this.#options.client;
  }

  /** Under --mode=observe controllers only say what they would write; Events are real all the same. */
  #clientOf(registration: ControllerRegistration, fence: WriteFence): KubeClient {
    const own = fencedClient(this.#senderOf(registration), untilLost(fence));
    return this.#options.mode === 'observe' ? observingClient(own, this.#options.logger) : own;
  }

  #recorder(component: string, sender: KubeClient = this.#options.client): EventRecorder {
    const { clock, logger, metrics, identity } = this.#options;
    const client = fencedClient(sender, untilLost(this.#fenceOf('main')));
    const recorder = createEventRecorder({ client, clock, logger, metrics, component, instance: identity });
    this.#recorders.push(recorder);
    return recorder;
  }
}

type Lock = 'main' | 'migration';

/** Nobody reads more than tenths of a millisecond. */
function inTenths(duration: Duration): string {
  return `${duration.milliseconds.toFixed(1)}ms`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

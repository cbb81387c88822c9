import type { Clock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import type { CloudProvider, ConfiguredProvider } from '../cloud/cloud-provider.ts';
import type { ClusterIdentity } from '../cloud/cluster-identity.ts';
import type { GuardPolicy } from '../cloud/guard.ts';
import type { ProviderControllerDeclaration } from '../cloud/provider-controller.ts';
import { isControllerEnabled } from '../config/controller-names.ts';
import { type LeaderMigrationConfiguration, lockOf } from '../config/leader-migration.ts';
import type { KubeClient } from '../kube/client/kube-client.ts';
import { untilLost, type WriteFence } from '../kube/client/write-fence.ts';
import { createEventRecorder } from '../kube/events/event-recorder.ts';
import type { EventRecorder } from '../kube/events/event-recorder.ts';
import { LeaderElector } from '../kube/leader-election/leader-elector.ts';
import { OperationLog } from '../reconcile/operation-log.ts';
import { type EventLoopLag, measureEventLoopLag } from '../telemetry/event-loop-lag.ts';
import { EventLoopWatchdog } from '../telemetry/event-loop-watchdog.ts';
import { HealthChecks, healthy, unhealthy } from '../telemetry/health.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { MetricRegistry } from '../telemetry/metrics.ts';
import { BudgetedCallGate } from './budgeted-call-gate.ts';
import { probeCloud } from './cloud-probe.ts';
import { findClusterIdentity } from './cluster-identity.ts';
import { ControllerGroup } from './controller-group.ts';
import {
  builtInControllers,
  type ControllerRegistration,
  type ControllerSettings,
  providerControllers,
} from './controller-registry.ts';
import type { ManagerStatus } from './manager-status.ts';
import { fencedClient } from './fenced-client.ts';
import { observingClient, observingFence } from './observing-client.ts';
import { checkVersionSkew } from './version-check.ts';

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
  /** The loops that only this cloud has. @default none */
  readonly providerControllers?: readonly ProviderControllerDeclaration[];
  readonly leadership: LeadershipSettings;
  readonly settings: ControllerSettings;
  /** `observe` writes nothing but the lease and Events. @default run */
  readonly mode?: GuardPolicy['mode'];
  /** Which controllers run under a second lock. @default none */
  readonly migration?: LeaderMigrationConfiguration | undefined;
  /** Whether the lease is given back at the end. @default yes */
  readonly releasesLease?: 'yes' | 'no';
  /** Clients of controllers by service account. @default all use the manager's */
  readonly controllerClients?: ReadonlyMap<string, KubeClient>;
  /** Time between the starts of two controllers. @default none */
  readonly startInterval?: Duration;
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
  readonly #recorders: EventRecorder[] = [];
  readonly #obstacles = new Map<string, string>();
  readonly #groups = new Set<ControllerGroup>();
  #isMigrationLost = false;
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
    this.#setObstacle(name, reason);
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

  #setObstacle(name: string, reason: string | undefined): void {
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
      await this.#runTerm(term, async (work, endOfDraining) => await work(endOfDraining));
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
    await this.#runTerm(term, async (work, endOfDraining) => {
      await elector.run({ onStartedLeading: work, onStoppedLeading: () => undefined }, endOfDraining);
    });
  }

  async #runTerm(
    term: Term,
    lead: (work: (aborting: AbortSignal) => Promise<void>, endOfDraining: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const drained = new AbortController();
    const work = async (aborting: AbortSignal): Promise<void> => {
      try {
        await term.work(aborting);
      } finally {
        drained.abort(new DOMException('the controllers have ended', 'AbortError'));
      }
    };
    await lead(work, this.#endOfDraining(drained, term.isIdle));
  }

  /** What is done under one lock. */
  #term(provider: CloudProvider, cluster: ClusterIdentity, lock: Lock): Term {
    const fence = this.#fenceOf(lock);
    const { logger } = this.#options;
    const { controllers, providerControllers: declared = [] } = this.#options;
    const registrations = [...builtInControllers, ...providerControllers(declared)].filter(({ name }) => {
      if (!isControllerEnabled(name, controllers, declared)) {
        if (lock === 'main') logger.info('A controller is switched off by --controllers', { controller: name });
        return false;
      }
      const under = lockOf(name, this.#options.migration);
      if (under === 'never' && lock === 'main') {
        logger.info('Another manager runs a controller', { controller: name });
      }
      return under === lock;
    });
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

  /** Aborted when the work has ended after {@link stop}, at the latest when the deadline for that has passed. */
  #endOfDraining(drained: AbortController, isIdle: () => boolean): AbortSignal {
    const end = new AbortController();
    const stopping = this.#stopping.signal;
    const finish = (): void => end.abort(stopping.reason);
    const begin = (): void => {
      if (isIdle() || drained.signal.aborted) finish();
      else {
        drained.signal.addEventListener('abort', finish, { once: true });
        this.#options.clock.schedule(drainDeadline, finish);
      }
    };
    if (stopping.aborted) begin();
    else stopping.addEventListener('abort', begin, { once: true });
    return end.signal;
  }

  #recorder(component: string, sender: KubeClient = this.#options.client): EventRecorder {
    const { clock, logger, metrics, identity } = this.#options;
    const client = fencedClient(sender, untilLost(this.#fenceOf('main')));
    const recorder = createEventRecorder({ client, clock, logger, metrics, component, instance: identity });
    this.#recorders.push(recorder);
    return recorder;
  }

  #addChecks(): void {
    const elector = this.#elector;
    const migrationElector = this.#migrationElector;
    for (const checks of [this.healthz, this.livez, this.readyz]) {
      checks.add('ping', () => healthy);
      if (elector) checks.add('leaderElection', () => elector.health());
      if (migrationElector) checks.add('migrationLeaderElection', () => migrationElector.health());
    }
    this.livez.add('event-loop', () => this.#watchdog.health());
    for (const [name, obstacle] of [
      ['api-server', 'cluster'],
      ['authentication', 'authentication'],
      ['cloud', 'cloud'],
      ['informer-sync', 'caches'],
      ['migrated-informer-sync', 'migrated-caches'],
    ] as const) {
      this.readyz.add(name, () => {
        const reason = this.#obstacles.get(obstacle);
        return reason === undefined ? healthy : unhealthy(reason);
      });
    }
  }
}

type Lock = 'main' | 'migration';

/** The work under one lock. */
interface Term {
  /** Whether there is nothing to wait for when the manager stops. */
  readonly isIdle: () => boolean;
  readonly work: (aborting: AbortSignal) => Promise<void>;
}

/** Nobody reads more than tenths of a millisecond. */
function inTenths(duration: Duration): string {
  return `${duration.milliseconds.toFixed(1)}ms`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

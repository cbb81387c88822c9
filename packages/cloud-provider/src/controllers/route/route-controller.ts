import type { Node } from '../../api/node.ts';
import { itemBackoff } from '../../base/backoff.ts';
import { type Cidr, parseCidr } from '../../base/cidr.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { toCloudError } from '../../cloud/cloud-error.ts';
import type { GuardPolicy } from '../../cloud/guard.ts';
import type { ResourceKey } from '../../cloud/operation.ts';
import type { Routes } from '../../cloud/routes.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { WriteFence } from '../../kube/client/write-fence.ts';
import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import type { Informer } from '../../kube/informer/informer.ts';
import { nodes as nodesResource } from '../../kube/resources.ts';
import { type ReconcileResult, runWorkers } from '../../kube/work-queue/run-workers.ts';
import { WorkQueue } from '../../kube/work-queue/work-queue.ts';
import type { OperationLog } from '../../reconcile/operation-log.ts';
import { untilSynced } from '../../reconcile/until-synced.ts';
import { type Health, healthy } from '../../telemetry/health.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import type { Controller, ControllerLife, ControllerStatus } from '../controller.ts';
import { type IsOwnNode, everyNode } from '../own-nodes.ts';
import { ConditionWriter } from './condition-writer.ts';
import { isConditionOverwritten } from './network-condition.ts';
import { RouteAnnouncer } from './route-announcer.ts';
import { wantSameRoutes } from './route-changes.ts';
import { NodeRoutes } from './node-routes.ts';
import { RouteTable, type TableReport } from './route-table.ts';
import { decideRouteWishes } from './route-wishes.ts';

export interface RouteControllerOptions {
  readonly client: KubeClient;
  /** Withholds writes once the lease is lost. */
  readonly fence?: WriteFence;
  readonly nodes: Informer<Node>;
  readonly routes: Routes;
  /** Neither the routes nor the conditions of others are touched. @default all are */
  readonly isOwn?: IsOwnNode;
  /**
   * `some` when other managers of this cluster may write routes into the same tables: before routes are deleted that no node
   * seems to want, the Nodes are read from the API server, because a cache may not know the other's newest one. @default none
   */
  readonly otherManagers?: 'some' | 'none';
  /** The ranges of the cluster's pods: nothing is written outside of them. */
  readonly clusterCIDRs: readonly Cidr[];
  readonly recorder: EventRecorder;
  readonly operations: OperationLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
  /** Judges every write. @default lets everything of ours through, protects nothing */
  readonly policy?: GuardPolicy;
  /**
   * `--route-reconciliation-period` when it is given: how often the tables are compared with the cloud without any cause.
   * Changes of nodes don't wait for it; it only finds what somebody changed in the cloud. @default 1h
   */
  readonly resyncPeriod?: Duration;
  /** Changes of nodes within this time make one pass. @default 500ms */
  readonly settleTime?: Duration;
}

/** The only key of the queue, so that no two passes run at once. Name and key are those of the Go managers. */
const allRoutes = 'routes';
const retry = { initial: Duration.seconds(1), max: Duration.minutes(5) };
const callTimeout = Duration.minutes(2);
/** A condition that somebody else wrote is put right no sooner: two who disagree must not do so at full speed. */
const conditionDelay = Duration.seconds(10);

/**
 * Keeps the cloud's route tables leading to the pods of each node, and says on the nodes whether they do. Works when nodes
 * change; a table that is as it should be costs no call to the cloud.
 */
export class RouteController implements Controller {
  readonly name = 'node-route-controller';
  readonly #options: RouteControllerOptions;
  readonly #settleTime: Duration;
  readonly #resyncPeriod: Duration;
  readonly #queue: WorkQueue<typeof allRoutes>;
  readonly #backoff = itemBackoff<typeof allRoutes>(retry);
  readonly #conditions: ConditionWriter;
  readonly #announcer: RouteAnnouncer;
  readonly #nodeRoutes: NodeRoutes;
  readonly #isOwn: IsOwnNode;
  readonly #tables = new Map<ResourceKey, RouteTable>();
  #facts: { readonly facts: unknown; readonly renewDue: number } | undefined;
  #notBefore = 0;

  constructor(options: RouteControllerOptions) {
    const { client, clock, fence, metrics, recorder } = options;
    this.#options = options;
    this.#settleTime = options.settleTime ?? Duration.milliseconds(500);
    this.#resyncPeriod = options.resyncPeriod ?? Duration.hours(1);
    this.#queue = new WorkQueue({ name: 'Routes', clock, metrics, backoff: itemBackoff(retry) });
    this.#conditions = new ConditionWriter({ client, fence, clock });
    this.#announcer = new RouteAnnouncer(recorder);
    this.#nodeRoutes = new NodeRoutes(clock);
    this.#isOwn = options.isOwn ?? everyNode;
  }

  async run(life: ControllerLife): Promise<void> {
    const { logger, metrics, nodes } = this.#options;
    const removeHandler = nodes.addHandler({
      onAdd: (_node, initial) => {
        if (!initial) this.#changed();
      },
      onUpdate: (old, next) => {
        if (!wantSameRoutes(old, next) || this.#isOwn(old) !== this.#isOwn(next)) this.#changed();
        else if (isConditionOverwritten(old, next)) this.#queue.addAfter(allRoutes, conditionDelay);
      },
      onDelete: (last) => {
        this.#forget(last);
        this.#changed();
      },
    });
    try {
      await untilSynced([nodes], life.stopping);
      if (life.stopping.aborted) return;
      this.#queue.add(allRoutes);
      await runWorkers(this.#queue, {
        concurrency: 1,
        signal: life.stopping,
        abort: life.aborting,
        logger,
        metrics,
        reconcile: (_key, work) => this.#reconcile(work),
      });
    } finally {
      removeHandler();
      this.#queue.shutDown();
    }
  }

  status(): ControllerStatus {
    const { served, troubled } = this.#nodeRoutes.counts();
    return {
      queues: [{ name: this.#queue.name, depth: this.#queue.length }],
      items: this.#nodeRoutes.items(),
      facts: { tables: this.#tables.size, nodesServed: served, nodesWithoutRoutes: troubled },
    };
  }

  health(): Health {
    return healthy;
  }

  #changed(): void {
    this.#queue.addAfter(allRoutes, this.#settleTime);
  }

  #forget(node: Node): void {
    const { uid } = node.metadata;
    this.#announcer.forget(uid);
    this.#conditions.forget(uid);
    this.#nodeRoutes.forget(uid);
  }

  async #reconcile(signal: AbortSignal): Promise<ReconcileResult> {
    const { clock, clusterCIDRs, metrics, nodes, routes } = this.#options;
    const wait = this.#notBefore - clock.monotonic();
    if (wait > 0) return again(Duration.milliseconds(wait), 'the tables of routes are not known yet');
    metrics.counter('route_controller_route_sync_total', {}).increment();
    const tables = await this.#renewTables(signal);
    if (!tables) return again(Duration.milliseconds(this.#notBefore - clock.monotonic()), 'facts not read');

    const decided = decideRouteWishes(nodes.store.list(), {
      clusterCIDRs,
      targetOf: (route) => routes.targetOf(route),
      isOwn: this.#isOwn,
    });
    const facts = this.#facts?.facts;
    const reports = await Promise.all(tables.map((table) => table.reconcile({ ...decided, facts, signal })));
    signal.throwIfAborted();
    this.#logTroubles(tables, reports);

    const states = this.#nodeRoutes.judge(decided.nodes, reports, this.#announcer);
    // A Node whose condition can't be written is tried again; the tables are known by then and cost nothing.
    await this.#conditions.writeAll(states, signal);
    const renewDue = Duration.milliseconds((this.#facts?.renewDue ?? 0) - clock.monotonic());
    return again(
      reports.map(({ nextLook }) => nextLook).reduce((left, right) => left.min(right), renewDue),
      'resync',
    );
  }

  /** The tables as of the facts, which are asked for again in each resync and when a table was not understood. */
  async #renewTables(signal: AbortSignal): Promise<readonly RouteTable[] | undefined> {
    const { clock, logger, routes } = this.#options;
    const now = clock.monotonic();
    if (this.#facts && now < this.#facts.renewDue) return [...this.#tables.values()];
    const priority = this.#facts ? 'upkeep' : 'change';
    try {
      const facts = await routes.facts({ signal, timeout: callTimeout, freshness: 'live', priority });
      this.#facts = { facts, renewDue: clock.monotonic() + this.#resyncPeriod.milliseconds };
      this.#backoff.forget(allRoutes);
      this.#setTables(routes.tables(facts));
    } catch (error) {
      signal.throwIfAborted();
      const { code, details } = toCloudError(error);
      const after = this.#backoff.next(allRoutes).max(details.retryAfter ?? Duration.zero);
      logger.warn('The tables of routes are not known', { code, err: error, retryAfter: after });
      // What was known before is still good for nodes that come and go.
      if (this.#facts) this.#facts = { ...this.#facts, renewDue: now + after.milliseconds };
      else this.#notBefore = now + after.milliseconds;
      return this.#facts && [...this.#tables.values()];
    }
    return [...this.#tables.values()];
  }

  #setTables(keys: readonly ResourceKey[]): void {
    const { clock, logger, metrics, operations, policy, routes } = this.#options;
    if (keys.length === 0) logger.warn('The cloud has no table for routes of this cluster');
    for (const key of this.#tables.keys()) if (!keys.includes(key)) this.#tables.delete(key);
    for (const key of keys) {
      if (this.#tables.has(key)) continue;
      const table = new RouteTable(key, {
        routes,
        metrics,
        operations,
        clock,
        policy: policy ?? { mode: 'run', isProtected: () => false },
        resyncPeriod: this.#resyncPeriod,
        ...(this.#options.otherManagers === 'some' && {
          beforeDeletes: (cidrs: readonly string[], signal: AbortSignal) => this.#confirmUnwanted(cidrs, signal),
        }),
      });
      this.#tables.set(key, table);
    }
  }

  /** @throws Error when a Node that the cache does not know wants one of the routes */
  async #confirmUnwanted(cidrs: readonly string[], signal: AbortSignal): Promise<void> {
    const unwanted = new Set(cidrs);
    const { items } = await this.#options.client.list(nodesResource, { signal });
    for (const { metadata, spec } of items) {
      const wanted = spec.podCIDRs.find((text) => unwanted.has(parseCidr(text)?.text ?? text));
      if (wanted === undefined) continue;
      throw new Error(`the route for ${wanted} is of the node ${metadata.name}, which is not in the cache yet`);
    }
  }

  #logTroubles(tables: readonly RouteTable[], reports: readonly TableReport[]): void {
    const { logger } = this.#options;
    for (const [index, report] of reports.entries()) {
      const table = tables[index]?.key;
      if (report.kind === 'unknown') {
        logger.warn('A table of routes is not known', { table, reason: report.reason, message: report.message });
      } else if (report.failedDeletes.length > 0) {
        logger.warn('Routes that no node wants were not deleted', { table, cidrs: report.failedDeletes });
      }
    }
  }
}

function again(after: Duration, reason: string): ReconcileResult {
  return { kind: 'requeueAfter', after: after.max(Duration.zero), reason };
}

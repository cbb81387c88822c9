import type { Node } from '../../api/node.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { Semaphore } from '../../base/semaphore.ts';
import type { ClusterIdentity } from '../../cloud/cluster-identity.ts';
import type { InstanceView, Instances } from '../../cloud/instances.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import { type WriteFence, isFenced } from '../../kube/client/write-fence.ts';
import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import type { Informer } from '../../kube/informer/informer.ts';
import { untilSynced } from '../../reconcile/until-synced.ts';
import { type Health, healthy } from '../../telemetry/health.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import type { Controller, ControllerLife, ControllerStatus } from '../controller.ts';
import { taintsFor, taintsWhenReady } from './choose-taints.ts';
import { DeletionAnnouncer } from './deletion-announcer.ts';
import {
  type GuardPass,
  type GuardState,
  type Observation,
  type Suspect,
  acquit,
  forget,
  initialGuardState,
  isConfirmationDue,
  judgeDeletions,
  withdrawPermit,
} from './deletion-guard.ts';
import { type DeletionLimits, type DeletionPolicy, defaultDeletionLimits } from './deletion-limits.ts';
import { lifecycleStatus } from './lifecycle-status.ts';
import type { TaintChanges } from './lifecycle-taints.ts';
import { MachineLookup } from './machine-lookup.ts';
import { nodeRef } from '../node-reference.ts';
import { NodeRemover } from './node-remover.ts';
import { isReady, needsAttention, outageIdentity } from './node-readiness.ts';
import { PassRhythm } from './pass-rhythm.ts';
import { TaintWriter } from './taint-writer.ts';
import { WatchedNodes } from './watched-nodes.ts';

/** What the flags say to the controller. */
export interface NodeLifecycleSettings {
  /** `--node-monitor-period`: the pause between two passes over the nodes that are not ready. @default 5s */
  readonly monitorPeriod?: Duration;
  /** `--concurrent-node-lifecycle-syncs`: Nodes that are written at once. @default 16 */
  readonly concurrency?: number;
  /** `--node-deletion-policy`. @default delete */
  readonly deletionPolicy?: DeletionPolicy;
  /** @default defaultDeletionLimits */
  readonly deletionLimits?: DeletionLimits;
}

export interface NodeLifecycleControllerOptions extends NodeLifecycleSettings {
  readonly client: KubeClient;
  /** Withholds writes once the lease is lost. */
  readonly fence?: WriteFence;
  readonly nodes: Informer<Node>;
  readonly instances: Instances;
  /** The scheme of the cloud's providerIDs: Nodes of other schemes do not count for what is a part of the cluster. */
  readonly scheme: string;
  readonly cluster: ClusterIdentity;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
}

/**
 * Looks after the Nodes that are not ready: those whose machines are stopped get the shutdown taint, those whose machines are
 * gone are deleted, when the deletion guard lets them go. A Node that is ready is never asked about and never deleted.
 *
 * It works in passes: at once when a Node stops being ready, and regularly. One pass asks the cloud about all of its nodes
 * together and judges them together.
 */
export class NodeLifecycleController implements Controller {
  readonly name = 'cloud-node-lifecycle-controller';
  readonly #options: NodeLifecycleControllerOptions;
  readonly #monitorPeriod: Duration;
  readonly #policy: DeletionPolicy;
  readonly #limits: DeletionLimits;
  readonly #lookup: MachineLookup;
  readonly #taints: TaintWriter;
  readonly #writes: Semaphore;
  readonly #watched: WatchedNodes;
  readonly #rhythm: PassRhythm;
  readonly #announcer: DeletionAnnouncer;
  readonly #remover: NodeRemover;
  #guard: GuardState = initialGuardState;
  #passes = 0;
  #lastPass = '';
  /** What the cloud could not be asked about in the latest pass, for people; empty when it answered. */
  #silence = '';

  constructor(options: NodeLifecycleControllerOptions) {
    const { client, clock, cluster, fence, instances, recorder } = options;
    this.#options = options;
    this.#monitorPeriod = options.monitorPeriod ?? Duration.seconds(5);
    this.#policy = options.deletionPolicy ?? 'delete';
    this.#limits = options.deletionLimits ?? defaultDeletionLimits;
    this.#lookup = new MachineLookup(instances, clock);
    this.#taints = new TaintWriter(client, fence);
    this.#writes = new Semaphore(options.concurrency ?? 16);
    this.#watched = new WatchedNodes(clock);
    this.#rhythm = new PassRhythm({
      clock,
      logger: options.logger,
      watched: this.#watched,
      period: this.#monitorPeriod,
    });
    this.#announcer = new DeletionAnnouncer({ recorder, limits: this.#limits, clusterUID: cluster.uid });
    this.#remover = new NodeRemover({
      client,
      ...(fence && { fence }),
      taints: this.#taints,
      announcer: this.#announcer,
      policy: this.#policy,
      logger: options.logger,
      metrics: options.metrics,
    });
  }

  async run(life: ControllerLife): Promise<void> {
    const { nodes } = this.#options;
    const removeHandler = nodes.addHandler({
      onAdd: (node, isInInitialList) => this.#onAdd(node, isInInitialList ? 'listed' : 'joined'),
      onUpdate: (old, next) => this.#onUpdate(old, next),
      onDelete: (node) => this.#onDelete(node),
    });
    try {
      await untilSynced([nodes], life.stopping);
      await this.#rhythm.run(life, (names) => this.#pass(names, life.aborting));
    } finally {
      removeHandler();
    }
  }

  status(): ControllerStatus {
    const { clock, nodes } = this.#options;
    return lifecycleStatus({
      guard: this.#guard,
      clock,
      due: this.#watched.due,
      facts: {
        nodes: nodes.store.size,
        watched: this.#watched.size,
        deletionPolicy: this.#policy,
        deleted: this.#remover.deleted,
        unanswered: this.#silence,
        passes: this.#passes,
        lastPass: this.#lastPass,
      },
    });
  }

  health(): Health {
    return healthy;
  }

  #onAdd(node: Node, how: 'listed' | 'joined'): void {
    if (this.#watched.add(node, how)) this.#want(node);
  }

  #onUpdate(old: Node, next: Node): void {
    // The kubelet knows better than any cloud that its machine is there.
    if (isReady(next)) this.#setGuard(acquit(this.#guard, next.metadata.uid, this.#options.clock.monotonic()));
    const isNew =
      this.#watched.look(next) && (isReady(old) !== isReady(next) || outageIdentity(old) !== outageIdentity(next));
    if (isNew) this.#want(next);
  }

  #onDelete(node: Node): void {
    this.#watched.remove(node.metadata.name);
    this.#setGuard(forget(this.#guard, node.metadata.uid));
  }

  #want(node: Node): void {
    this.#rhythm.want(node.metadata.name);
  }

  async #pass(names: readonly string[], signal: AbortSignal): Promise<void> {
    const { clock, metrics, nodes } = this.#options;
    const known = names.map((name) => nodes.store.get(name)).filter((node) => node !== undefined);
    const silent = known.filter((node) => !isReady(node));
    // An open breaker is reviewed even when there is nothing left to ask about.
    if (known.length === 0 && this.#guard.breaker.kind === 'closed') return;
    const begin = clock.monotonic();
    await Promise.all([
      ...known.filter(isReady).map((node) => this.#writeTaints(node, taintsWhenReady, signal)),
      this.#judge(silent, signal),
    ]);
    this.#passes++;
    this.#lastPass = clock.now().toISOString();
    const seconds = (clock.monotonic() - begin) / 1000;
    metrics.histogram('cloud_node_lifecycle_controller_monitor_nodes_duration_seconds', {}).observe(seconds);
    const processed = 'cloud_node_lifecycle_controller_nodes_processed_total';
    metrics.counter(processed, { path: 'cache' }).increment(known.length - silent.length);
    metrics.counter(processed, { path: 'cloud' }).increment(silent.length);
  }

  async #judge(silent: readonly Node[], signal: AbortSignal): Promise<void> {
    const { clock, nodes } = this.#options;
    const isLive = isConfirmationDue(this.#guard, clock.monotonic(), this.#limits);
    const freshness = isLive ? 'live' : { maxAge: this.#monitorPeriod };
    const { views, ...times } = await this.#lookup.read(silent.map(nodeRef), freshness, signal);
    this.#noteSilence(views);
    // What changed while the cloud was asked is another question; the answer does not fit it.
    const answered = silent.flatMap((asked) => {
      const node = nodes.store.get(asked.metadata.name);
      const view = views.get(asked.metadata.name);
      if (!node || !view || !needsAttention(node) || isReady(node)) return [];
      return outageIdentity(node) === outageIdentity(asked) ? [{ node, view }] : [];
    });
    const permitted = this.#decide({
      ...times,
      freshness: isLive ? 'live' : 'cached',
      clusterSize: this.#clusterSize(),
      observations: answered.map(({ node, view }) => this.#observation(node, view)),
    });
    await Promise.all([
      ...answered.map(({ node, view }) => this.#writeTaints(node, (version) => taintsFor(version, view), signal)),
      ...permitted.map((suspect) => this.#writes.run(() => this.#letGo(suspect, signal), signal)),
    ]);
  }

  /** Says once, not in each pass, that and why the cloud leaves questions open. */
  #noteSilence(views: ReadonlyMap<string, InstanceView>): void {
    const reasons = [...views.values()].flatMap((view) => (view.kind === 'unknown' ? [view.reason] : []));
    const [first] = reasons;
    const silence = first ? `${first.code}: ${first.message}` : '';
    if (first && silence !== this.#silence) {
      this.#options.logger.warn('The cloud did not say whether machines are there, so their nodes stay as they are', {
        nodes: reasons.length,
        reason: silence,
      });
    }
    this.#silence = silence;
  }

  #decide(pass: GuardPass): readonly Suspect[] {
    const { logger } = this.#options;
    const before = this.#guard;
    const { state, permitted } = judgeDeletions(before, pass, this.#limits);
    this.#setGuard(state);
    this.#announcer.breakerMoved(before, state);
    if (before.breaker.kind !== state.breaker.kind) {
      logger.warn('The breaker for deletions has moved', { ...state.breaker });
    }
    return permitted;
  }

  #observation(node: Node, view: InstanceView): Observation {
    const { name, uid } = node.metadata;
    return {
      node: { name, uid, identity: outageIdentity(node) },
      age: this.#watched.ageOf(node),
      knownBy: node.spec.providerID === '' ? 'name' : 'providerID',
      view,
    };
  }

  /** How many Nodes are this cloud's, or may become so. */
  #clusterSize(): number {
    const prefix = `${this.#options.scheme}://`;
    let size = 0;
    for (const { spec } of this.#options.nodes.store.list()) {
      if (spec.providerID === '' || spec.providerID.startsWith(prefix)) size++;
    }
    return size;
  }

  async #letGo(suspect: Suspect, signal: AbortSignal): Promise<void> {
    const { name, uid, identity } = suspect.node;
    const node = this.#options.nodes.store.get(name);
    // Others went before it, and time has passed meanwhile.
    const isStillDoomed = node && needsAttention(node) && !isReady(node) && outageIdentity(node) === identity;
    const outcome = isStillDoomed ? await this.#remover.remove(node, suspect, signal) : 'failed';
    if (outcome === 'failed') this.#setGuard(withdrawPermit(this.#guard, uid));
  }

  async #writeTaints(node: Node, changes: (node: Node) => TaintChanges, signal: AbortSignal): Promise<void> {
    const { logger } = this.#options;
    const { name } = node.metadata;
    try {
      const isWritten = await this.#writes.run(() => this.#taints.write(node, changes, signal), signal);
      if (isWritten) logger.info('Changed the taints of a node', { node: name });
    } catch (error) {
      if (signal.aborted || isFenced(error)) return;
      logger.error('The taints of a node could not be changed, will retry', { node: name, err: error });
    }
  }

  #setGuard(state: GuardState): void {
    this.#guard = state;
    const { metrics } = this.#options;
    metrics.gauge('ccm_node_deletion_breaker_open', {}).set(state.breaker.kind === 'open' ? 1 : 0);
    metrics.gauge('ccm_node_deletion_suspects', {}).set(state.suspects.size);
  }
}

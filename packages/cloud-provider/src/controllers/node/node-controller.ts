import type { Node } from '../../api/node.ts';
import { type ItemBackoff, itemBackoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { isIntentAnnotation } from '../../cloud/create-intent.ts';
import type { GuardPolicy } from '../../cloud/guard.ts';
import type { Instances } from '../../cloud/instances.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { WriteFence } from '../../kube/client/write-fence.ts';
import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import type { Informer } from '../../kube/informer/informer.ts';
import { type ReconcileResult, runWorkers } from '../../kube/work-queue/run-workers.ts';
import { WorkQueue } from '../../kube/work-queue/work-queue.ts';
import { OperationLog } from '../../reconcile/operation-log.ts';
import { OwnWrites } from '../../reconcile/own-writes.ts';
import { untilSynced } from '../../reconcile/until-synced.ts';
import { type Health, healthy } from '../../telemetry/health.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import type { Controller, ControllerLife, ControllerStatus } from '../controller.ts';
import { announceDoubt, announceUnusableLabels } from './announce-doubt.ts';
import { AnnotationRemarks } from './annotation-remarks.ts';
import { InstanceReader } from './instance-reader.ts';
import { LabelKeeper } from './label-keeper.ts';
import { hasLabelDisagreement } from './node-labels.ts';
import { NodeAnnotations } from './node-annotations.ts';
import { NodePreparation } from './node-preparation.ts';
import { nodeRef, nodeReference } from '../node-reference.ts';
import { NodeUpkeep } from './node-upkeep.ts';
import { NodeWriter, type WriteOutcome } from './node-writer.ts';
import { type Obstacle, isUninitialized, planInitialization } from './plan-node.ts';
import { RecentNodes } from './recent-nodes.ts';
import { WaitingNodes } from './waiting-nodes.ts';

export interface NodeControllerOptions {
  readonly client: KubeClient;
  /** Withholds writes once the lease is lost. */
  readonly fence?: WriteFence;
  readonly nodes: Informer<Node>;
  readonly instances: Instances;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
  /** Where cloud writes that nodes need show. @default a log that nobody reads */
  readonly operations?: OperationLog;
  /** The one Node that the informer knows of. @default it knows of all */
  readonly nodeName?: string | undefined;
  /** Judges these writes. @default lets everything of ours through, protects nothing */
  readonly policy?: GuardPolicy;
  /** `--node-status-update-frequency`: how often initialised nodes are compared with their machines. @default 5m */
  readonly statusUpdateFrequency?: Duration;
  /**
   * Nodes that are worked on at once. They mostly wait for one and the same request to the cloud, so that this only has to
   * be large enough to fill requests; writes are bounded by the client. @default 1000
   */
  readonly concurrency?: number;
}

/** Machines appear in a cloud's lists seconds after they are started; nobody should wait much longer than they need. */
const retry = { initial: Duration.seconds(1), max: Duration.minutes(1) };

/** How soon addresses are asked for again that the cloud did not know yet when the node was initialised. */
const missingAddressesDelay = Duration.seconds(15);

/**
 * Initialises the nodes that join and keeps their addresses and labels true to the machines behind them. One node costs at
 * most two writes, and as many nodes as the cloud allows share one request to it.
 */
export class NodeController implements Controller {
  readonly name = 'cloud-node-controller';
  readonly #options: NodeControllerOptions;
  readonly #concurrency: number;
  readonly #frequency: Duration;
  readonly #queue: WorkQueue<string>;
  readonly #backoff: ItemBackoff<string>;
  readonly #reader: InstanceReader;
  readonly #writer: NodeWriter;
  readonly #labels: LabelKeeper;
  readonly #annotations: NodeAnnotations;
  readonly #remarks: AnnotationRemarks;
  readonly #preparation: NodePreparation | undefined;
  readonly #upkeep: NodeUpkeep;
  readonly #waiting: WaitingNodes;
  readonly #recent: RecentNodes;
  /** What our own initialisations made of nodes. */
  readonly #versions = new OwnWrites();
  /** The nodes that the cloud says are not its own, by name. */
  readonly #foreign = new Map<string, ForeignNode>();
  #initialized = 0;

  constructor(options: NodeControllerOptions) {
    const { client, clock, fence, instances, logger, metrics, nodeName, nodes, recorder } = options;
    this.#options = options;
    this.#concurrency = options.concurrency ?? 1000;
    this.#frequency = options.statusUpdateFrequency ?? Duration.minutes(5);
    this.#backoff = itemBackoff(retry);
    this.#queue = new WorkQueue({ name: 'Nodes', clock, metrics, backoff: itemBackoff(retry) });
    this.#reader = new InstanceReader(instances, clock);
    this.#writer = new NodeWriter(client, fence, clock);
    this.#labels = new LabelKeeper({ client, fence, recorder, logger, nodeName });
    this.#waiting = new WaitingNodes(clock, recorder);
    this.#recent = new RecentNodes(clock);
    this.#annotations = new NodeAnnotations(client, fence);
    this.#remarks = new AnnotationRemarks(recorder);
    this.#preparation =
      instances.prepare &&
      new NodePreparation({
        metrics,
        clock,
        annotations: this.#annotations,
        prepare: instances.prepare,
        maxBatch: instances.maxBatch,
        policy: options.policy ?? { mode: 'run', isProtected: () => false },
        operations: options.operations ?? new OperationLog(clock),
      });
    this.#upkeep = new NodeUpkeep({
      nodes,
      clock,
      metrics,
      logger,
      reader: this.#reader,
      writer: this.#writer,
      labels: this.#labels,
      remarks: this.#remarks,
      recorder,
      frequency: this.#frequency,
      concurrency: this.#concurrency,
    });
  }

  async run(life: ControllerLife): Promise<void> {
    const { logger, nodes } = this.#options;
    const removeHandler = nodes.addHandler({
      onAdd: (node) => this.#onAdd(node),
      onUpdate: (old, next) => this.#onUpdate(old, next),
      onDelete: (node) => this.#onDelete(node),
    });
    try {
      await untilSynced([nodes], life.stopping);
      if (life.stopping.aborted) return;
      await Promise.all([
        runWorkers(this.#queue, {
          concurrency: this.#concurrency,
          signal: life.stopping,
          abort: life.aborting,
          logger,
          reconcile: (name, work) => this.#initialize(name, work),
        }),
        this.#upkeep.run(life),
      ]);
    } finally {
      removeHandler();
      this.#queue.shutDown();
    }
  }

  status(): ControllerStatus {
    return {
      queues: [{ name: this.#queue.name, depth: this.#queue.length }, ...this.#upkeep.queues()],
      items: [...this.#waiting.status(), ...this.#recent.status()],
      facts: {
        nodes: this.#options.nodes.store.size,
        waiting: this.#waiting.size,
        foreign: this.#foreign.size,
        initialized: this.#initialized,
        waitingForTheCloud: this.#reader.waiting,
        ...this.#upkeep.facts(),
      },
    };
  }

  health(): Health {
    return healthy;
  }

  #onAdd(node: Node): void {
    if (isUninitialized(node)) this.#queue.add(node.metadata.name);
  }

  #onUpdate(old: Node, next: Node): void {
    const { name } = next.metadata;
    if (!isUninitialized(next)) {
      this.#versions.forget(next.metadata.uid);
      this.#waiting.forget(name);
      const isAtOdds = hasLabelDisagreement(next.metadata.labels) && !hasLabelDisagreement(old.metadata.labels);
      if (isAtOdds || this.#labels.isDisturbed(old, next) || this.#remarks.areNews(old, next)) this.#upkeep.add(name);
      return;
    }
    // A kubelet's heartbeat must not undo the back-off of a node that waits.
    if (!isUninitialized(old) || identityOf(old) !== identityOf(next)) this.#queue.add(name);
  }

  #onDelete(node: Node): void {
    const { name } = node.metadata;
    this.#waiting.forget(name);
    this.#recent.forget(name);
    this.#versions.forget(node.metadata.uid);
    this.#foreign.delete(name);
    this.#backoff.forget(name);
    this.#upkeep.forget(node);
    this.#labels.forget(node.metadata.uid);
    this.#remarks.forget(node.metadata.uid);
    this.#annotations.forget(node.metadata.uid);
  }

  async #initialize(name: string, signal: AbortSignal): Promise<ReconcileResult> {
    const node = this.#options.nodes.store.get(name);
    if (!node || !isUninitialized(node) || this.#versions.isOutdated(node)) return this.#finish(name);
    const foreign = this.#foreign.get(name);
    const identity = identityOf(node);
    if (foreign?.identity === identity && this.#untilAsked(foreign).milliseconds > 0) {
      this.#finish(name);
      return { kind: 'requeueAfter', after: this.#untilAsked(foreign), reason: 'not of this cloud' };
    }

    const view = await this.#reader.read(nodeRef(node), 'initialize', signal);
    if (this.#preparation && planInitialization(node, view).kind === 'writes') {
      const answer = await this.#preparation.prepare(node, signal);
      if (answer.kind === 'obstacle') return this.#wait(node, answer, answer.after);
    }
    // Preparing it may have written to the Node; the writer sees to it that it is still the one that was prepared.
    const latest = this.#options.nodes.store.get(name);
    const outcome = await this.#writer.write<Obstacle | 'handsOff'>(
      latest?.metadata.uid === node.metadata.uid ? latest : node,
      (version) => {
        const plan = planInitialization(version, view);
        switch (plan.kind) {
          case 'writes':
            return plan;
          case 'handsOff':
            return { kind: 'stop', by: 'handsOff' };
          case 'obstacle':
            return { kind: 'stop', by: plan };
        }
      },
      signal,
    );
    if (outcome.kind === 'stopped' && outcome.by !== 'handsOff') return this.#wait(node, outcome.by);
    if (outcome.kind === 'stopped') {
      if (foreign?.identity !== identity) this.#options.logger.debug('Node is not of this cloud', { node: name });
      const now = this.#options.clock.monotonic();
      this.#foreign.set(name, { identity, askAgain: now + this.#frequency.milliseconds });
      this.#finish(name);
      return { kind: 'requeueAfter', after: this.#frequency, reason: 'not of this cloud' };
    }
    this.#foreign.delete(name);
    if (outcome.kind === 'written') {
      const hasAddresses = view.kind === 'present' && (view.metadata?.addresses.length ?? 0) > 0;
      if (!hasAddresses) this.#upkeep.add(name, missingAddressesDelay);
      if (view.kind === 'present' && view.metadata) announceUnusableLabels(this.#options.recorder, node, view.metadata);
      this.#celebrate(node, outcome);
    }
    return this.#finish(name);
  }

  #untilAsked(foreign: ForeignNode): Duration {
    return Duration.milliseconds(foreign.askAgain - this.#options.clock.monotonic());
  }

  #wait(node: Node, obstacle: Obstacle, atLeast = Duration.zero): ReconcileResult {
    const { name } = node.metadata;
    const after = this.#backoff.next(name).max(atLeast);
    this.#waiting.wait(node, obstacle, after);
    this.#options.logger.debug('Node waits', { node: name, reason: obstacle.reason, message: obstacle.message });
    return { kind: 'requeueAfter', after, reason: obstacle.reason };
  }

  #finish(name: string): ReconcileResult {
    this.#waiting.forget(name);
    this.#backoff.forget(name);
    return { kind: 'done' };
  }

  #celebrate(node: Node, outcome: Extract<WriteOutcome<never>, { kind: 'written' }>): void {
    const { clock, logger, metrics, recorder } = this.#options;
    this.#initialized++;
    this.#versions.remember(node, outcome.resourceVersion);
    this.#labels.remember(node, outcome.writes.labels);
    announceDoubt(recorder, node, outcome.writes);
    this.#remarks.tell(node);
    this.#recent.add(node.metadata.name, outcome.writes.providerID ?? node.spec.providerID);
    const age = Math.max(0, (clock.now().getTime() - Date.parse(node.metadata.creationTimestamp)) / 1000);
    metrics.histogram('node_controller_cloud_provider_taint_removal_delay_seconds', {}).observe(age);
    metrics.histogram('node_controller_initial_node_sync_delay_seconds', {}).observe(age);
    recorder.event(nodeReference(node), {
      type: 'Normal',
      reason: 'Synced',
      action: 'Initialize',
      note: 'Node synced successfully',
    });
    logger.info('Node initialised', { node: node.metadata.name });
  }
}

/** A node of somebody else. It is asked about again as seldom as those that we look after: clouds may learn of machines late. */
interface ForeignNode {
  /** What the cloud was asked about. */
  readonly identity: string;
  /** Monotonic milliseconds. */
  readonly askAgain: number;
}

/** Everything of a Node that the cloud's answer and our plan for an uninitialised node depend on. */
function identityOf(node: Node): string {
  const { uid, labels, annotations } = node.metadata;
  // What we write down ourselves while we work on the node is no reason to begin anew.
  const others = Object.entries(annotations).filter(([name]) => !isIntentAnnotation(name));
  return JSON.stringify([uid, node.spec.providerID, labels, others]);
}

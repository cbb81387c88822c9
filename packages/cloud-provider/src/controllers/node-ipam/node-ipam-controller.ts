import type { Node } from '../../api/node.ts';
import { itemBackoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { WriteFence } from '../../kube/client/write-fence.ts';
import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import type { Informer } from '../../kube/informer/informer.ts';
import { type ReconcileResult, runWorkers } from '../../kube/work-queue/run-workers.ts';
import { WorkQueue } from '../../kube/work-queue/work-queue.ts';
import { untilSynced } from '../../reconcile/until-synced.ts';
import { type Health, healthy } from '../../telemetry/health.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import type { Controller, ControllerLife, ControllerStatus, ItemStatus } from '../controller.ts';
import { nodeReference } from '../node-reference.ts';
import { type IsOwnNode, everyNode } from '../own-nodes.ts';
import type { PodCIDRAllocator } from './pod-cidr-allocator.ts';
import { PodCIDRWriter } from './pod-cidr-writer.ts';

export interface NodeIpamControllerOptions {
  readonly client: KubeClient;
  /** Withholds writes once the lease is lost. */
  readonly fence?: WriteFence;
  readonly nodes: Informer<Node>;
  readonly allocator: PodCIDRAllocator;
  /** Others get no ranges here; those that they have are given to nobody else. @default all are */
  readonly isOwn?: IsOwnNode;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
  /** Nodes that are written at once. @default 30, as the Go manager's */
  readonly concurrency?: number;
}

const retry = { initial: Duration.seconds(1), max: Duration.minutes(1) };
/** How often a node without a range is told of when nothing gets free. */
const exhaustedPeriod = Duration.minutes(5);

/** Gives nodes their ranges of pod addresses, each range to one node. A node costs one write. */
export class NodeIpamController implements Controller {
  readonly name = 'node-ipam-controller';
  readonly #options: NodeIpamControllerOptions;
  readonly #queue: WorkQueue<string>;
  readonly #writer: PodCIDRWriter;
  readonly #isOwn: IsOwnNode;
  /** Nodes that have no ranges yet, by name. */
  readonly #waiting = new Map<string, ItemStatus>();
  /** Those of them that found nothing left. The first has waited longest. */
  readonly #exhausted = new Set<string>();

  constructor(options: NodeIpamControllerOptions) {
    const { client, clock, fence, metrics } = options;
    this.#options = options;
    this.#queue = new WorkQueue({ name: 'cidrallocator_node', clock, metrics, backoff: itemBackoff(retry) });
    this.#writer = new PodCIDRWriter(client, fence);
    this.#isOwn = options.isOwn ?? everyNode;
  }

  async run(life: ControllerLife): Promise<void> {
    const { logger, metrics, nodes } = this.#options;
    // Ranges are noted as soon as they are heard of, and all of them before the first worker begins.
    const removeHandler = nodes.addHandler({
      onAdd: (node) => this.#seen(node),
      onUpdate: (old, next) => {
        if (next.spec.podCIDRs.length > 0 && old.spec.podCIDRs.length === 0) this.#seen(next);
        else if (this.#isOwn(old) !== this.#isOwn(next)) this.#seen(next);
      },
      onDelete: (last) => this.#gone(last),
    });
    try {
      await untilSynced([nodes], life.stopping);
      if (life.stopping.aborted) return;
      await runWorkers(this.#queue, {
        concurrency: this.#options.concurrency ?? 30,
        signal: life.stopping,
        abort: life.aborting,
        logger,
        metrics,
        reconcile: (name, work) => this.#reconcile(name, work),
      });
    } finally {
      removeHandler();
      this.#queue.shutDown();
    }
  }

  status(): ControllerStatus {
    return {
      queues: [{ name: this.#queue.name, depth: this.#queue.length }],
      items: [...this.#waiting.values()].slice(0, 100),
      facts: this.#options.allocator.facts(),
    };
  }

  health(): Health {
    return healthy;
  }

  #seen(node: Node): void {
    if (node.spec.podCIDRs.length === 0 && this.#isOwn(node)) {
      this.#queue.add(node.metadata.name);
      return;
    }
    this.#forget(node.metadata.name);
    this.#occupy(node);
  }

  #occupy(node: Node): void {
    const faults = this.#options.allocator.occupy(node);
    // What others gave to their nodes need not fit into our ranges.
    if (!this.#isOwn(node)) return;
    for (const { reason, message } of faults) {
      this.#options.logger.warn('A node has ranges that do not fit', { node: node.metadata.name, reason, message });
      this.#tell(node, reason, message);
    }
  }

  #gone(node: Node): void {
    this.#options.allocator.release(node.metadata.uid);
    this.#forget(node.metadata.name);
    this.#wakeNext();
  }

  /** One at a time: who finds something wakes the next, so that one free range does not set thousands in motion. */
  #wakeNext(): void {
    for (const name of this.#exhausted) {
      this.#queue.add(name);
      return;
    }
  }

  async #reconcile(name: string, signal: AbortSignal): Promise<ReconcileResult> {
    const node = this.#options.nodes.store.get(name);
    if (!node || node.metadata.deletionTimestamp !== '' || node.spec.podCIDRs.length > 0) return this.#finish(name);
    if (!this.#isOwn(node)) return this.#finish(name);
    const allocation = await this.#options.allocator.allocate(node, signal);
    switch (allocation.kind) {
      case 'exhausted':
        this.#wait(node, { state: 'blocked', reason: 'CIDRNotAvailable', message: allocation.message });
        this.#exhausted.add(name);
        this.#tell(node, 'CIDRNotAvailable', allocation.message);
        return { kind: 'requeueAfter', after: exhaustedPeriod, reason: allocation.message };
      case 'waiting':
        this.#wait(node, { state: 'waiting', reason: '', message: allocation.message });
        return { kind: 'requeueAfter', after: allocation.after, reason: allocation.message };
      case 'allocated':
        this.#satisfied(name);
        return this.#write(node, allocation.cidrs, signal);
    }
  }

  async #write(node: Node, cidrs: readonly string[], signal: AbortSignal): Promise<ReconcileResult> {
    const { allocator, logger } = this.#options;
    const { name, uid } = node.metadata;
    try {
      const result = await this.#writer.write(node, cidrs, signal);
      switch (result.kind) {
        case 'written':
          logger.info('Node got its ranges', { node: name, cidrs });
          break;
        case 'taken':
          this.#occupy(result.node);
          // What was reserved for it is free.
          this.#wakeNext();
          break;
        case 'gone':
          allocator.release(uid);
          break;
      }
    } catch (error) {
      signal.throwIfAborted();
      const message = error instanceof Error ? error.message : String(error);
      this.#wait(node, { state: 'failed', reason: 'CIDRAssignmentFailed', message });
      this.#tell(node, 'CIDRAssignmentFailed', `${cidrs.join(', ')} could not be written: ${message}`);
      throw error;
    }
    return this.#finish(name);
  }

  #finish(name: string): ReconcileResult {
    this.#forget(name);
    return { kind: 'done' };
  }

  #forget(name: string): void {
    this.#waiting.delete(name);
    this.#satisfied(name);
  }

  /** It waits for nothing to get free any more; what is free may be more than it needs. */
  #satisfied(name: string): void {
    if (this.#exhausted.delete(name)) this.#wakeNext();
  }

  #wait(node: Node, status: Pick<ItemStatus, 'state' | 'reason' | 'message'>): void {
    const { name } = node.metadata;
    const before = this.#waiting.get(name);
    const since = before?.state === status.state ? before.since : this.#options.clock.now().toISOString();
    this.#waiting.set(name, { kind: 'Node', key: name, ...status, since, nextAttempt: '', plan: [] });
  }

  #tell(node: Node, reason: string, note: string): void {
    const content = { type: 'Warning', reason, action: 'AllocateCIDR', note } as const;
    this.#options.recorder.event(nodeReference(node), content);
  }
}

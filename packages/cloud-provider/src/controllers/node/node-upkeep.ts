import type { Node } from '../../api/node.ts';
import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import type { Informer } from '../../kube/informer/informer.ts';
import { type ReconcileResult, runWorkers } from '../../kube/work-queue/run-workers.ts';
import { WorkQueue } from '../../kube/work-queue/work-queue.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import type { ControllerLife, QueueStatus } from '../controller.ts';
import type { InstanceReader } from './instance-reader.ts';
import type { AnnotationRemarks } from './annotation-remarks.ts';
import { announceDoubt } from './announce-doubt.ts';
import type { LabelKeeper } from './label-keeper.ts';
import { nodeRef } from '../node-reference.ts';
import type { NodeWriter } from './node-writer.ts';
import { isUninitialized, planUpkeep } from './plan-node.ts';

export interface NodeUpkeepOptions {
  readonly nodes: Informer<Node>;
  readonly reader: InstanceReader;
  readonly writer: NodeWriter;
  readonly labels: LabelKeeper;
  readonly remarks: AnnotationRemarks;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
  readonly frequency: Duration;
  readonly concurrency: number;
}

/**
 * Compares every initialised node with its machine from time to time and writes what differs. It has workers of its own, so
 * that a node that joins never waits behind it.
 */
export class NodeUpkeep {
  readonly #options: NodeUpkeepOptions;
  readonly #queue: WorkQueue<string>;
  #passes = 0;
  #lastPass = '';

  constructor(options: NodeUpkeepOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({ name: 'NodeUpkeep', clock: options.clock, metrics: options.metrics });
  }

  /** Starts a pass at once and then with the given frequency. Nodes that are still waiting from one pass are not asked twice. */
  async run(life: ControllerLife): Promise<void> {
    const { concurrency, logger } = this.#options;
    try {
      await Promise.all([
        runWorkers(this.#queue, {
          concurrency,
          signal: life.stopping,
          abort: life.aborting,
          logger,
          reconcile: (name, work) => this.#compare(name, work),
        }),
        this.#passRegularly(life.stopping),
      ]);
    } finally {
      this.#queue.shutDown();
    }
  }

  /** Compares one node soon, outside the regular passes. */
  add(name: string, after?: Duration): void {
    if (after === undefined) this.#queue.add(name);
    else this.#queue.addAfter(name, after);
  }

  forget(node: Node): void {
    this.#queue.forget(node.metadata.name);
  }

  queues(): readonly QueueStatus[] {
    return [{ name: this.#queue.name, depth: this.#queue.length }];
  }

  facts(): Readonly<Record<string, string | number>> {
    return { upkeepPasses: this.#passes, lastUpkeepPass: this.#lastPass };
  }

  async #passRegularly(signal: AbortSignal): Promise<void> {
    const { clock, frequency, nodes } = this.#options;
    while (!signal.aborted) {
      this.#passes++;
      this.#lastPass = clock.now().toISOString();
      for (const node of nodes.store.list()) {
        if (!isUninitialized(node)) this.#queue.add(node.metadata.name);
      }
      try {
        await clock.sleep(frequency, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  async #compare(name: string, signal: AbortSignal): Promise<ReconcileResult> {
    const { labels, logger, nodes, reader, recorder, remarks, writer } = this.#options;
    const node = nodes.store.get(name);
    if (!node || isUninitialized(node)) return { kind: 'done' };
    const view = await reader.read(nodeRef(node), 'upkeep', signal);
    // Whether a machine that is not there means the end of its Node is for another loop to judge.
    if (view.kind !== 'present' || view.metadata === undefined) return { kind: 'done' };
    const { metadata } = view;
    const outcome = await writer.write<'uninitialized'>(
      node,
      (version) =>
        isUninitialized(version)
          ? { kind: 'stop', by: 'uninitialized' }
          : { kind: 'writes', writes: planUpkeep(version, metadata) },
      signal,
    );
    if (outcome.kind === 'gone' || outcome.kind === 'stopped') return { kind: 'done' };
    if (outcome.kind === 'written') announceDoubt(recorder, node, outcome.writes);
    const latest = nodes.store.get(name);
    // It may have been deleted or given over to another manager meanwhile, and is not ours to label then.
    const isStillOurs = latest?.metadata.uid === node.metadata.uid && !isUninitialized(latest);
    if (isStillOurs) remarks.tell(latest);
    const isRelabelled = isStillOurs && (await labels.keep(latest, metadata, signal));
    if (outcome.kind === 'written' || isRelabelled) logger.info('Node brought up to date', { node: name });
    return { kind: 'done' };
  }
}

import type { Node } from '../../api/node.ts';
import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import type { Informer } from '../../kube/informer/informer.ts';
import { type ReconcileResult, runWorkers } from '../../kube/work-queue/run-workers.ts';
import { WorkQueue } from '../../kube/work-queue/work-queue.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import type { ControllerLife, QueueStatus } from '../controller.ts';
import type { InstanceReader } from './instance-reader.ts';
import { type Labels, allowedAdditionalLabels } from './node-labels.ts';
import { nodeRef } from '../node-reference.ts';
import type { NodeWriter } from './node-writer.ts';
import { type NodeWrites, isUninitialized, planUpkeep } from './plan-node.ts';

export interface NodeUpkeepOptions {
  readonly nodes: Informer<Node>;
  readonly reader: InstanceReader;
  readonly writer: NodeWriter;
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
  /** The additional labels that we wrote or found as the cloud has them, by the Node's UID: these may be changed later. */
  readonly #written = new Map<string, Labels>();
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

  /** Learns which additional labels initialisation wrote. */
  remember(node: Node, writes: NodeWrites): void {
    const added = Object.entries(writes.labels).filter((entry): entry is [string, string] => entry[1] !== null);
    const additional = allowedAdditionalLabels(Object.fromEntries(added));
    if (Object.keys(additional).length > 0) this.#written.set(node.metadata.uid, additional);
  }

  forget(node: Node): void {
    this.#written.delete(node.metadata.uid);
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
    const { logger, nodes, reader, writer } = this.#options;
    const node = nodes.store.get(name);
    if (!node || isUninitialized(node)) return { kind: 'done' };
    const view = await reader.read(nodeRef(node), 'upkeep', signal);
    // Whether a machine that is not there means the end of its Node is for another loop to judge.
    if (view.kind !== 'present' || view.metadata === undefined) return { kind: 'done' };
    const { metadata } = view;
    const { uid } = node.metadata;
    const wanted = allowedAdditionalLabels(metadata.additionalLabels);
    const outcome = await writer.write<'uninitialized'>(
      node,
      (version) =>
        isUninitialized(version)
          ? { kind: 'stop', by: 'uninitialized' }
          : { kind: 'writes', writes: planUpkeep(version, metadata, this.#written.get(uid) ?? {}) },
      signal,
    );
    if (outcome.kind === 'written') logger.info('Node brought up to date', { node: name });
    if (outcome.kind === 'written' || outcome.kind === 'unchanged') {
      this.#rememberMatching(
        uid,
        wanted,
        node.metadata.labels,
        outcome.kind === 'written' ? outcome.writes : undefined,
      );
    }
    return { kind: 'done' };
  }

  #rememberMatching(uid: string, wanted: Labels, labels: Labels, writes: NodeWrites | undefined): void {
    const ours = Object.entries(wanted).filter(([key, value]) => (writes?.labels[key] ?? labels[key]) === value);
    if (ours.length > 0) this.#written.set(uid, Object.fromEntries(ours));
    else this.#written.delete(uid);
  }
}

import type { Node } from '../../api/node.ts';
import { itemBackoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { TokenBucket } from '../../base/token-bucket.ts';
import type { CallContext } from '../../cloud/call-context.ts';
import type { NodeRef } from '../../cloud/instances.ts';
import type { NodeAnswer, ProviderController } from '../../cloud/provider-controller.ts';
import { isConflict, isNotFound } from '../../kube/client/api-error.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { WriteFence } from '../../kube/client/write-fence.ts';
import type { Informer } from '../../kube/informer/informer.ts';
import { nodes as nodeResource } from '../../kube/resources.ts';
import { type ReconcileResult, runWorkers } from '../../kube/work-queue/run-workers.ts';
import { WorkQueue } from '../../kube/work-queue/work-queue.ts';
import { untilSynced } from '../../reconcile/until-synced.ts';
import { type Health, healthy } from '../../telemetry/health.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import type { Controller, ControllerLife, ControllerStatus } from '../controller.ts';
import { nodeRef } from '../node-reference.ts';
import { NodeBatches } from './node-batches.ts';

export interface ProviderNodeControllerOptions {
  readonly controller: ProviderController;
  readonly client: KubeClient;
  /** Withholds writes once the lease is lost. */
  readonly fence?: WriteFence;
  readonly nodes: Informer<Node>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
}

const retry = { initial: Duration.seconds(1), max: Duration.minutes(5) };

/** A Node that is gone can be asked about by nobody: its machine is let go after so many failures. */
const maxReleases = 9;

const callTimeout = Duration.minutes(1);

/** Runs one loop of a provider's own over the Nodes: as many nodes as come together share a call. */
export class ProviderNodeController implements Controller {
  readonly name: string;
  readonly #options: ProviderNodeControllerOptions;
  readonly #queue: WorkQueue<string>;
  readonly #settling: NodeBatches;
  readonly #releasing: NodeBatches;
  readonly #limit: TokenBucket | undefined;
  /** Nodes that were deleted and are still to be released, by name. */
  readonly #leaving = new Map<string, { readonly node: NodeRef; failures: number }>();
  /** What was given up, by UID, with the labels that it was judged by. */
  readonly #givenUp = new Map<string, string>();
  #settled = 0;

  constructor(options: ProviderNodeControllerOptions) {
    const { clock, controller, metrics } = options;
    this.#options = options;
    this.name = controller.name;
    this.#queue = new WorkQueue({ name: controller.name, clock, metrics, backoff: itemBackoff(retry) });
    const { concurrency, maxBatch, limit } = controller;
    this.#settling = new NodeBatches({ concurrency, maxBatch, run: (nodes, call) => controller.settle(nodes, call) });
    this.#releasing = new NodeBatches({ concurrency, maxBatch, run: (nodes, call) => controller.release(nodes, call) });
    this.#limit = limit && new TokenBucket({ rate: limit.perSecond, burst: limit.burst, clock });
  }

  async run(life: ControllerLife): Promise<void> {
    const { controller, logger, nodes } = this.#options;
    const removeHandler = nodes.addHandler({
      onAdd: (node) => this.#onChange(node),
      // A kubelet's heartbeat must not undo the back-off of a node that waits.
      onUpdate: (old, node) => keyOf(nodeRef(old)) !== keyOf(nodeRef(node)) && this.#onChange(node),
      onDelete: (node) => this.#onDelete(node),
    });
    try {
      await untilSynced([nodes], life.stopping);
      if (life.stopping.aborted) return;
      await runWorkers(this.#queue, {
        // Each worker waits for the call that its node shares with others.
        concurrency: controller.maxBatch * controller.concurrency,
        signal: life.stopping,
        abort: life.aborting,
        logger,
        reconcile: (name, signal) => this.#reconcile(name, signal),
      });
    } finally {
      removeHandler();
      this.#queue.shutDown();
    }
  }

  status(): ControllerStatus {
    return {
      queues: [{ name: this.#queue.name, depth: this.#queue.length }],
      items: [],
      facts: { settled: this.#settled, leaving: this.#leaving.size, givenUp: this.#givenUp.size },
    };
  }

  health(): Health {
    return healthy;
  }

  #onChange(node: Node): void {
    const ref = nodeRef(node);
    if (this.#options.controller.isSettled(ref) || this.#givenUp.get(ref.uid) === keyOf(ref)) return;
    this.#queue.add(ref.name);
  }

  #onDelete(node: Node): void {
    const ref = nodeRef(node);
    this.#givenUp.delete(ref.uid);
    this.#leaving.set(ref.name, { node: ref, failures: 0 });
    this.#queue.add(ref.name);
  }

  async #reconcile(name: string, signal: AbortSignal): Promise<ReconcileResult> {
    const call: CallContext = { signal, timeout: callTimeout, priority: 'change', freshness: 'live' };
    const leaving = this.#leaving.get(name);
    // A Node that comes back under its name is settled after the one before it is released.
    if (leaving !== undefined) await this.#release(name, leaving, call);
    const node = this.#options.nodes.store.get(name);
    if (node !== undefined) await this.#settle(nodeRef(node), call);
    return { kind: 'done' };
  }

  async #release(
    name: string,
    leaving: { readonly node: NodeRef; failures: number },
    call: CallContext,
  ): Promise<void> {
    const answer = await this.#releasing.add(leaving.node, call);
    if (answer.kind === 'failed' && answer.error.isRetriable && ++leaving.failures < maxReleases) throw answer.error;
    if (this.#leaving.get(name) === leaving) this.#leaving.delete(name);
    if (answer.kind !== 'done') this.#tell('A node that is gone is given up', name, answer);
  }

  async #settle(node: NodeRef, call: CallContext): Promise<void> {
    if (this.#options.controller.isSettled(node) || this.#givenUp.get(node.uid) === keyOf(node)) return;
    await this.#waitForLimit(call.signal);
    const answer = await this.#settling.add(node, call);
    switch (answer.kind) {
      case 'done':
        await this.#writeLabels(node, answer.labels, call.signal);
        this.#settled++;
        return;
      case 'failed':
        throw answer.error;
      case 'given-up':
        this.#givenUp.set(node.uid, keyOf(node));
        this.#tell('A node is given up', node.name, answer);
    }
  }

  /** Only onto the Node that was asked about, not onto another one of its name. */
  async #writeLabels(
    { name, uid }: NodeRef,
    labels: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, fence } = this.#options;
    const patch = { type: 'merge', body: { metadata: { uid, labels } } } as const;
    try {
      await client.patch(nodeResource, { namespace: '', name }, patch, { signal, ...(fence && { fence }) });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  async #waitForLimit(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (this.#limit?.tryTake() === false) {
      await clock.sleep(Duration.milliseconds(1000 / this.#limit.rate), signal);
    }
  }

  #tell(message: string, node: string, answer: Exclude<NodeAnswer, { kind: 'done' }>): void {
    const reason = answer.kind === 'failed' ? answer.error.message : answer.reason;
    this.#options.logger.warn(message, { controller: this.name, node, reason });
  }
}

/** What a node is judged by. */
function keyOf({ uid, providerID, labels }: NodeRef): string {
  return JSON.stringify([uid, providerID, labels]);
}

import { Coalescer } from '../../base/coalescer.ts';
import { Duration } from '../../base/duration.ts';
import type { CallContext } from '../../cloud/call-context.ts';
import type { GuardPolicy } from '../../cloud/guard.ts';
import type { NodeRef, PreparePort } from '../../cloud/instances.ts';
import type { Operation } from '../../cloud/operation.ts';
import type { Plan } from '../../cloud/plan.ts';
import { type GroupOutcome, reconcileGroup } from '../../reconcile/group-reconciler.ts';
import type { OperationLog } from '../../reconcile/operation-log.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import type { Obstacle } from './plan-node.ts';

/** The longest that one question or operation may take. */
const callTimeout = Duration.minutes(2);

export interface NodePreparationOptions {
  readonly prepare: PreparePort;
  /** So many nodes share one plan. */
  readonly maxBatch: number;
  readonly policy: GuardPolicy;
  readonly operations: OperationLog;
  readonly metrics: MetricRegistry;
}

type Answer = { readonly kind: 'ready' } | Obstacle;

/**
 * Has the cloud's side of nodes made ready before their taint falls, through the engine that does all writes to clouds. Nodes
 * that wait together are planned together; when that fails, each for itself, so that one bad node holds up no other.
 */
export class NodePreparation {
  readonly #options: NodePreparationOptions;
  readonly #coalescer: Coalescer<string, NodeRef, Answer>;

  constructor(options: NodePreparationOptions) {
    this.#options = options;
    this.#coalescer = new Coalescer({
      maxBatch: options.maxBatch,
      send: (batch, _lane, signal) => this.#prepareAll([...batch.values()], signal),
    });
  }

  /** Ready, or why not yet. Rejects only when the signal is aborted. */
  prepare(node: NodeRef, signal: AbortSignal): Promise<Answer> {
    return this.#coalescer.request({ key: node.name, item: node, signal });
  }

  async #prepareAll(nodes: readonly NodeRef[], signal: AbortSignal): Promise<ReadonlyMap<string, Answer>> {
    const together = await this.#reconcile(nodes, signal);
    if (together.kind === 'ready' || nodes.length === 1) {
      return new Map(nodes.map((node) => [node.name, together]));
    }
    const answers = new Map<string, Answer>();
    for (const node of nodes) answers.set(node.name, await this.#reconcile([node], signal));
    return answers;
  }

  async #reconcile(nodes: readonly NodeRef[], signal: AbortSignal): Promise<Answer> {
    const { metrics, operations, policy, prepare } = this.#options;
    const call: CallContext = { signal, timeout: callTimeout, freshness: 'live', priority: 'initialize' };
    const outcome = await reconcileGroup<Plan, Operation>({
      group: `nodes/${nodes.map(({ name }) => name).join(',')}`,
      policy,
      metrics,
      signal,
      log: operations,
      port: {
        observe: () => prepare.plan(nodes, call),
        plan: (left) => left,
        apply: (operation) => prepare.apply(operation, call),
        fold: (left, operation) => ({ ...left, operations: left.operations.filter((other) => other !== operation) }),
      },
    });
    return answerOf(outcome);
  }
}

function answerOf(outcome: GroupOutcome<Plan, Operation>): Answer {
  switch (outcome.kind) {
    case 'converged':
      return { kind: 'ready' };
    case 'settling':
      return obstacle('transient', `the cloud is busy with ${outcome.on}`);
    case 'blocked':
      return obstacle('lasting', `blocked by ${outcome.by}: ${outcome.reason}`);
    case 'refused':
      return obstacle('lasting', outcome.refused.map(({ refusal }) => refusal.message).join('; '));
    case 'failed':
      return obstacle(outcome.error.isRetriable ? 'transient' : 'lasting', outcome.error.message);
  }
}

function obstacle(expectation: Obstacle['expectation'], message: string): Obstacle {
  return { kind: 'obstacle', reason: 'InstanceNotPrepared', message, expectation };
}

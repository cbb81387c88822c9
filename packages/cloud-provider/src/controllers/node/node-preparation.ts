import { randomUUID } from 'node:crypto';
import type { Node } from '../../api/node.ts';
import type { Clock } from '../../base/clock.ts';
import { Coalescer } from '../../base/coalescer.ts';
import { Duration } from '../../base/duration.ts';
import type { CallContext } from '../../cloud/call-context.ts';
import { intentsIn } from '../../cloud/create-intent.ts';
import type { GuardPolicy } from '../../cloud/guard.ts';
import type { NodeRef, PreparePort } from '../../cloud/instances.ts';
import type { Operation } from '../../cloud/operation.ts';
import type { Plan } from '../../cloud/plan.ts';
import { defectIn } from '../../cloud/provider-defect.ts';
import { type GroupOutcome, reconcileGroup } from '../../reconcile/group-reconciler.ts';
import { AnnotationJournal } from '../../reconcile/journal.ts';
import type { OperationLog } from '../../reconcile/operation-log.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import { nodeRef } from '../node-reference.ts';
import type { NodeAnnotations } from './node-annotations.ts';
import type { Obstacle } from './plan-node.ts';

/** The longest that one question or operation may take. */
const callTimeout = Duration.minutes(2);

/** The group of all intents: which nodes share a plan is another matter each time. */
const journalGroup = 'node-preparation';

export interface NodePreparationOptions {
  readonly prepare: PreparePort;
  /** So many nodes share one plan. */
  readonly maxBatch: number;
  /** Where creates are written down that nothing else would lead back to. */
  readonly annotations: NodeAnnotations;
  readonly policy: GuardPolicy;
  readonly operations: OperationLog;
  readonly clock: Clock;
  readonly metrics: MetricRegistry;
}

/** Why a node is not prepared yet. */
export interface Unprepared extends Obstacle {
  /** How long the cloud is known to take. @default as long as the usual back-off */
  readonly after?: Duration;
}

type Answer = { readonly kind: 'ready' } | Unprepared;

/**
 * Has the cloud's side of nodes made ready before their taint falls, through the engine that does all writes to clouds. Nodes
 * that wait together are planned together; when that fails, each for itself, so that one bad node holds up no other.
 */
export class NodePreparation {
  readonly #options: NodePreparationOptions;
  readonly #coalescer: Coalescer<string, Node, Answer>;

  constructor(options: NodePreparationOptions) {
    this.#options = options;
    this.#coalescer = new Coalescer({
      maxBatch: options.maxBatch,
      send: (batch, _lane, signal) => this.#prepareAll([...batch.values()], signal),
    });
  }

  /** Ready, or why not yet. Rejects only when the signal is aborted. */
  prepare(node: Node, signal: AbortSignal): Promise<Answer> {
    const { name } = node.metadata;
    // What is written down is struck out by a pass that writes nothing: writes for others must not keep it from that.
    const lane = this.#hasIntents(node) ? name : '';
    return this.#coalescer.request({ key: name, item: node, lane, signal });
  }

  async #prepareAll(nodes: readonly Node[], signal: AbortSignal): Promise<ReadonlyMap<string, Answer>> {
    const together = await this.#reconcile(nodes, signal);
    const answers = new Map<string, Answer>();
    for (const node of nodes) {
      // What was just written down is looked for no sooner than the answer says.
      const isShared = together.kind === 'ready' || nodes.length === 1 || this.#hasIntents(node);
      answers.set(node.metadata.name, isShared ? together : await this.#reconcile([node], signal));
    }
    return answers;
  }

  async #reconcile(nodes: readonly Node[], signal: AbortSignal): Promise<Answer> {
    const { annotations, clock, metrics, operations, policy, prepare } = this.#options;
    const call: CallContext = { signal, timeout: callTimeout, freshness: 'live', priority: 'initialize' };
    const refs = nodes.map((node): NodeRef => ({ ...nodeRef(node), annotations: annotations.of(node) }));
    try {
      const outcome = await reconcileGroup<Plan, Operation>({
        group: `nodes/${refs.map(({ name }) => name).join(',')}`,
        policy,
        metrics,
        signal,
        log: operations,
        journal: new AnnotationJournal({
          group: journalGroup,
          keepers: nodes.map((node) => annotations.keeperOf(node, signal)),
          clock,
          newID: randomUUID,
        }),
        port: {
          observe: () => prepare.plan(refs, call),
          plan: (left) => left,
          apply: (operation) => prepare.apply(operation, call),
          fold: (left, done) => ({ ...left, operations: left.operations.filter((other) => !isSame(other, done)) }),
        },
      });
      return answerOf(outcome);
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      return obstacle('transient', `what is about to be made could not be written down on the node: ${reason}`);
    }
  }

  #hasIntents(node: Node): boolean {
    return intentsIn(this.#options.annotations.of(node)).some(({ group }) => group === journalGroup);
  }
}

/** Whether that operation was done: as it was planned, or with what was written down for it. */
function isSame(planned: Operation, done: Operation): boolean {
  return planned === done || (done.intent !== undefined && planned.identity === done.identity);
}

function answerOf(outcome: GroupOutcome<Plan, Operation>): Answer {
  switch (outcome.kind) {
    case 'converged':
      return { kind: 'ready' };
    case 'settling':
      return { ...obstacle('transient', `the cloud is busy with ${outcome.on}`), after: outcome.after };
    case 'blocked':
      return obstacle('lasting', `blocked by ${outcome.by}: ${outcome.reason}`);
    case 'refused':
      return obstacle('lasting', outcome.refused.map(({ refusal }) => refusal.message).join('; '));
    case 'failed': {
      const { error } = outcome;
      const defect = defectIn(error);
      if (defect) return { ...obstacle('lasting', defect.message), reason: defect.code };
      return obstacle(error.isRetriable ? 'transient' : 'lasting', error.message);
    }
  }
}

function obstacle(expectation: Obstacle['expectation'], message: string): Obstacle {
  return { kind: 'obstacle', reason: 'InstanceNotPrepared', message, expectation };
}

import type { Clock } from '../../base/clock.ts';
import { Coalescer } from '../../base/coalescer.ts';
import { Duration } from '../../base/duration.ts';
import type { CallPriority, Freshness } from '../../cloud/call-context.ts';
import { CloudError, toCloudError } from '../../cloud/cloud-error.ts';
import { scopeKey } from '../../cloud/cloud-scope.ts';
import type { InstanceView, Instances, NodeRef } from '../../cloud/instances.ts';

/** Why the machine is looked for; the more urgent class never waits behind the other. */
export type ReadPurpose = Extract<CallPriority, 'initialize' | 'upkeep'>;

/** One call may wait for a throttling cloud for so long before it is given up and tried again from the queue. */
const describeTimeout = Duration.minutes(2);

/** Upkeep repairs within minutes, so that an answer of this age serves it as well as a new one. */
const upkeepFreshness: Freshness = { maxAge: Duration.minutes(1) };

/** Nodes that join together do so within seconds; a question for the first of them does not wait, and those for the others gather. */
const pace = Duration.milliseconds(250);

interface Question {
  readonly node: NodeRef;
  readonly purpose: ReadPurpose;
}

/**
 * Asks the cloud about single nodes and sends as few requests as possible: whatever waits while one is under way goes into
 * the next one. Each scope has two lanes, so that an upkeep request that waits for the budget never holds up a node that is
 * to be initialised.
 */
export class InstanceReader {
  readonly #instances: Instances;
  readonly #coalescer: Coalescer<string, Question, InstanceView>;

  constructor(instances: Instances, clock: Clock) {
    this.#instances = instances;
    this.#coalescer = new Coalescer({
      pace: { clock, interval: pace },
      maxBatch: instances.maxBatch,
      send: (batch, _lane, signal) => this.#describe([...batch.values()], signal),
    });
  }

  /** What the cloud knows about the node's machine. Failures are `unknown`; rejects only when the signal is aborted. */
  read(node: NodeRef, purpose: ReadPurpose, signal: AbortSignal): Promise<InstanceView> {
    const scope = this.#instances.scopeOf(node);
    return this.#coalescer.request({
      key: node.name,
      item: { node, purpose },
      lane: `${purpose} ${scope === 'any' ? scope : scopeKey(scope)}`,
      signal,
    });
  }

  /** How many nodes wait for a request. */
  get waiting(): number {
    return this.#coalescer.waiting;
  }

  async #describe(questions: readonly Question[], signal: AbortSignal): Promise<ReadonlyMap<string, InstanceView>> {
    const nodes = questions.map((question) => question.node);
    const purpose = questions.some((question) => question.purpose === 'initialize') ? 'initialize' : 'upkeep';
    try {
      const views = await this.#instances.describe(nodes, 'metadata', {
        signal,
        timeout: describeTimeout,
        freshness: purpose === 'initialize' ? 'live' : upkeepFreshness,
        priority: purpose,
      });
      return new Map(nodes.map((node) => [node.name, views.get(node.name) ?? unanswered()]));
    } catch (error) {
      const view: InstanceView = { kind: 'unknown', reason: toCloudError(error) };
      return new Map(nodes.map((node) => [node.name, view]));
    }
  }
}

function unanswered(): InstanceView {
  return { kind: 'unknown', reason: new CloudError('Unknown', 'the answer did not mention the node') };
}

import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { Semaphore } from '../../base/semaphore.ts';
import type { Freshness } from '../../cloud/call-context.ts';
import { CloudError, toCloudError } from '../../cloud/cloud-error.ts';
import { scopeKey } from '../../cloud/cloud-scope.ts';
import type { InstanceView, Instances, NodeRef } from '../../cloud/instances.ts';

/** A cloud that does not answer for so long is asked again in the next pass. */
const describeTimeout = Duration.seconds(30);
/** Requests of one pass that are under way at once; the cloud's budget sets the pace, this only bounds what waits for it. */
const concurrency = 4;

/** What a pass over several nodes brought. Every node that was asked about has a view. */
export interface LookupResult {
  /** Monotonic, in milliseconds. */
  readonly askedAt: number;
  readonly answeredAt: number;
  readonly views: ReadonlyMap<string, InstanceView>;
}

/** Asks the cloud about all machines of a pass at once, with as few requests as its batches allow. */
export class MachineLookup {
  readonly #instances: Instances;
  readonly #clock: Clock;

  constructor(instances: Instances, clock: Clock) {
    this.#instances = instances;
    this.#clock = clock;
  }

  /** Whether the machines are there, and whether they run. Failures are `unknown`; rejects only when the signal is aborted. */
  async read(nodes: readonly NodeRef[], freshness: Freshness, signal: AbortSignal): Promise<LookupResult> {
    const askedAt = this.#clock.monotonic();
    const places = new Semaphore(concurrency);
    const answers = await Promise.all(
      this.#batches(nodes).map((batch) => places.run(() => this.#describe(batch, freshness, signal), signal)),
    );
    signal.throwIfAborted();
    return { askedAt, answeredAt: this.#clock.monotonic(), views: new Map(answers.flat()) };
  }

  #batches(nodes: readonly NodeRef[]): readonly (readonly NodeRef[])[] {
    const { maxBatch } = this.#instances;
    const byScope = Map.groupBy(nodes, (node) => {
      const scope = this.#instances.scopeOf(node);
      return scope === 'any' ? scope : scopeKey(scope);
    });
    return [...byScope.values()].flatMap((members) =>
      Array.from({ length: Math.ceil(members.length / maxBatch) }, (_, index) =>
        members.slice(index * maxBatch, (index + 1) * maxBatch),
      ),
    );
  }

  async #describe(
    nodes: readonly NodeRef[],
    freshness: Freshness,
    signal: AbortSignal,
  ): Promise<readonly (readonly [string, InstanceView])[]> {
    try {
      const call = { signal, timeout: describeTimeout, freshness, priority: 'delete' as const };
      const views = await this.#instances.describe(nodes, 'power', call);
      return nodes.map(({ name }) => [name, views.get(name) ?? unanswered()]);
    } catch (error) {
      const view: InstanceView = { kind: 'unknown', reason: toCloudError(error) };
      return nodes.map(({ name }) => [name, view]);
    }
  }
}

/** Silence is no proof of absence. */
function unanswered(): InstanceView {
  return { kind: 'unknown', reason: new CloudError('Unknown', 'the answer did not mention the node') };
}

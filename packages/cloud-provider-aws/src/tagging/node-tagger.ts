import { createHash } from 'node:crypto';
import {
  type CallContext,
  type Clock,
  Duration,
  type NodeAnswer,
  type NodeRef,
  type ProviderController,
  toCloudError,
} from '@ccm-ts/cloud-provider';
import type { Ec2Port } from '../client/ec2-port.ts';
import type { Tags } from '../cluster-tags.ts';
import { namesID } from '../instances/missing-instances.ts';
import { isWellFormedInstanceID, parseProviderID } from '../provider-id.ts';
import { type TaggingSettings, taggingControllerName } from './tagging-settings.ts';

/** Says with which tags the instance behind the node was tagged. Clusters hold it: it never changes. */
export const taggedLabel = 'k8s.io/cloud-provider-aws';

/** The Go manager's batch; EC2 takes up to a thousand and advises against it. */
const batchSize = 50;

/** EC2 may not know a new instance yet; one that it does not know for longer is not there. */
const newFor = Duration.minutes(5);

export interface NodeTaggerOptions {
  readonly ec2: Ec2Port;
  readonly settings: TaggingSettings;
  readonly clock: Clock;
}

/** Puts the operator's tags on the instances behind nodes, and takes them off when the Node goes. */
export class NodeTagger implements ProviderController {
  readonly name = taggingControllerName;
  readonly maxBatch = batchSize;
  readonly concurrency: number;
  readonly limit?: { readonly perSecond: number; readonly burst: number };
  readonly #ec2: Ec2Port;
  readonly #clock: Clock;
  readonly #tags: Tags;
  readonly #hash: string;
  /** When a node that EC2 did not know was first asked about, monotonic milliseconds by UID. */
  readonly #unknownSince = new Map<string, number>();

  constructor({ ec2, settings, clock }: NodeTaggerOptions) {
    this.#ec2 = ec2;
    this.#clock = clock;
    this.#tags = settings.tags;
    this.#hash = tagsHash(settings.tags);
    this.concurrency = settings.concurrency;
    if (settings.limit !== undefined) this.limit = settings.limit;
  }

  /** Nodes without a machine that can be tagged have nothing to wait for: those on Fargate, and new ones without providerID. */
  isSettled(node: NodeRef): boolean {
    return instanceOf(node) === undefined || node.labels[taggedLabel] === this.#hash;
  }

  async settle(nodes: readonly NodeRef[], call: CallContext): Promise<readonly NodeAnswer[]> {
    const answers = await this.#write(nodes, (ids) => this.#ec2.createTags(ids, this.#tags, call));
    return nodes.map((node, index) => this.#judge(node, answers[index] ?? 'unknown'));
  }

  async release(nodes: readonly NodeRef[], call: CallContext): Promise<readonly NodeAnswer[]> {
    for (const { uid } of nodes) this.#unknownSince.delete(uid);
    const answers = await this.#write(nodes, (ids) => this.#ec2.deleteTags(ids, this.#tags, call));
    // What is gone has no tags.
    return answers.map((answer) => (answer === 'unknown' ? { kind: 'done', labels: {} } : answer));
  }

  #judge(node: NodeRef, answer: NodeAnswer | 'unknown'): NodeAnswer {
    if (answer !== 'unknown') {
      this.#unknownSince.delete(node.uid);
      return answer.kind === 'done' ? { kind: 'done', labels: { [taggedLabel]: this.#hash } } : answer;
    }
    const reason = `EC2 does not know ${instanceOf(node) ?? 'the instance'}`;
    const now = this.#clock.monotonic();
    const since = this.#unknownSince.get(node.uid) ?? now;
    this.#unknownSince.set(node.uid, since);
    if (!isWellFormedInstanceID(instanceOf(node) ?? '') || now - since >= newFor.milliseconds) {
      this.#unknownSince.delete(node.uid);
      return { kind: 'given-up', reason };
    }
    return { kind: 'failed', error: toCloudError(new Error(reason)) };
  }

  /** One call for all; when EC2 does not know some of them, another one for the rest. */
  async #write(
    nodes: readonly NodeRef[],
    write: (ids: readonly string[]) => Promise<void>,
  ): Promise<readonly (NodeAnswer | 'unknown')[]> {
    const ids = nodes.map((node) => instanceOf(node) ?? '');
    const unknown = new Set(ids.filter((id) => !isWellFormedInstanceID(id)));
    for (;;) {
      const asked = [...new Set(ids)].filter((id) => !unknown.has(id));
      try {
        if (asked.length > 0) await write(asked);
        return ids.map((id) => (unknown.has(id) ? 'unknown' : { kind: 'done', labels: {} }));
      } catch (thrown) {
        const error = toCloudError(thrown);
        const named = asked.filter((id) => namesID(error.message, id));
        if (error.code !== 'NotFound' || named.length === 0) {
          return ids.map((id) => (unknown.has(id) ? 'unknown' : { kind: 'failed', error }));
        }
        for (const id of named) unknown.add(id);
      }
    }
  }
}

/** The Go manager's (v1.36): the MD5 sum of the sorted `key=value`, joined by commas. */
export function tagsHash(tags: Tags): string {
  const lines = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return createHash('md5').update(lines.sort().join(',')).digest('hex');
}

function instanceOf({ providerID }: NodeRef): string | undefined {
  const parsed = parseProviderID(providerID);
  return providerID !== '' && parsed.kind === 'instance' ? parsed.instanceID : undefined;
}

import type { Node } from '../../api/node.ts';
import type { InstanceMetadata } from '../../cloud/instances.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { WriteFence } from '../../kube/client/write-fence.ts';
import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { nodeReference } from '../node-reference.ts';
import { LabelOwnersReader, additionalLabelsOfOurs } from './label-owners.ts';
import { type HeldLabel, type LabelOutcome, LabelWriter } from './label-writer.ts';
import { type LabelIntent, type Labels, planLabels, unexplainedLabels } from './node-labels.ts';

export interface LabelKeeperOptions {
  readonly client: KubeClient;
  readonly fence: WriteFence | undefined;
  readonly recorder: EventRecorder;
  readonly logger: Logger;
  /** The one Node whose labels are kept. @default all */
  readonly nodeName?: string | undefined;
}

const nothing: Labels = Object.freeze({});

/** Keeps the labels of initialised Nodes true, and remembers what it needs for that. */
export class LabelKeeper {
  readonly #options: LabelKeeperOptions;
  readonly #owners: LabelOwnersReader;
  readonly #writer: LabelWriter;
  /** The labels as the cloud gave them last, by the Node's UID. */
  readonly #wanted = new Map<string, Labels>();
  /** The labels that are being written, by the Node's UID. */
  readonly #intended = new Map<string, Labels>();
  /** What others hold against the cloud, by the Node's UID. */
  readonly #foreign = new Map<string, Labels>();
  /** Additional labels that processes before this one left on Nodes; undefined until they were asked for. */
  #inherited: Promise<ReadonlyMap<string, ReadonlySet<string>>> | undefined;

  constructor(options: LabelKeeperOptions) {
    this.#options = options;
    this.#owners = new LabelOwnersReader(options.client, options.nodeName);
    this.#writer = new LabelWriter({ client: options.client, fence: options.fence, owners: this.#owners });
  }

  /** Learns what initialisation wrote. */
  remember(node: Node, labels: Labels): void {
    if (Object.keys(labels).length > 0) this.#wanted.set(node.metadata.uid, labels);
  }

  forget(uid: string): void {
    this.#wanted.delete(uid);
    this.#foreign.delete(uid);
  }

  /** Whether somebody else changed a label that the cloud gives: between the two versions, and against it. */
  isDisturbed(old: Node, next: Node): boolean {
    const { uid } = next.metadata;
    // A write of ours is often seen before its answer is there.
    const wanted = this.#intended.get(uid) ?? this.#wanted.get(uid);
    if (!wanted) return false;
    const [before, after] = [old.metadata.labels, next.metadata.labels];
    for (const key in wanted) if (after[key] !== wanted[key] && after[key] !== before[key]) return true;
    return false;
  }

  /** Writes what differs. Returns whether something did. @throws ApiError */
  async keep(node: Node, metadata: InstanceMetadata, signal: AbortSignal): Promise<boolean> {
    const { uid, labels } = node.metadata;
    const before = this.#wanted.get(uid) ?? nothing;
    const foreign = this.#foreign.get(uid) ?? nothing;
    const ours = new Set([...Object.keys(before), ...(await this.#inheritedBy(node, metadata, signal))]);
    const intent = planLabels(labels, metadata, { ours, foreign });
    if (!intent) {
      this.#note(uid, labels, metadata);
      return false;
    }
    const outcome = await this.#write(node, intent, signal);
    if (outcome.kind === 'gone') return false;
    this.#hold(node, outcome.held);
    const held = new Set(outcome.held.map(({ key }) => key));
    this.#wanted.set(uid, Object.fromEntries(Object.entries(intent.labels).filter(([key]) => !held.has(key))));
    return true;
  }

  async #write(node: Node, intent: LabelIntent, signal: AbortSignal): Promise<LabelOutcome> {
    const { uid } = node.metadata;
    this.#intended.set(uid, intent.labels);
    try {
      return await this.#writer.write(node, intent, signal);
    } finally {
      this.#intended.delete(uid);
    }
  }

  #note(uid: string, labels: Labels, metadata: InstanceMetadata): void {
    const intent = planLabels(nothing, metadata, { ours: new Set(), foreign: nothing });
    const wanted = Object.entries(intent?.labels ?? nothing).filter(([key, value]) => labels[key] === value);
    if (wanted.length > 0) this.#wanted.set(uid, Object.fromEntries(wanted));
    else this.#wanted.delete(uid);
  }

  #hold(node: Node, held: readonly HeldLabel[]): void {
    if (held.length === 0) return;
    const { uid, labels } = node.metadata;
    const values = held.map(({ key }) => [key, labels[key] ?? ''] as const);
    this.#foreign.set(uid, { ...this.#foreign.get(uid), ...Object.fromEntries(values) });
    const list = held.map(({ key, manager }) => `${key}=${labels[key] ?? ''} (${manager})`).join(', ');
    this.#options.recorder.event(nodeReference(node), {
      type: 'Warning',
      reason: 'LabelHeldByAnother',
      action: 'Label',
      note: `metadata.labels: others hold what the cloud would say otherwise, and it stays: ${list}; remove the label to have the cloud's`,
    });
  }

  /** Asked for once, and only when a Node has a label that a cloud could have given. */
  async #inheritedBy(node: Node, metadata: InstanceMetadata, signal: AbortSignal): Promise<readonly string[]> {
    const { uid, labels } = node.metadata;
    const wanted = this.#wanted.get(uid);
    const open = unexplainedLabels(labels, metadata).filter((key) => wanted?.[key] === undefined);
    if (open.length === 0) return [];
    this.#inherited ??= this.#readInherited(signal);
    try {
      const inherited = (await this.#inherited).get(uid);
      return inherited ? open.filter((key) => inherited.has(key)) : [];
    } catch (error) {
      this.#inherited = undefined;
      signal.throwIfAborted();
      this.#options.logger.warn('Labels that were left on nodes could not be found, will retry', { err: error });
      return [];
    }
  }

  async #readInherited(signal: AbortSignal): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const inherited = new Map<string, ReadonlySet<string>>();
    await this.#owners.readAll((owners) => {
      const ours = additionalLabelsOfOurs(owners);
      if (ours.size > 0) inherited.set(owners.uid, ours);
    }, signal);
    return inherited;
  }
}

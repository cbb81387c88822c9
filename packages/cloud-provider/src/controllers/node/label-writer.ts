import type { Node } from '../../api/node.ts';
import { type StatusCause, isApiError, isConflict, isInvalid, isNotFound } from '../../kube/client/api-error.ts';
import type { CallOptions, KubeClient } from '../../kube/client/kube-client.ts';
import type { WriteFence } from '../../kube/client/write-fence.ts';
import { nodes } from '../../kube/resources.ts';
import { type LabelOwnersReader, isOurs, nodeFieldManager } from './label-owners.ts';
import { type LabelIntent, type Labels, isTopologyLabel } from './node-labels.ts';

/** A label that somebody else holds against the cloud. */
export interface HeldLabel {
  readonly key: string;
  /** The field manager that holds it. */
  readonly manager: string;
}

export type LabelOutcome =
  | { readonly kind: 'written'; readonly held: readonly HeldLabel[] }
  /** The Node was deleted, or another one has its name. */
  | { readonly kind: 'gone' };

export interface LabelWriterOptions {
  readonly client: KubeClient;
  readonly fence: WriteFence | undefined;
  readonly owners: LabelOwnersReader;
}

/**
 * Applies labels to Nodes, always the whole intent under one field manager, so that the API server knows what is ours and
 * takes away what the intent leaves out. What others hold is taken over only where the cloud alone can know it: in the
 * labels of topology and type, and from the managers before us.
 */
export class LabelWriter {
  readonly #options: LabelWriterOptions;

  constructor(options: LabelWriterOptions) {
    this.#options = options;
  }

  /** One write, two when others hold labels; labels that are left over cost a read and a write more. @throws ApiError */
  async write(node: Node, intent: LabelIntent, signal: AbortSignal): Promise<LabelOutcome> {
    const held: HeldLabel[] = [];
    try {
      await this.#apply(node, { labels: intent.labels, held }, signal);
      if (intent.stale.length > 0) held.push(...(await this.#removeStale(node, intent.stale, signal)));
    } catch (error) {
      if (isGone(error)) return { kind: 'gone' };
      throw error;
    }
    return { kind: 'written', held };
  }

  async #apply(
    node: Node,
    intent: { readonly labels: Labels; readonly held: HeldLabel[] },
    signal: AbortSignal,
  ): Promise<void> {
    const keys = Object.keys(intent.labels);
    if (keys.every(isTopologyLabel)) return this.#send(node, { labels: intent.labels, force: true }, signal);
    try {
      await this.#send(node, { labels: intent.labels, force: false }, signal);
    } catch (error) {
      const conflicts = labelConflicts(error);
      if (conflicts.length === 0) throw error;
      intent.held.push(...conflicts.filter(({ key, manager }) => !isTopologyLabel(key) && !isOurs(manager)));
      const left = Object.entries(intent.labels).filter(([key]) => !intent.held.some((held) => held.key === key));
      await this.#send(node, { labels: Object.fromEntries(left), force: true }, signal);
    }
  }

  async #send(
    node: Node,
    wanted: { readonly labels: Labels; readonly force: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const { labels, force } = wanted;
    const { name, namespace, uid } = node.metadata;
    // Without the UID, an apply would bring back a Node that was deleted meanwhile.
    const metadata = { uid, ...(Object.keys(labels).length > 0 && { labels }) };
    const patch = { type: 'apply', body: { metadata }, force } as const;
    await this.#options.client.patch(nodes, { name, namespace }, patch, this.#call(signal));
  }

  /**
   * What initialisation wrote together with everything else is ours by an update, which an apply does not take away. Only
   * labels that nobody else owns go.
   */
  async #removeStale(node: Node, stale: readonly string[], signal: AbortSignal): Promise<readonly HeldLabel[]> {
    const { client, owners } = this.#options;
    const { name, namespace, uid } = node.metadata;
    const present = await owners.read(name, signal);
    if (!present || present.uid !== uid) return [];
    const left = stale.filter((key) => present.labels[key] !== undefined);
    const foreign = (key: string): readonly string[] =>
      (present.owners.get(key) ?? ['nobody known']).filter((manager) => !isOurs(manager));
    const removed = left.filter((key) => foreign(key).length === 0);
    if (removed.length > 0) {
      const labels = Object.fromEntries(removed.map((key) => [key, null]));
      const body = { metadata: { uid, resourceVersion: present.resourceVersion, labels } };
      await client.patch(nodes, { name, namespace }, { type: 'strategic', body }, this.#call(signal));
    }
    return left.flatMap((key) => foreign(key).map((manager) => ({ key, manager })));
  }

  #call(signal: AbortSignal): CallOptions & { readonly fieldManager: string } {
    const { fence } = this.#options;
    return { signal, fieldManager: nodeFieldManager, ...(fence && { fence }) };
  }
}

/** The labels by which an apply was refused; none when it was refused for another reason. */
function labelConflicts(error: unknown): readonly HeldLabel[] {
  if (!isApiError(error, 'conflict')) return [];
  return error.details.causes.flatMap((cause) => {
    const held = heldLabel(cause);
    return held ? [held] : [];
  });
}

const labelField = /^\.metadata\.labels\.(.+)$/;
const owner = /^conflict with "((?:[^"\\]|\\.)*)"/;

function heldLabel({ field, reason, message }: StatusCause): HeldLabel | undefined {
  const key = labelField.exec(field)?.[1];
  const manager = owner.exec(message)?.[1];
  if (reason !== 'FieldManagerConflict' || key === undefined || manager === undefined) return undefined;
  return { key, manager };
}

/** The UID in a patch is refused as a change of it, or, by an apply to what is not there, as a conflict. */
function isGone(error: unknown): boolean {
  if (isNotFound(error)) return true;
  if (isInvalid(error)) return isApiError(error) && error.details.causes.some(({ field }) => field === 'metadata.uid');
  return isConflict(error) && isApiError(error) && / uid mismatch: /.test(error.message);
}

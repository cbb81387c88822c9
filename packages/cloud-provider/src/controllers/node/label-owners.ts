import type { KubeClient } from '../../kube/client/kube-client.ts';
import { type Labels, isAdditionalLabel } from './node-labels.ts';

/** The one name under which the labels of Nodes are written, at their initialisation and afterwards. */
export const nodeFieldManager = 'cloud-node-controller';

/** What a Node's `managedFields` say about its labels. */
export interface LabelOwners {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Labels;
  /** By label, who owns it. A label that nobody owns is not here. */
  readonly owners: ReadonlyMap<string, readonly string[]>;
}

/** Read page by page, so that a large cluster's are never held at once. */
const pageSize = 250;

const partialMetadata = (kind: string): string => `application/json;as=${kind};v=v1;g=meta.k8s.io`;

/**
 * Whether a field manager is ours or a predecessor of ours: the Go managers write under the names of their programs, all of
 * which end alike.
 */
export function isOurs(manager: string): boolean {
  return manager === nodeFieldManager || /(^|-)cloud-controller-manager$/.test(manager);
}

/** The additional labels that we own, and nobody else does. */
export function additionalLabelsOfOurs({ owners }: LabelOwners): ReadonlySet<string> {
  return new Set(
    [...owners].flatMap(([key, managers]) => (isAdditionalLabel(key) && managers.every(isOurs) ? [key] : [])),
  );
}

/**
 * Reads who owns the labels of Nodes. The informers' caches do without it: it is long, and asked for only when a label could
 * be left over from another process.
 */
export class LabelOwnersReader {
  readonly #client: KubeClient;
  readonly #only: string | undefined;

  /** @param only the name of the one Node that there is to know of. @default all Nodes */
  constructor(client: KubeClient, only?: string) {
    this.#client = client;
    this.#only = only;
  }

  /** Undefined when there is no such Node. @throws ApiError */
  async read(name: string, signal: AbortSignal): Promise<LabelOwners | undefined> {
    const accept = partialMetadata('PartialObjectMetadata');
    const reply = await this.#client.raw({ method: 'GET', path: ['api', 'v1', 'nodes', name], accept, signal });
    if (reply.status === 404) return undefined;
    if (reply.status !== 200) throw new Error(`reading the owners of a Node's fields was answered ${reply.status}`);
    return ownersOf(record(reply.json())['metadata']);
  }

  /** Calls back for each Node. @throws ApiError */
  async readAll(onOwners: (owners: LabelOwners) => void, signal: AbortSignal): Promise<void> {
    const accept = `${partialMetadata('PartialObjectMetadataList')},application/json`;
    const selection = this.#only === undefined ? {} : { fieldSelector: `metadata.name=${this.#only}` };
    let next = '';
    do {
      const place = { resourceVersion: '', ...(next !== '' && { continue: next }) };
      const query = { ...selection, limit: String(pageSize), ...place };
      const reply = await this.#client.raw({ method: 'GET', path: ['api', 'v1', 'nodes'], query, accept, signal });
      if (reply.status !== 200) throw new Error(`reading the owners of Nodes' fields was answered ${reply.status}`);
      const page = record(reply.json());
      for (const item of list(page['items'])) onOwners(ownersOf(record(item)['metadata']));
      next = text(record(page['metadata'])['continue']);
    } while (next !== '');
  }
}

function ownersOf(given: unknown): LabelOwners {
  const metadata = record(given);
  const owners = new Map<string, string[]>();
  for (const entry of list(metadata['managedFields'])) {
    const { manager, fieldsV1 } = record(entry);
    for (const field of Object.keys(record(record(record(fieldsV1)['f:metadata'])['f:labels']))) {
      if (!field.startsWith('f:')) continue;
      const key = field.slice(2);
      owners.set(key, [...(owners.get(key) ?? []), text(manager)]);
    }
  }
  const labels = Object.entries(record(metadata['labels'])).map(([key, value]) => [key, text(value)] as const);
  return {
    uid: text(metadata['uid']),
    resourceVersion: text(metadata['resourceVersion']),
    labels: Object.fromEntries(labels),
    owners,
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

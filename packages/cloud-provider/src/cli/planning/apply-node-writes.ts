import type { Node, NodeAddress, NodeCondition, Taint } from '../../api/node.ts';
import { nameKey, objectKey } from '../../api/object-meta.ts';
import { nodes as nodeResource } from '../../kube/resources.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import type { Snapshot } from './snapshot.ts';
import type { ClusterWrite } from './snapshot-client.ts';

/**
 * The cluster once the Nodes are as a plan makes them; undefined when it leaves them alone. Knows of patches what matters to
 * load balancers and routes: labels, taints, providerID, ranges, addresses, conditions. Pure.
 */
export function withNodeWrites(
  snapshot: Snapshot,
  writes: readonly ClusterWrite[],
  plan: ClusterPlan,
): Snapshot | undefined {
  const gone = new Set(
    plan.objects
      .flatMap(({ steps }) => steps)
      .filter(({ kind, verb, where }) => where === 'cluster' && kind === nodeResource.kind && verb === 'delete')
      .map(({ name }) => name),
  );
  const patches = writes.filter((write) => write.verb === 'patch').filter(({ kind }) => kind === nodeResource.kind);
  if (gone.size === 0 && patches.length === 0) return undefined;
  const nodes = snapshot.nodes
    .filter((node) => !gone.has(objectKey(node)))
    .map((node) =>
      patches
        .filter(({ name }) => nameKey(name) === objectKey(node))
        .reduce((current, { patch }) => ('body' in patch ? patched(current, patch.body) : current), node),
    );
  return { ...snapshot, nodes };
}

/** The parts of a patch of a Node that its controllers write. */
interface NodePatch {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string | null>>;
    readonly annotations?: Readonly<Record<string, string | null>>;
  };
  readonly spec?: {
    readonly providerID?: string;
    readonly podCIDRs?: readonly string[];
    readonly taints?: readonly Partial<Taint>[] | null;
  };
  readonly status?: {
    readonly addresses?: readonly Partial<NodeAddress>[];
    readonly conditions?: readonly (Partial<NodeCondition> & { readonly type: string })[];
  };
}

function patched(node: Node, body: NodePatch): Node {
  const { metadata, spec, status } = node;
  const { providerID = spec.providerID, podCIDRs = spec.podCIDRs, taints } = body.spec ?? {};
  const { addresses, conditions = [] } = body.status ?? {};
  return {
    ...node,
    metadata: {
      ...metadata,
      labels: merged(metadata.labels, body.metadata?.labels),
      annotations: merged(metadata.annotations, body.metadata?.annotations),
    },
    spec: {
      ...spec,
      providerID,
      podCIDRs,
      taints: taints === undefined ? spec.taints : (taints ?? []).map(wholeTaint),
    },
    status: {
      ...status,
      addresses: addresses === undefined ? status.addresses : addresses.flatMap(wholeAddress),
      conditions: [
        ...status.conditions.filter(({ type }) => !conditions.some((each) => each.type === type)),
        ...conditions.map((each) => ({ status: '', reason: '', lastTransitionTime: '', ...each })),
      ],
    },
  };
}

function merged(
  before: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>> = {},
): Readonly<Record<string, string>> {
  const after: Record<string, string> = {};
  for (const [key, value] of Object.entries({ ...before, ...changes })) if (value !== null) after[key] = value;
  return after;
}

function wholeTaint({ effect = '', key = '', timeAdded = '', value = '' }: Partial<Taint>): Taint {
  return { key, value, effect, timeAdded };
}

/** Directives of the patch stand between the addresses. */
function wholeAddress({ address, type }: Partial<NodeAddress>): readonly NodeAddress[] {
  return address === undefined || type === undefined ? [] : [{ type, address }];
}

import type { ClusterHTTP } from './cluster-http.ts';

/** A Node as the API server tells it, as far as it is judged. */
export interface NodeState {
  readonly name: string;
  readonly providerID: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly string[];
  readonly addresses: readonly { readonly type: string; readonly address: string }[];
}

/** A Service as the API server tells it, as far as it is judged. */
export interface ServiceState {
  readonly name: string;
  readonly uid: string;
  readonly isBeingDeleted: boolean;
  readonly ports: readonly { readonly protocol: string; readonly port: number; readonly nodePort: number }[];
  /** The addresses of its load balancer. */
  readonly ingress: readonly string[];
}

/** What the cluster holds. */
export interface ClusterState {
  readonly nodes: readonly NodeState[];
  /** Those of the type LoadBalancer in all namespaces. */
  readonly services: readonly ServiceState[];
}

interface WireNode {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: { readonly providerID?: string; readonly taints?: readonly { readonly key: string }[] };
  readonly status?: { readonly addresses?: readonly { readonly type: string; readonly address: string }[] };
}

interface WireService {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly type?: string;
    readonly ports?: readonly { readonly protocol?: string; readonly port: number; readonly nodePort?: number }[];
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}

/** Reads the cluster, now. */
export async function readCluster(http: ClusterHTTP, signal: AbortSignal): Promise<ClusterState> {
  const [nodes, services] = await Promise.all([
    http.list('/api/v1/nodes', signal) as Promise<readonly WireNode[]>,
    http.list('/api/v1/services', signal) as Promise<readonly WireService[]>,
  ]);
  return {
    nodes: nodes.map(readNode),
    services: services.filter((service) => service.spec.type === 'LoadBalancer').map(readService),
  };
}

function readNode(node: WireNode): NodeState {
  return {
    name: node.metadata.name,
    providerID: node.spec?.providerID ?? '',
    labels: node.metadata.labels ?? {},
    taints: (node.spec?.taints ?? []).map(({ key }) => key),
    addresses: node.status?.addresses ?? [],
  };
}

function readService(service: WireService): ServiceState {
  const { name, namespace, uid, deletionTimestamp } = service.metadata;
  return {
    name: `${namespace}/${name}`,
    uid,
    isBeingDeleted: deletionTimestamp !== undefined,
    ports: (service.spec.ports ?? []).map(({ protocol = 'TCP', port, nodePort = 0 }) => ({ protocol, port, nodePort })),
    ingress: (service.status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip),
  };
}

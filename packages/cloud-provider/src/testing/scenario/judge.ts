import { uninitializedTaint } from '../../api/well-known.ts';
import type { CloudSnapshot, ForeignWrite } from '../memory-cloud/cloud/memory-cloud.ts';
import type { InstanceRecord, LoadBalancerRecord } from '../memory-cloud/cloud/api.ts';
import type { ClusterState, NodeState, ServiceState } from './cluster-state.ts';

/** What the judgement is made from: the cluster as its API server tells it, the cloud as it really is. */
export interface Testimony {
  readonly cluster: ClusterState;
  readonly cloud: CloudSnapshot;
  readonly foreignWrites: readonly ForeignWrite[];
  /** The UID of the namespace kube-system. */
  readonly clusterUID: string;
  /** The tag that says which cluster a load balancer belongs to. */
  readonly stampTag: string;
  /** The tag that says which Service a load balancer belongs to. */
  readonly serviceTag: string;
}

export interface Judgement {
  /** Names of the Nodes that are initialised as their machines demand. */
  readonly initialised: ReadonlySet<string>;
  /** Names of the Services whose load balancer is as they demand, backends included. */
  readonly ready: ReadonlySet<string>;
  /** One line for each thing that is not as it must be once everything has settled. */
  readonly problems: readonly string[];
}

/** Compares what is with what must be, asking nobody who had a hand in it. Pure. */
export function judge(testimony: Testimony): Judgement {
  const { cluster, cloud } = testimony;
  const machines = new Map(
    cloud.instances.filter(({ state }) => state !== 'terminated').map((machine) => [machine.name, machine]),
  );
  const problems: string[] = [];
  const initialised = new Set<string>();
  for (const node of cluster.nodes) {
    const fault = faultOfNode(node, machines.get(node.name));
    if (fault === undefined) initialised.add(node.name);
    else problems.push(`Node ${node.name}: ${fault}`);
  }

  const ours = cloud.loadBalancers.filter((balancer) => balancer.tags[testimony.stampTag] === testimony.clusterUID);
  const byService = Map.groupBy(ours, (balancer) => balancer.tags[testimony.serviceTag] ?? '');
  const backends = new Set(cluster.nodes.map((node) => machines.get(node.name)?.id ?? ''));
  const ready = new Set<string>();
  for (const service of cluster.services) {
    const fault = faultOfService(service, byService.get(service.uid) ?? [], backends);
    if (fault === undefined) ready.add(service.name);
    else problems.push(`Service ${service.name}: ${fault}`);
    byService.delete(service.uid);
  }
  for (const leaked of [...byService.values()].flat()) {
    problems.push(`load balancer ${leaked.name} is left over: there is no Service for it`);
  }
  for (const { operation, object, owner } of testimony.foreignWrites) {
    problems.push(`${operation} wrote ${object}, which belongs to ${owner}`);
  }
  return { initialised, ready, problems };
}

/** Undefined when the Node is as its machine demands. */
function faultOfNode(node: NodeState, machine: InstanceRecord | undefined): string | undefined {
  if (!machine) return 'it has no machine';
  if (node.taints.includes(uninitializedTaint)) return 'it is not initialised';
  const providerID = `memory:///${machine.zone}/${machine.id}`;
  if (node.providerID !== providerID) return `its providerID is ${node.providerID}, not ${providerID}`;
  const internal = node.addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address);
  if (internal.join() !== machine.privateIP) return `its InternalIP is ${internal.join()}, not ${machine.privateIP}`;
  const wanted = {
    'node.kubernetes.io/instance-type': machine.type,
    'topology.kubernetes.io/zone': machine.zone,
  };
  for (const [label, value] of Object.entries(wanted)) {
    if (node.labels[label] !== value) return `its label ${label} is ${node.labels[label] ?? 'missing'}, not ${value}`;
  }
  return undefined;
}

/** Undefined when the cloud has exactly what the Service demands and the Service says so. */
function faultOfService(
  service: ServiceState,
  balancers: readonly LoadBalancerRecord[],
  backends: ReadonlySet<string>,
): string | undefined {
  if (service.isBeingDeleted) return 'it is still being deleted';
  const [balancer, ...others] = balancers;
  if (!balancer) return 'it has no load balancer';
  if (others.length > 0) return `it has ${balancers.length} load balancers`;
  if (balancer.status !== 'ACTIVE') return `its load balancer is ${balancer.status}`;
  if (service.ingress.join() !== balancer.address) {
    return `its status says ${service.ingress.join() || 'nothing'}, its load balancer has ${balancer.address}`;
  }
  const wanted = service.ports.map(({ protocol, port, nodePort }) => `${protocol}/${port}→${nodePort}`).sort();
  const present = balancer.listeners
    .map(({ protocol, port, backendPort }) => `${protocol}/${port}→${backendPort}`)
    .sort();
  if (wanted.join() !== present.join()) return `its load balancer listens on ${present.join()}, not ${wanted.join()}`;
  const extra = balancer.backends.filter((id) => !backends.has(id)).length;
  const missing = backends.size - (balancer.backends.length - extra);
  if (missing + extra === 0) return undefined;
  return `its load balancer lacks ${missing} backends and has ${extra} that it must not have`;
}

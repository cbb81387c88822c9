import { loadBalancerCleanupFinalizer, shutdownTaint, uninitializedTaint } from '../../api/well-known.ts';
import { clusterStampKey } from '../../cloud/ownership.ts';
import type { InstanceRecord, LoadBalancerRecord, RouteRecord } from '../memory-cloud/cloud/api.ts';
import { balancerName, kindAnnotation, serviceUIDTag } from '../memory-cloud/load-balancers/memory-lb/desired.ts';
import type { ResourceValue } from '../api-server/resources/resource-types.ts';
import { forwarderProblems, wantsForwarder } from './forwarder-problems.ts';
import type { ProofGround } from './ground.ts';

type Node = ResourceValue<'nodes'>;
type Service = ResourceValue<'services'>;

/**
 * One line for everything that a manager still has to do. Judged from what people want, as cluster and cloud tell it;
 * the manager is not asked.
 */
export function findProblems(world: ProofGround): readonly string[] {
  const { server, cloud, clusterUID } = world;
  const snapshot = cloud.snapshot();
  const nodes = server.store.list('nodes').filter((node) => !node.spec.providerID?.startsWith('elsewhere:'));
  const services = server.store.list('services').filter(
    // What `clash` wants can't be had: its load balancer's name is another cluster's.
    (service) =>
      service.spec.loadBalancerClass === undefined && service.metadata.name !== 'clash' && !wantsForwarder(service),
  );
  const machines = new Map(
    snapshot.instances.filter(({ state }) => !state.startsWith('terminat')).map((machine) => [machine.name, machine]),
  );
  const ours = Map.groupBy(
    snapshot.loadBalancers.filter(({ tags }) => tags[clusterStampKey] === clusterUID),
    ({ tags }) => tags[serviceUIDTag] ?? '',
  );
  const backends = nodes.map(({ metadata }) => machines.get(metadata.name ?? '')?.id ?? '').sort();
  const problems: string[] = [];
  for (const node of nodes) {
    const problem = problemOfNode(node, machines.get(node.metadata.name ?? ''));
    if (problem !== undefined) problems.push(`Node ${node.metadata.name ?? ''}: ${problem}`);
  }
  for (const service of services) {
    const uid = service.metadata.uid ?? '';
    const problem = problemOfService(service, ours.get(uid) ?? [], backends);
    if (problem !== undefined) problems.push(`Service ${service.metadata.name ?? ''}: ${problem}`);
    ours.delete(uid);
  }
  for (const leaked of [...ours.values()].flat()) problems.push(`load balancer ${leaked.name}: it is left over`);
  problems.push(...forwarderProblems(world));
  problems.push(...problemsOfRoutes(nodes, { machines, routes: snapshot.routes, clusterUID }));
  return problems;
}

/** Each node has a range of its own, a route of ours leads there, and the node says so; nothing else of ours is in the table. */
function problemsOfRoutes(
  nodes: readonly Node[],
  cloud: {
    readonly machines: ReadonlyMap<string, InstanceRecord>;
    readonly routes: readonly RouteRecord[];
    readonly clusterUID: string;
  },
): readonly string[] {
  const ours = new Map(
    cloud.routes.filter(({ tags }) => tags[clusterStampKey] === cloud.clusterUID).map((route) => [route.cidr, route]),
  );
  const problems: string[] = [];
  for (const { metadata, spec, status } of nodes) {
    const name = metadata.name ?? '';
    const [range = '', ...more] = spec.podCIDRs ?? [];
    const route = ours.get(range);
    const condition = status?.conditions?.find(({ type }) => type === 'NetworkUnavailable');
    if (range === '' || more.length > 0) problems.push(`Node ${name}: it has no range for its pods`);
    else if (!route) problems.push(`Node ${name}: its range has no route, or shares one`);
    else if (route.instanceID !== cloud.machines.get(name)?.id)
      problems.push(`Node ${name}: its route leads elsewhere`);
    else if (condition?.status !== 'False') problems.push(`Node ${name}: its network is still called unavailable`);
    ours.delete(range);
  }
  for (const range of ours.keys()) problems.push(`the route to ${range} is left over`);
  return problems;
}

function problemOfNode(node: Node, machine: InstanceRecord | undefined): string | undefined {
  if (!machine) return 'its machine is gone';
  const taints = (node.spec.taints ?? []).map(({ key }) => key);
  if (taints.includes(uninitializedTaint)) return 'it is not initialised';
  const providerID = `memory:///${machine.zone}/${machine.id}`;
  if (node.spec.providerID !== providerID) return `its providerID is not ${providerID}`;
  const isReady = node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  const isStopped = machine.state === 'stopped' && !isReady;
  if (isStopped !== taints.includes(shutdownTaint))
    return `its shutdown taint is ${isStopped ? 'missing' : 'left over'}`;
  return undefined;
}

/** The name of the load balancer of the kind that the Service wants. */
export function wantedBalancerName({ metadata }: Service): string {
  return balancerName(metadata.uid ?? '', metadata.annotations?.[kindAnnotation] === 'express' ? 'x' : 'a');
}

function problemOfService(
  service: Service,
  balancers: readonly LoadBalancerRecord[],
  backends: readonly string[],
): string | undefined {
  if (service.metadata.deletionTimestamp !== undefined) return 'it is still being deleted';
  const hasFinalizer = service.metadata.finalizers?.includes(loadBalancerCleanupFinalizer) ?? false;
  const ingress = (service.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? '').join();
  const [balancer, ...others] = balancers;
  if (service.spec.type !== 'LoadBalancer') {
    if (balancer) return 'its load balancer is left over';
    if (hasFinalizer) return 'its finalizer is left over';
    return ingress === '' ? undefined : 'its address is left over';
  }
  if (!balancer) return 'it has no load balancer';
  if (others.length > 0) return 'it has several load balancers';
  if (!hasFinalizer) return 'it has no finalizer';
  if (balancer.name !== wantedBalancerName(service)) return 'its load balancer is of the other kind';
  if (balancer.status !== 'ACTIVE') return `its load balancer is ${balancer.status}`;
  if (ingress !== balancer.address) return 'its status tells another address';
  const wanted = (service.spec.ports ?? []).map((port) => `${port.protocol ?? ''}/${port.port}/${port.nodePort ?? 0}`);
  const present = balancer.listeners.map((one) => `${one.protocol}/${one.port}/${one.backendPort}`);
  if (wanted.sort().join() !== present.sort().join()) return 'its listeners are not its ports';
  const ranges = service.spec.loadBalancerSourceRanges ?? ['0.0.0.0/0'];
  if ([...ranges].sort().join() !== [...balancer.allowedRanges].sort().join()) return 'its source ranges are others';
  return backends.join() === [...balancer.backends].sort().join() ? undefined : 'its backends are not the nodes';
}

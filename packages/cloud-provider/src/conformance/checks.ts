import {
  instanceTypeLabel,
  loadBalancerCleanupFinalizer,
  regionLabel,
  shutdownTaint,
  uninitializedTaint,
  zoneLabel,
} from '../api/well-known.ts';
import { type NodeValue, type ServiceValue, handsIn } from './acts.ts';
import type { Cluster } from './cluster.ts';
import { offered } from './conformance-failure.ts';
import type { Stage } from './stage.ts';
import type { AccountObject, BalancerView, Machine, ServiceIdentity } from './subject.ts';

/** What is not as it must be with the Node of a machine that runs; undefined when all is well. */
export function problemOfNode(node: NodeValue | undefined, machine: Machine): string | undefined {
  const name = machine.nodeName;
  if (!node) return `there is no Node ${name}`;
  const labels = node.metadata.labels ?? {};
  const addresses = (node.status?.addresses ?? [])
    .filter(({ type }) => type === 'InternalIP')
    .map((one) => one.address);
  const differences = [
    differ('providerID', node.spec.providerID ?? '', machine.providerID),
    differ('InternalIP', addresses.join(), machine.internalIPs.join()),
    differ(instanceTypeLabel, labels[instanceTypeLabel] ?? '', machine.instanceType),
    differ(zoneLabel, labels[zoneLabel] ?? '', machine.zone),
    differ(regionLabel, labels[regionLabel] ?? '', machine.region),
    taintsOf(node).includes(uninitializedTaint) ? 'it is not initialised' : undefined,
  ].filter((one) => one !== undefined);
  return differences.length > 0 ? `Node ${name}: ${differences.join(', ')}` : undefined;
}

export function taintsOf(node: NodeValue | undefined): readonly string[] {
  return (node?.spec.taints ?? []).map(({ key }) => key);
}

/** Whether the Node is there, lets pods in, and is not called shut down. */
export function problemOfLiveNode(node: NodeValue | undefined, name: string): string | undefined {
  if (!node) return `the Node ${name} was deleted`;
  if (node.metadata.deletionTimestamp !== undefined) return `the Node ${name} is being deleted`;
  return taintsOf(node).includes(shutdownTaint) ? `the Node ${name} is called shut down` : undefined;
}

/** What a Service that can be had must have. */
export interface ServiceExpectation {
  /** The machines that traffic goes to. */
  readonly machines: readonly Machine[];
  /** @default public */
  readonly scheme?: BalancerView['scheme'];
  /** @default anybody may connect, or the kind does not limit it */
  readonly sourceRanges?: readonly string[];
}

/** What the Service and its load balancer still lack; undefined when both are as the Service wants them. */
export async function problemOfService(
  stage: Stage,
  identity: ServiceIdentity,
  expected: ServiceExpectation,
  cluster: Cluster = stage.main,
): Promise<string | undefined> {
  const service = handsIn(stage, cluster).service(identity);
  if (!service) return `there is no Service ${identity.name}`;
  const balancers = await balancersOf(stage, identity);
  const problem = compareService(service, balancers, expected);
  return problem === undefined ? undefined : `Service ${identity.name}: ${problem}`;
}

/** What is left of a Service that is deleted, or wants no load balancer any more. */
export async function problemOfGoneService(
  stage: Stage,
  identity: ServiceIdentity,
  cluster: Cluster = stage.main,
): Promise<string | undefined> {
  const service = handsIn(stage, cluster).service(identity);
  if (service?.metadata.deletionTimestamp !== undefined) return `the Service ${identity.name} is still being deleted`;
  if (service?.metadata.finalizers?.includes(loadBalancerCleanupFinalizer) === true)
    return `the finalizer of the Service ${identity.name} is left over`;
  if ((service?.status?.loadBalancer?.ingress ?? []).length > 0)
    return `the address of the Service ${identity.name} is left over`;
  const [left] = await balancersOf(stage, identity);
  return left && `the load balancer ${left.id} of the Service ${identity.name} is left over`;
}

export async function balancersOf(stage: Stage, identity: ServiceIdentity): Promise<readonly BalancerView[]> {
  return offered(stage.world.loadBalancers, 'load balancers').of(identity);
}

function compareService(
  service: ServiceValue,
  [balancer, ...others]: readonly BalancerView[],
  expected: ServiceExpectation,
): string | undefined {
  if (!balancer) return 'it has no load balancer';
  if (others.length > 0) return `it has several load balancers: ${[balancer, ...others].map(({ id }) => id).join()}`;
  if (service.metadata.finalizers?.includes(loadBalancerCleanupFinalizer) !== true) return 'it has no finalizer';
  const ingress = (service.status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').join();
  const wanted = (service.spec.ports ?? []).map((port) => `${port.protocol ?? ''}/${port.port}/${port.nodePort ?? 0}`);
  const present = balancer.listeners.map((one) => `${one.protocol}/${one.port}/${one.nodePort}`);
  const machines = expected.machines.map(({ providerID }) => providerID);
  const ranges = expected.sourceRanges ?? ['0.0.0.0/0'];
  return (
    differ('its address', ingress, [balancer.address, ...(balancer.moreAddresses ?? [])].join()) ??
    differ('the scheme', balancer.scheme, expected.scheme ?? 'public') ??
    differ('the listeners', sorted(present), sorted(wanted)) ??
    balancer.listeners
      .map((one) =>
        one.backends === 'unknown'
          ? undefined
          : differ(`the backends of port ${one.port}`, sorted(one.backends), sorted(machines)),
      )
      .find((one) => one !== undefined) ??
    (balancer.sourceRanges === 'unknown'
      ? undefined
      : differ('the source ranges', sorted(balancer.sourceRanges), sorted(ranges)))
  );
}

function sorted(items: readonly string[]): string {
  return items.toSorted().join(' ');
}

function differ(what: string, present: string, wanted: string): string | undefined {
  return present === wanted ? undefined : `${what} is ${present || 'empty'}, not ${wanted || 'empty'}`;
}

/** One line for everything that two looks at the account show differently. */
export function compareAccounts(before: readonly AccountObject[], after: readonly AccountObject[]): readonly string[] {
  const then = keyed(before);
  const now = keyed(after);
  const differences: string[] = [];
  for (const [key, object] of now) {
    const known = then.get(key);
    if (!known) differences.push(`${key} is left over`);
    else if (known.content !== object.content)
      differences.push(`${key} was changed: ${object.content}, not ${known.content}`);
    else if (known.stamp !== object.stamp) differences.push(`the stamp of ${key} was changed`);
  }
  for (const key of then.keys()) if (!now.has(key)) differences.push(`${key} is gone`);
  return differences;
}

function keyed(objects: readonly AccountObject[]): ReadonlyMap<string, AccountObject> {
  return new Map(objects.map((object) => [`${object.kind} ${object.id}`, object]));
}

/** Where routes of others are planted. Within the cluster's own ranges, as the second is, they are still not the cluster's. */
export const foreignRanges: readonly string[] = ['192.168.7.0/24', '10.244.200.0/24'];

/** What is missing or left over among the routes of the nodes of these machines; undefined when nothing is. */
export async function problemOfRoutes(
  stage: Stage,
  machines: readonly Machine[],
  extent: 'these' | 'only these' = 'only these',
): Promise<string | undefined> {
  const hands = handsIn(stage);
  const routes = new Map((await offered(stage.world.routes, 'routes').list()).map((one) => [one.cidr, one.target]));
  for (const { nodeName, providerID } of machines) {
    const node = hands.node(nodeName);
    const range = node?.spec.podCIDR ?? '';
    const condition = node?.status?.conditions?.find(({ type }) => type === 'NetworkUnavailable');
    if (range === '') return `the node ${nodeName} has no range`;
    if (routes.get(range) !== providerID) return `the route to ${range} leads to ${routes.get(range) ?? 'nothing'}`;
    if (condition?.status !== 'False') return `the node ${nodeName} says that its network is not there`;
    routes.delete(range);
  }
  if (extent === 'these') return undefined;
  const left = [...routes.keys()].find((cidr) => !foreignRanges.includes(cidr));
  return left === undefined ? undefined : `the route to ${left} is left over`;
}

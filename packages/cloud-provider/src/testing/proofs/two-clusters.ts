import { cidrOf } from '../../base/cidr.ts';
import { Duration } from '../../base/duration.ts';
import { adoptAnnotation, loadBalancerCleanupFinalizer } from '../../api/well-known.ts';
import { clusterStampKey } from '../../cloud/ownership.ts';
import type { ObjectDraft } from '../api-server/object-store.ts';
import type { ResourceValue } from '../api-server/resources/resource-types.ts';
import { type OperationName, operationTable } from '../memory-cloud/cloud/api.ts';
import type { MemoryCloud } from '../memory-cloud/cloud/memory-cloud.ts';
import { balancerName, internalAnnotation, serviceUIDTag } from '../memory-cloud/load-balancers/memory-lb/desired.ts';
import { kubeletNode, silentKubeletStatus } from '../scenario/manifests.ts';
import { type SeededRandom, seededRandom } from '../seeded-random.ts';
import type { ProofReport } from './print-report.ts';
import { type SharedCluster, SharedWorld } from './shared-world.ts';

/** In which way two clusters of one account get into each other's way. */
export interface Neighbourhood {
  /** `alike`: one was restored from a backup of the other, so that their Services have the same UIDs. */
  readonly uids: 'alike' | 'own';
  /** Whether their nodes get ranges out of the same one. */
  readonly podRanges: 'same' | 'own';
  /** Decides who does what when. */
  readonly seed: number;
}

/** Its points are the writes that the cloud judged by the stamps of what they changed. */
export interface TwoClustersReport extends ProofReport {
  readonly runs: number;
  readonly foreignWrites: number;
  /** Objects that a cluster took over, each because an annotation names it. */
  readonly adoptions: number;
  /** Objects that both wanted and one did not get, with an Event that says so. */
  readonly conflicts: number;
}

/** Runs all neighbourhoods with the given seeds. */
export async function proveTwoClusters(
  seeds: readonly number[],
  log?: (line: string) => void,
): Promise<TwoClustersReport> {
  const total = { points: 0, runs: 0, foreignWrites: 0, adoptions: 0, conflicts: 0 };
  const failures: string[] = [];
  for (const uids of ['alike', 'own'] as const) {
    for (const podRanges of ['same', 'own'] as const) {
      for (const seed of seeds) {
        const run = await shareAccount({ uids, podRanges, seed }, log);
        total.runs++;
        total.points += run.points;
        total.foreignWrites += run.foreignWrites.length;
        total.adoptions += run.adoptions;
        total.conflicts += run.conflicts;
        const place = `uids ${uids}, ranges ${podRanges}, seed ${seed}`;
        failures.push(...[...run.foreignWrites, ...run.problems].map((text) => `${place}: ${text}`));
      }
    }
  }
  return { proof: 'two clusters, one account, same names', ...total, failures };
}

interface Run {
  readonly points: number;
  readonly foreignWrites: readonly string[];
  readonly adoptions: number;
  readonly conflicts: number;
  /** What is not as it must be at the end. */
  readonly problems: readonly string[];
}

/** One that lives in the shared account. */
interface Resident {
  readonly cluster: SharedCluster;
  readonly cloud: MemoryCloud;
  /** Its machines, by the names of its nodes. */
  readonly machines: Map<string, string>;
}

interface Deed {
  readonly name: string;
  readonly act: (resident: Resident, world: SharedWorld) => void;
}

/** Longer than the slow look at load balancers and routes that nothing changed. */
const longRest = Duration.minutes(75);

/** What happens in both clusters, in this order in each. */
const deeds: readonly Deed[] = [
  { name: 'two machines join', act: (resident, world) => ['a', 'b'].forEach((name) => join(resident, name, world)) },
  // Two machines of one name, and nothing on the Node says which one it is.
  {
    name: 'a machine joins without saying which one it is',
    act: (resident, world) => joinSilently(resident, 'x', world),
  },
  { name: 'a Service wants a load balancer', act: (resident) => createService(resident, 'web', [80, 443]) },
  { name: 'so does another', act: (resident) => createService(resident, 'dns', [53]) },
  { name: 'ports change', act: (resident) => patchService(resident, 'web', { spec: { ports: portsOf([80, 8443]) } }) },
  { name: 'a machine joins', act: (resident, world) => join(resident, 'c', world) },
  {
    name: 'a Service goes into the network, so that its load balancer is made anew',
    act: (resident) => patchService(resident, 'dns', { metadata: { annotations: { [internalAnnotation]: 'true' } } }),
  },
  { name: 'a Service wants none', act: (resident) => patchService(resident, 'web', { spec: { type: 'ClusterIP' } }) },
  { name: 'it does again', act: (resident) => patchService(resident, 'web', { spec: { type: 'LoadBalancer' } }) },
  { name: 'a machine is terminated', act: (resident, world) => terminate(resident, 'b', world) },
  {
    name: 'a Service is deleted',
    act: ({ cluster }) => cluster.act((server) => server.store.delete('services', 'web')),
  },
];

/**
 * Two clusters with Services and Nodes of the same names do the same things in one account, in an order and at times that
 * chance decides. The cloud judges by its objects' stamps whether one of them changed what is the other's.
 */
export async function shareAccount(neighbourhood: Neighbourhood, log?: (line: string) => void): Promise<Run> {
  const { podRanges, seed, uids } = neighbourhood;
  const chance = seededRandom(seed);
  const { random } = Math;
  Math.random = () => chance.next();
  try {
    await using world = new SharedWorld({ log });
    const cloud = world.addCloud(seed);
    const [first, second] = ['c1', 'c2'].map((name) => {
      const cluster = world.addCluster(name.slice(1), { uids });
      return { cluster, cloud, machines: new Map<string, string>() };
    });
    if (!first || !second) throw new Error('there are two clusters');
    const residents = [first, second];
    for (const [index, { cluster }] of residents.entries()) {
      const second = podRanges === 'own' ? BigInt(index) : 0n;
      await world.startManager({
        name: `manager-of-${cluster.name}`,
        cluster,
        cloud,
        lease: 'cloud-controller-manager',
        podRange: cidrOf('IPv4', 0x0a_f0_00_00n + (second << 16n), 16),
      });
    }
    await interleave(world, residents, chance, log);
    const adoptions = await adopt(world, first, second);
    await world.pass(longRest);
    const conflicts = residents.filter(({ cluster }) =>
      ['web', 'dns', 'old'].some((name) => cluster.eventReasons(name).includes('OwnershipConflict')),
    ).length;
    return {
      points: cloud.log.records.filter(({ operation }) => isWrite(operation)).length,
      foreignWrites: cloud.foreignWrites.map(
        ({ cluster, object, operation, owner }) => `${cluster} did ${operation} to ${object} of ${owner}`,
      ),
      adoptions: adoptions.count,
      conflicts,
      problems: [
        ...adoptions.problems,
        ...residents.flatMap((resident) => problemsOf(resident, residents, neighbourhood)),
      ],
    };
  } finally {
    Math.random = random;
  }
}

/** Each does its deeds in order; chance decides whose turn it is, and how long the others are left to themselves. */
async function interleave(
  world: SharedWorld,
  residents: readonly Resident[],
  chance: SeededRandom,
  log: ((line: string) => void) | undefined,
): Promise<void> {
  const left = new Map(residents.map((resident) => [resident, [...deeds]]));
  for (;;) {
    const busy = residents.filter((resident) => (left.get(resident)?.length ?? 0) > 0);
    const resident = busy[chance.integer(Math.max(1, busy.length))];
    if (!resident) return;
    const deed = left.get(resident)?.shift();
    log?.(`===== ${resident.cluster.name}: ${deed?.name ?? ''}`);
    deed?.act(resident, world);
    await world.pass(
      [Duration.zero, Duration.milliseconds(700), Duration.seconds(4), Duration.minutes(4)][chance.integer(4)] ??
        Duration.zero,
    );
  }
}

/**
 * There is a load balancer from before there were stamps, under the name of a Service that both clusters have, and tagged for
 * another Service. Nobody touches it until a Service names it; then that one's cluster has it, and the other's asks in vain.
 */
async function adopt(
  world: SharedWorld,
  first: Resident,
  second: Resident,
): Promise<{ readonly count: number; readonly problems: readonly string[] }> {
  const problems: string[] = [];
  const { cloud } = first;
  const { uid = '' } = createService(first, 'old', [80], 'ClusterIP').metadata;
  createService(second, 'old', [80], 'ClusterIP');
  const name = balancerName(uid);
  const id = cloud.operator.plantLoadBalancer(
    {
      name,
      networkID: 'net-main',
      scheme: 'public',
      allowedRanges: ['0.0.0.0/0'],
      healthCheck: { protocol: 'tcp', port: 80, path: '' },
      listeners: [],
      backends: [],
      tags: { [serviceUIDTag]: 'of-another-service' },
    },
    first.cluster.uid,
  );
  const planted = (): unknown => cloud.snapshot().loadBalancers.find((one) => one.id === id);
  const before = JSON.stringify(planted());
  for (const resident of [first, second]) patchService(resident, 'old', { spec: { type: 'LoadBalancer' } });
  await world.pass(longRest);
  if (JSON.stringify(planted()) !== before) problems.push('a load balancer without any proof was changed');
  if (!first.cluster.eventReasons('old').includes('OwnershipConflict')) problems.push('nobody told of the conflict');

  const annotations = { [adoptAnnotation]: id };
  patchService(first, 'old', { metadata: { annotations } });
  await world.pass(Duration.minutes(1));
  const tagsNow = cloud.snapshot().loadBalancers.find((one) => one.id === id)?.tags ?? {};
  if (tagsNow[clusterStampKey] !== first.cluster.uid) problems.push('what was to be adopted was not');
  patchService(second, 'old', { metadata: { annotations } });
  await world.pass(Duration.minutes(1));
  return { count: tagsNow[clusterStampKey] === first.cluster.uid ? 1 : 0, problems };
}

/** What a cluster must have at the end, and must not have. */
function problemsOf(
  resident: Resident,
  residents: readonly Resident[],
  { uids, podRanges }: Neighbourhood,
): readonly string[] {
  const { cloud, cluster, machines } = resident;
  const { server } = cluster;
  const { loadBalancers, routes } = cloud.snapshot();
  const problems: string[] = [];
  const mine = loadBalancers.filter(({ tags }) => tags[clusterStampKey] === cluster.uid);
  const services = server.store.list('services').filter(({ spec }) => spec.type === 'LoadBalancer');
  for (const { metadata, status } of services) {
    const balancer = mine.find(({ tags }) => tags[serviceUIDTag] === metadata.uid);
    const address = status?.loadBalancer?.ingress?.[0]?.ip;
    const isRivalled = uids === 'alike' || metadata.name === 'old';
    if (!balancer && !isRivalled) problems.push(`${cluster.name}: ${metadata.name ?? ''} has no load balancer`);
    if (balancer && address !== balancer.address)
      problems.push(`${cluster.name}: ${metadata.name ?? ''} tells no address`);
    if (!balancer && address !== undefined)
      problems.push(`${cluster.name}: ${metadata.name ?? ''} tells another's address`);
    const strangers = balancer?.backends.filter((one) => ![...machines.values()].includes(one)) ?? [];
    if (strangers.length > 0) problems.push(`${cluster.name}: traffic goes to machines of the other cluster`);
  }
  // Of two that want the same thing one gets it.
  if (
    uids === 'alike' &&
    resident === residents[0] &&
    !loadBalancers.some(({ tags }) => tags[serviceUIDTag] === uidOf(services, 'dns'))
  ) {
    problems.push('neither cluster has the load balancer that both want');
  }
  const wanted = new Set(services.map(({ metadata }) => metadata.uid));
  for (const { name, tags } of mine) {
    if (!wanted.has(tags[serviceUIDTag])) problems.push(`${cluster.name}: the load balancer ${name} is left over`);
  }
  if (server.store.get('services', 'web')) problems.push(`${cluster.name}: the deleted Service is still there`);
  const names = server.store.list('nodes').map(({ metadata }) => metadata.name);
  if (names.join() !== 'a,c,x') problems.push(`${cluster.name}: its nodes are ${names.join()}`);
  const ranges = routes.filter(({ tags }) => tags[clusterStampKey] === cluster.uid);
  const strangers = ranges.filter(({ instanceID }) => ![...machines.values()].includes(instanceID));
  if (strangers.length > 0) problems.push(`${cluster.name}: its routes lead to machines of the other cluster`);
  if (podRanges === 'own' && ranges.length !== 2) problems.push(`${cluster.name}: it has ${ranges.length} routes`);
  return problems;
}

function uidOf(services: readonly ResourceValue<'services'>[], name: string): string | undefined {
  return services.find(({ metadata }) => metadata.name === name)?.metadata.uid;
}

function join({ cloud, cluster, machines }: Resident, name: string, { clock }: SharedWorld): void {
  const machine = cloud.operator.launch({ name, zone: 'memory-1a' });
  machines.set(name, machine.id);
  cluster.act((server) => {
    const node = kubeletNode(name, clock.now());
    server.store.create('nodes', node);
    server.store.patch('nodes', name, { spec: { providerID: `memory:///memory-1a/${machine.id}` } });
  });
}

function joinSilently({ cloud, cluster }: Resident, name: string, { clock }: SharedWorld): void {
  // Both clusters' machines are there before a Node is.
  if (!cloud.snapshot().instances.some((one) => one.name === name)) {
    cloud.operator.launch({ name, zone: 'memory-1a' });
    cloud.operator.launch({ name, zone: 'memory-1b' });
  }
  cluster.act((server) => server.store.create('nodes', kubeletNode(name, clock.now())));
}

function terminate({ cloud, cluster, machines }: Resident, name: string, { clock }: SharedWorld): void {
  cloud.operator.terminate(machines.get(name) ?? '');
  machines.delete(name);
  cluster.act((server) =>
    server.store.patch('nodes', { name, subresource: 'status' }, silentKubeletStatus(clock.now())),
  );
}

function portsOf(ports: readonly number[]): readonly { readonly name: string; readonly port: number }[] {
  return ports.map((port) => ({ name: `p${port}`, port }));
}

function createService(
  { cluster }: Resident,
  name: string,
  ports: readonly number[],
  type: 'LoadBalancer' | 'ClusterIP' = 'LoadBalancer',
): ResourceValue<'services'> {
  let created: ResourceValue<'services'> | undefined;
  cluster.act((server) => {
    created = server.store.create('services', {
      metadata: {
        name,
        namespace: 'default',
        finalizers: type === 'LoadBalancer' ? [loadBalancerCleanupFinalizer] : [],
      },
      spec: { type, ports: portsOf(ports) },
    });
  });
  if (!created) throw new Error('the Service was not created');
  return created;
}

function patchService({ cluster }: Resident, name: string, patch: ObjectDraft<'services'>): void {
  cluster.act((server) => void server.store.patch('services', name, patch));
}

function isWrite(operation: OperationName): boolean {
  return operationTable[operation].kind === 'write';
}

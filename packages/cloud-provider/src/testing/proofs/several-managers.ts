import { shutdownTaint, uninitializedTaint } from '../../api/well-known.ts';
import { parseCidr } from '../../base/cidr.ts';
import { Duration } from '../../base/duration.ts';
import { type LabelSelector, parseLabelSelector } from '../../base/label-selector.ts';
import type { CloudRequest, LoadBalancerRecord } from '../memory-cloud/cloud/api.ts';
import type { MemoryCloud } from '../memory-cloud/cloud/memory-cloud.ts';
import { serviceUIDTag } from '../memory-cloud/load-balancers/memory-lb/desired.ts';
import { kubeletNode, silentKubeletStatus } from '../scenario/manifests.ts';
import { seededRandom } from '../seeded-random.ts';
import type { RequestOnTheWay } from './in-process-dispatcher.ts';
import type { ProofReport } from './print-report.ts';
import { type SharedCluster, SharedWorld } from './shared-world.ts';

/** `a` and `b` have a manager each; `nobody` has none. */
export const owners = ['a', 'b', 'nobody'] as const;
export type Owner = (typeof owners)[number];

/** Something that people do. Indexes count what is there, modulo how much that is. */
export type Act =
  | { readonly kind: 'join'; readonly owner: Owner }
  | { readonly kind: 'moveNode'; readonly index: number; readonly owner: Owner }
  | { readonly kind: 'terminate'; readonly index: number }
  | { readonly kind: 'createService'; readonly owner: Owner }
  | { readonly kind: 'moveService'; readonly index: number; readonly owner: Owner }
  | { readonly kind: 'editService'; readonly index: number }
  | { readonly kind: 'deleteService'; readonly index: number };

export interface Script {
  /** `one`: both managers have the same cloud; `two`: each has its own, and machines don't move between them. */
  readonly clouds: 'one' | 'two';
  readonly acts: readonly (Act & { readonly rest: Duration })[];
}

export interface Outcome {
  /** Writes of managers to the cluster and to the clouds that were judged. */
  readonly points: number;
  /** What was done by somebody whose business it was not, and what is not as it must be at the end. */
  readonly problems: readonly string[];
}

/** Something of each owner is there before chance has its way. */
export const beginning: Script['acts'] = owners.flatMap((owner) => [
  { kind: 'join', owner, rest: Duration.zero },
  { kind: 'createService', owner, rest: Duration.seconds(1) },
]);

export const rests = [Duration.zero, Duration.milliseconds(300), Duration.seconds(3), Duration.minutes(4)] as const;

/** Plays as many scripts as there are seeds. */
export async function proveSeveralManagers(seeds: readonly number[]): Promise<ProofReport & { readonly runs: number }> {
  const failures: string[] = [];
  let points = 0;
  for (const seed of seeds) {
    const outcome = await shareCluster(scriptOf(seed));
    points += outcome.points;
    failures.push(...outcome.problems.map((problem) => `seed ${seed}: ${problem}`));
  }
  return { proof: 'several managers, one cluster', points, runs: seeds.length, failures };
}

/** The same seed gives the same script. */
function scriptOf(seed: number): Script {
  const chance = seededRandom(seed);
  const pick = <T>(all: readonly [T, ...T[]]): T => all[chance.integer(all.length)] ?? all[0];
  const kinds = [
    'join',
    'moveNode',
    'terminate',
    'createService',
    'moveService',
    'editService',
    'deleteService',
  ] as const;
  const acts = Array.from({ length: 6 + chance.integer(15) }, () => ({
    kind: pick(kinds),
    owner: pick(owners),
    index: chance.integer(6),
    rest: pick(rests),
  }));
  return { clouds: pick(['one', 'two']), acts: [...beginning, ...acts] };
}

/** Longer than the slow look at everything that nothing changed. */
const longRest = Duration.minutes(75);
const region = 'memory-1a';

/**
 * Plays the script in a cluster with two managers, which have selectors and leases of their own, and judges each of their
 * writes by the labels that the object has when the write arrives.
 */
export async function shareCluster(script: Script, log?: (line: string) => void): Promise<Outcome> {
  const chance = seededRandom(7);
  const { random } = Math;
  Math.random = () => chance.next();
  try {
    await using world = new SharedWorld({ log });
    const scene = new Scene(world, script.clouds);
    await scene.startManagers();
    for (const { rest, ...act } of script.acts) {
      log?.(`===== ${JSON.stringify(act)}`);
      scene.act(act);
      await world.settle();
      scene.endOfMoment();
      await world.pass(rest);
    }
    await world.pass(longRest);
    return { points: scene.points, problems: [...scene.violations, ...scene.findProblems()] };
  } finally {
    Math.random = random;
  }
}

class Scene {
  readonly violations: string[] = [];
  points = 0;
  readonly #world: SharedWorld;
  readonly #cluster: SharedCluster;
  readonly #clouds: Readonly<Record<'a' | 'b', MemoryCloud>>;
  readonly #isOneCloud: boolean;
  /** By the names of nodes: whose cloud the machine is in, and its id. */
  readonly #machines = new Map<string, { readonly id: string; readonly cloud: 'a' | 'b'; isThere: boolean }>();
  /** Objects that moved just now: what was sent before the news of it may still arrive. */
  readonly #moving = new Set<string>();
  /** Where each Service was looked after so far. */
  readonly #homes = new Map<string, Set<Owner>>();
  #names = 0;

  constructor(world: SharedWorld, clouds: Script['clouds']) {
    this.#world = world;
    this.#cluster = world.addCluster('1', { uids: 'own' });
    const a = world.addCloud(1);
    this.#clouds = { a, b: clouds === 'one' ? a : world.addCloud(2) };
    this.#isOneCloud = clouds === 'one';
  }

  async startManagers(): Promise<void> {
    for (const name of ['a', 'b'] as const) {
      await this.#world.startManager({
        name,
        cluster: this.#cluster,
        cloud: this.#clouds[name],
        lease: `manager-${name}`,
        ownership: { nodes: selector(`owner=${name}`), services: selector(`owner=${name}`) },
        podRange: range('10.240.0.0/16'),
        nodeIpam: 'elsewhere',
        onClusterRequest: (request) => this.#judgeClusterRequest(name, request),
        onCloudRequest: (request) => this.#judgeCloudRequest(name, request),
      });
    }
  }

  act(act: Act): void {
    const { server } = this.#cluster;
    switch (act.kind) {
      case 'join':
        return this.#join(act.owner);
      case 'moveNode': {
        const name = this.#nameAt('nodes', act.index);
        const machine = this.#machines.get(name ?? '');
        // A machine does not move from one cloud to another.
        if (name === undefined || !machine || !this.#mayMove(machine.cloud, act.owner)) return;
        this.#moving.add(`nodes/${name}`);
        this.#do(() => void server.store.patch('nodes', name, { metadata: { labels: { owner: act.owner } } }));
        return;
      }
      case 'terminate': {
        const name = this.#nameAt('nodes', act.index);
        const machine = this.#machines.get(name ?? '');
        if (name === undefined || machine?.isThere !== true) return;
        machine.isThere = false;
        this.#clouds[machine.cloud].operator.terminate(machine.id);
        const silence = silentKubeletStatus(this.#world.clock.now());
        this.#do(() => void server.store.patch('nodes', { name, subresource: 'status' }, silence));
        return;
      }
      case 'createService': {
        const name = `s${++this.#names}`;
        this.#homes.set(name, new Set([act.owner]));
        const metadata = { name, namespace: 'default', labels: { owner: act.owner } };
        this.#do(
          () =>
            void server.store.create('services', { metadata, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } }),
        );
        return;
      }
      case 'moveService': {
        const name = this.#nameAt('services', act.index);
        if (name === undefined) return;
        this.#homes.get(name)?.add(act.owner);
        this.#moving.add(`services/${name}`);
        this.#do(() => void server.store.patch('services', name, { metadata: { labels: { owner: act.owner } } }));
        return;
      }
      case 'editService': {
        const name = this.#nameAt('services', act.index);
        const port = 81 + (++this.#names % 100);
        if (name === undefined) return;
        this.#do(() => void server.store.patch('services', name, { spec: { ports: [{ port }] } }));
        return;
      }
      case 'deleteService': {
        const name = this.#nameAt('services', act.index);
        if (name !== undefined) this.#do(() => void server.store.delete('services', name));
        return;
      }
    }
  }

  /** Everybody has heard of what people did. */
  endOfMoment(): void {
    this.#moving.clear();
  }

  findProblems(): readonly string[] {
    return [...this.#problemsOfNodes(), ...this.#problemsOfServices()];
  }

  #do(deed: () => void): void {
    this.#cluster.act(deed);
  }

  #join(owner: Owner): void {
    const name = `n${++this.#names}`;
    const cloud = owner === 'b' ? 'b' : 'a';
    const { id } = this.#clouds[cloud].operator.launch({ name, zone: region });
    this.#machines.set(name, { id, cloud, isThere: true });
    this.#do(() => {
      const { store } = this.#cluster.server;
      store.create('nodes', kubeletNode(name, this.#world.clock.now()));
      const podCIDRs = [`10.240.${this.#names}.0/24`];
      store.patch('nodes', name, { metadata: { labels: { owner } }, spec: { podCIDR: podCIDRs[0] ?? '', podCIDRs } });
    });
  }

  #mayMove(cloud: 'a' | 'b', owner: Owner): boolean {
    return this.#isOneCloud || owner === 'nobody' || owner === cloud;
  }

  #nameAt(resource: 'nodes' | 'services', index: number): string | undefined {
    const names = this.#cluster.server.store.list(resource).flatMap(({ metadata }) => metadata.name ?? []);
    const own = names.filter((name) => name !== 'kubernetes');
    return own[index % Math.max(1, own.length)];
  }

  #ownerOf(resource: 'nodes' | 'services', name: string): string | undefined {
    return this.#cluster.server.store.get(resource, name)?.metadata.labels?.['owner'];
  }

  #judgeClusterRequest(manager: string, { method, path }: RequestOnTheWay): void {
    const [, resource, name = ''] = /^\/api\/v1\/(?:namespaces\/default\/)?(nodes|services)\/([^/?]+)/.exec(path) ?? [];
    if (method === 'GET' || (resource !== 'nodes' && resource !== 'services')) return;
    this.points++;
    const owner = this.#ownerOf(resource, name);
    if (owner !== undefined && owner !== manager && !this.#moving.has(`${resource}/${name}`)) {
      this.violations.push(`${manager} did ${method} to ${resource}/${name} of ${owner}`);
    }
    const machine = resource === 'nodes' && method === 'DELETE' ? this.#machines.get(name) : undefined;
    if (machine?.isThere === true) this.violations.push(`${manager} deleted the live node ${name}`);
  }

  #judgeCloudRequest(manager: 'a' | 'b', request: CloudRequest): void {
    const balancer = this.#balancerOf(manager, request);
    if (!balancer) return;
    this.points++;
    const { store } = this.#cluster.server;
    const service = store.list('services').find(({ metadata }) => metadata.uid === balancer.tags[serviceUIDTag]);
    const { name = '', labels } = service?.metadata ?? {};
    if (!service || this.#moving.has(`services/${name}`)) return;
    if (labels?.['owner'] !== manager) {
      this.violations.push(`${manager} did ${request.operation} to the load balancer of ${name}, which is not its own`);
    }
    const isDeleted = service.metadata.deletionTimestamp !== undefined;
    if (request.operation === 'DeleteLoadBalancer' && !isDeleted) {
      this.violations.push(`${manager} deleted the load balancer of the live Service ${name}`);
    }
  }

  /** The load balancer that a write is about; undefined for everything else. */
  #balancerOf(manager: 'a' | 'b', { input, operation }: CloudRequest): LoadBalancerRecord | undefined {
    if (operation.startsWith('Get') || operation.startsWith('List') || operation.startsWith('Describe'))
      return undefined;
    const ids = [Reflect.get(input, 'id'), Reflect.get(input, 'loadBalancerID')];
    return this.#clouds[manager].snapshot().loadBalancers.find(({ id }) => ids.includes(id));
  }

  #problemsOfNodes(): readonly string[] {
    const problems: string[] = [];
    const nodes = new Map(this.#cluster.server.store.list('nodes').map((node) => [node.metadata.name ?? '', node]));
    const routed = new Map(
      [this.#clouds.a, this.#clouds.b].flatMap((cloud) =>
        cloud.snapshot().routes.map(({ cidr, instanceID }) => [cidr, instanceID] as const),
      ),
    );
    for (const [name, machine] of this.#machines) {
      const node = nodes.get(name);
      const owner = node?.metadata.labels?.['owner'];
      if (machine.isThere && !node) problems.push(`the node ${name} is gone`);
      if (!node || owner === 'nobody') continue;
      if (!machine.isThere) problems.push(`the node ${name} of ${owner ?? ''} is still there`);
      else if (node.spec.taints?.some(({ key }) => key === uninitializedTaint || key === shutdownTaint))
        problems.push(`the node ${name} of ${owner ?? ''} is not served`);
      else if (routed.get(node.spec.podCIDR ?? '') !== machine.id) problems.push(`the node ${name} has no route`);
    }
    const wanted = new Set([...nodes.values()].map(({ spec }) => spec.podCIDR));
    for (const cidr of routed.keys()) if (!wanted.has(cidr)) problems.push(`the route to ${cidr} is left over`);
    return problems;
  }

  #problemsOfServices(): readonly string[] {
    const problems: string[] = [];
    const { store } = this.#cluster.server;
    const services = new Map(store.list('services').map((service) => [service.metadata.name ?? '', service]));
    for (const [name, homes] of this.#homes) {
      const service = services.get(name);
      const owner = service?.metadata.labels?.['owner'];
      if (service?.metadata.deletionTimestamp !== undefined && owner !== 'nobody') {
        problems.push(`the Service ${name} of ${owner ?? ''} is not released`);
      }
      if (!service || owner === 'nobody' || service.metadata.deletionTimestamp !== undefined) {
        // What was never looked after has nothing, and nothing was done to it.
        const isUntouched =
          service?.metadata.finalizers === undefined && service?.status?.loadBalancer?.ingress === undefined;
        if (service && homes.size === 1 && owner === 'nobody' && !isUntouched) problems.push(`${name} was touched`);
        continue;
      }
      const cloud = this.#clouds[owner === 'b' ? 'b' : 'a'];
      const balancer = cloud.snapshot().loadBalancers.find(({ tags }) => tags[serviceUIDTag] === service.metadata.uid);
      const wanted = store
        .list('nodes')
        .filter(({ metadata, spec }) => metadata.labels?.['owner'] === owner && spec.providerID !== undefined)
        .map(({ metadata }) => this.#machines.get(metadata.name ?? '')?.id);
      const ingress = service.status?.loadBalancer?.ingress?.[0]?.ip;
      if (!balancer) problems.push(`the Service ${name} of ${owner ?? ''} has no load balancer`);
      else if (balancer.backends.toSorted().join() !== wanted.toSorted().join())
        problems.push(`the Service ${name} of ${owner ?? ''} has other backends than the nodes of ${owner ?? ''}`);
      else if (ingress !== balancer.address) problems.push(`the Service ${name} tells another address`);
    }
    return [...problems, ...this.#leftBehind(services)];
  }

  /** Load balancers of Services that are gone: only where a Service moved away from a cloud, which leaves its own there. */
  #leftBehind(services: ReadonlyMap<string, { readonly metadata: { readonly uid?: string } }>): readonly string[] {
    const uids = new Set([...services.values()].map(({ metadata }) => metadata.uid));
    const hasMoved = [...this.#homes.values()].some((homes) => homes.size > 1);
    if (!this.#isOneCloud && hasMoved) return [];
    return [...new Set([this.#clouds.a, this.#clouds.b])]
      .flatMap((cloud) => cloud.snapshot().loadBalancers)
      .filter(({ tags }) => !uids.has(tags[serviceUIDTag]))
      .map(({ name }) => `the load balancer ${name} is left over`);
  }
}

function selector(text: string): LabelSelector {
  const parsed = parseLabelSelector(text);
  if (parsed.kind === 'bad') throw new Error(parsed.problem);
  return parsed.selector;
}

function range(text: string) {
  const cidr = parseCidr(text);
  if (!cidr) throw new Error(`${text} is no range`);
  return cidr;
}

import { Duration } from '../../base/duration.ts';
import { clusterStampKey } from '../../cloud/ownership.ts';
import { ApiServer } from '../api-server/api-server.ts';
import { FakeClock } from '../fake-clock.ts';
import type { CloudRequest } from '../memory-cloud/cloud/api.ts';
import { operationTable } from '../memory-cloud/cloud/api.ts';
import { MemoryCloud } from '../memory-cloud/cloud/memory-cloud.ts';
import { serviceUIDTag } from '../memory-cloud/load-balancers/memory-lb/desired.ts';
import { type SeededRandom, seededRandom } from '../seeded-random.ts';
import { plantForeignObjects } from './foreign-objects.ts';
import type { RequestOnTheWay } from './in-process-dispatcher.ts';
import { ManagedProcess } from './managed-process.ts';

/** A request of a manager, at the moment when it arrives at the cloud or at the API server. */
export interface Message {
  readonly to: 'cloud' | 'cluster';
  readonly kind: 'read' | 'write';
  /** Among all messages to the same side, from 1. */
  readonly number: number;
  /** Among all writes to either side, from 1; 0 for a read. */
  readonly write: number;
  /** What is asked: `CreateLoadBalancer`, `PATCH /api/v1/nodes/a/status`. */
  readonly label: string;
}

/** Who listens in on a manager's messages, and may do to them and to it what he likes. */
export interface Tap {
  /** The message has arrived, and nothing is done yet. */
  onArrival?(message: Message, world: ProofWorld): void;
  /** It is done, and the answer begins. */
  onReply?(message: Message, world: ProofWorld): void;
}

/** Enough turns of the event loop for what puts itself off by one several times in a row. */
const quietTurns = 8;

/**
 * A cluster and a cloud for one manager at a time, all of it in one process and on one clock that only the proof moves: the
 * same run repeats itself exactly. The manager can be killed between any two of its messages; cluster and cloud live on.
 */
export class ProofWorld {
  readonly clock = new FakeClock();
  readonly server: ApiServer;
  readonly cloud: MemoryCloud;
  /** What a manager did that it must never do, whatever happens to it. */
  readonly violations: string[] = [];
  readonly #tap: Tap;
  readonly #log: ((line: string) => void) | undefined;
  readonly #messages = { cloud: 0, cluster: 0, writes: 0 };
  readonly #processes: ManagedProcess[] = [];
  readonly #foreignAtStart: string;
  readonly #describeForeign: () => string;
  /** Ids and ports that people and kubelets cause must not depend on how often a manager was started. */
  readonly #chance: Readonly<Record<'script' | 'manager', { readonly random: SeededRandom; uuids: number }>>;
  #actor: 'script' | 'manager' = 'script';
  #activity = 0;

  constructor(options: { readonly tap?: Tap; readonly log?: (line: string) => void } = {}) {
    this.#tap = options.tap ?? {};
    this.#log = options.log;
    this.#chance = {
      script: { random: seededRandom(1), uuids: 0 },
      manager: { random: seededRandom(2), uuids: 0 },
    };
    this.server = new ApiServer({
      clock: this.clock,
      random: () => this.#chance[this.#actor].random.next(),
      randomUUID: () => this.#nextUUID(),
    });
    this.cloud = new MemoryCloud({
      clock: this.clock,
      ownerTag: clusterStampKey,
      settings: {
        readLag: Duration.seconds(1),
        provisioning: Duration.seconds(3),
        updating: Duration.seconds(1),
        deleting: Duration.seconds(2),
        machineTransition: Duration.seconds(2),
        staleMemory: Duration.seconds(30),
      },
    });
    this.#describeForeign = plantForeignObjects(this);
    this.#foreignAtStart = this.#describeForeign();
    this.#actor = 'manager';
  }

  /** The one that was started last, unless it was killed. */
  get process(): ManagedProcess | undefined {
    const latest = this.#processes.at(-1);
    return latest?.isAlive === true ? latest : undefined;
  }

  /** How many managers there were so far. */
  get starts(): number {
    return this.#processes.length;
  }

  /** So many messages went to either side, so many of both were writes. */
  get messages(): Readonly<Record<'cloud' | 'cluster' | 'writes', number>> {
    return this.#messages;
  }

  get isForeignIntact(): boolean {
    return this.#describeForeign() === this.#foreignAtStart;
  }

  /** The UID of the namespace kube-system. */
  get clusterUID(): string {
    return this.server.store.get('namespaces', 'kube-system')?.metadata.uid ?? '';
  }

  /** What people, kubelets and the control plane do. */
  act(deed: () => void): void {
    this.#actor = 'script';
    deed();
    this.#actor = 'manager';
    this.#activity++;
  }

  async start(): Promise<void> {
    const process = await ManagedProcess.start(this, `manager-${this.#processes.length + 1}`, this.#log);
    this.#processes.push(process);
    this.#activity++;
  }

  kill(): void {
    this.process?.kill();
    this.#activity++;
  }

  /** Waits until nothing goes on that needs no time to pass. */
  async settle(): Promise<void> {
    let seen = -1;
    for (let quiet = 0; quiet < quietTurns; quiet++) {
      if (seen !== this.#activity) quiet = 0;
      seen = this.#activity;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Lets time pass until the next thing is due. */
  async passTime(): Promise<void> {
    const next = this.clock.untilNext();
    if (next === undefined) throw new Error('nothing is due any more, so nothing will ever happen');
    await this.clock.advance(next);
    await this.settle();
  }

  /** A request arrives at the cloud. Returns what is to be called when it is done. */
  arriveAtCloud(request: CloudRequest): () => void {
    const { operation } = request;
    this.#inspectCloudRequest(request);
    return this.#arrive({ to: 'cloud', kind: operationTable[operation].kind, label: operation });
  }

  /** A request arrives at the API server. Returns what is to be called when it is done. */
  arriveAtCluster(request: RequestOnTheWay): () => void {
    const { method, path } = request;
    this.#inspectClusterRequest(request);
    const label = `${method} ${path.split('?')[0] ?? path}`;
    return this.#arrive({ to: 'cluster', kind: method === 'GET' ? 'read' : 'write', label });
  }

  /** Ends all that was killed, and what still runs. */
  async dispose(): Promise<void> {
    for (const process of this.#processes) process.bury();
    for (const process of this.#processes) await process.untilEnded();
  }

  #arrive(what: Pick<Message, 'to' | 'kind' | 'label'>): () => void {
    const write = what.kind === 'write' ? ++this.#messages.writes : 0;
    const message: Message = { ...what, number: ++this.#messages[what.to], write };
    this.#activity++;
    this.#tap.onArrival?.(message, this);
    let isAnswered = false;
    return () => {
      this.#activity++;
      if (isAnswered) return;
      isAnswered = true;
      this.#tap.onReply?.(message, this);
    };
  }

  /** A load balancer goes only when its Service does, or wants none any more. */
  #inspectCloudRequest(request: CloudRequest): void {
    if (request.operation !== 'DeleteLoadBalancer') return;
    const { id } = request.input as { readonly id: string };
    const balancer = this.cloud.snapshot().loadBalancers.find((one) => one.id === id);
    const uid = balancer?.tags[serviceUIDTag];
    const service = this.server.store.list('services').find((one) => one.metadata.uid === uid);
    if (!service || service.metadata.deletionTimestamp !== undefined || service.spec.type !== 'LoadBalancer') return;
    this.violations.push(`the load balancer of the live Service ${service.metadata.name ?? ''} is deleted`);
  }

  /** A Node goes only when its machine is gone. */
  #inspectClusterRequest({ method, path }: RequestOnTheWay): void {
    const name = method === 'DELETE' ? /^\/api\/v1\/nodes\/([^/?]+)/.exec(path)?.[1] : undefined;
    if (name === undefined) return;
    const providerID = this.server.store.get('nodes', name)?.spec.providerID ?? '';
    const machine = this.cloud.snapshot().instances.find((one) => providerID.endsWith(`/${one.id}`));
    const isGone = !machine || machine.state === 'terminated' || machine.state === 'terminating';
    if (!isGone || providerID.startsWith('elsewhere:')) this.violations.push(`the live Node ${name} is deleted`);
  }

  #nextUUID(): string {
    const chance = this.#chance[this.#actor];
    const number = String(++chance.uuids).padStart(6, '0');
    // The difference is in front, because names of cloud objects are made from the first digits.
    return `${this.#actor === 'script' ? '5c' : '3a'}${number}-0000-4000-8000-000000000000`;
  }
}

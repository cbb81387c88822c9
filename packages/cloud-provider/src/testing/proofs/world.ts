import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { FakeClock } from '../fake-clock.ts';
import { type CloudRequest, operationTable } from '../memory-cloud/cloud/api.ts';
import type { CloudSettings } from '../memory-cloud/cloud/settings.ts';
import { ProofGround } from './ground.ts';
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
  /** The step of the life in which it came. */
  readonly step: string;
  /** Among the messages of that step to the same side with the same label, from 1. */
  readonly nth: number;
}

/** Names a message by what it is: the same in two lives whose earlier steps went differently. */
export function keyOf({ step, to, label, nth }: Message): string {
  return `${step} | ${to} | ${label} | ${nth}`;
}

/** Who listens in on a manager's messages, and may do to them and to it what he likes. */
export interface Tap<World = ProofWorld> {
  /** The message has arrived, and nothing is done yet. */
  onArrival?(message: Message, world: World): void;
  /** It is done, and the answer begins. */
  onReply?(message: Message, world: World): void;
}

export interface ProofWorldOptions {
  readonly tap?: Tap;
  readonly log?: (line: string) => void;
  /** @default no */
  readonly forwarders?: 'yes' | 'no';
}

/** Reads lag, and writes make objects busy for a while, as in the clouds that there are. */
const unkind: Partial<CloudSettings> = {
  readLag: Duration.seconds(1),
  provisioning: Duration.seconds(3),
  updating: Duration.seconds(1),
  deleting: Duration.seconds(2),
  machineTransition: Duration.seconds(2),
  staleMemory: Duration.seconds(30),
};

/** Enough turns of the event loop for what puts itself off by one several times in a row. */
const quietTurns = 8;

/**
 * A cluster and a cloud for one manager at a time, all of it in one process and on one clock that only the proof moves: the
 * same run repeats itself exactly. The manager can be killed between any two of its messages; cluster and cloud live on.
 */
export class ProofWorld extends ProofGround {
  readonly clock: FakeClock;
  /** Whether managers serve the kind of load balancer that has no name. */
  readonly forwarders: 'yes' | 'no';
  readonly #tap: Tap;
  readonly #log: ((line: string) => void) | undefined;
  readonly #messages = { cloud: 0, cluster: 0, writes: 0 };
  readonly #processes: ManagedProcess[] = [];
  readonly #inStep = new Map<string, number>();
  #step = '';
  #activity = 0;
  #hostAhead = Duration.zero;

  constructor(options: ProofWorldOptions = {}) {
    const clock = new FakeClock();
    super(clock, unkind);
    this.clock = clock;
    this.#tap = options.tap ?? {};
    this.#log = options.log;
    this.forwarders = options.forwarders ?? 'no';
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

  override act(deed: () => void): void {
    super.act(deed);
    this.#activity++;
  }

  /** The clock of the machine that managers run on: time passes there as everywhere, but it may think that it is another day. */
  get hostClock(): Clock {
    const { clock } = this;
    return {
      now: () => new Date(clock.now().getTime() + this.#hostAhead.milliseconds),
      monotonic: () => clock.monotonic(),
      sleep: (duration, signal) => clock.sleep(duration, signal),
      schedule: (duration, callback) => clock.schedule(duration, callback),
    };
  }

  /** Somebody sets that machine's wall clock forward, or back by a negative duration. Cluster and cloud have clocks of their own. */
  jumpHostClock(by: Duration): void {
    this.#hostAhead = this.#hostAhead.plus(by);
  }

  /** From now on messages belong to this step. */
  enter(step: string): void {
    this.#step = step;
    this.#inStep.clear();
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
    this.inspectCloudRequest(request);
    return this.#arrive({ to: 'cloud', kind: operationTable[operation].kind, label: operation });
  }

  /** A request arrives at the API server. Returns what is to be called when it is done. */
  arriveAtCluster(request: RequestOnTheWay): () => void {
    const { method, path } = request;
    this.inspectClusterRequest(request);
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
    const kin = `${what.to} ${what.label}`;
    const nth = (this.#inStep.get(kin) ?? 0) + 1;
    this.#inStep.set(kin, nth);
    const message: Message = { ...what, number: ++this.#messages[what.to], write, step: this.#step, nth };
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
}

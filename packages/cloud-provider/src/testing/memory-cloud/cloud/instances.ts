import type { SeededRandom } from '../../seeded-random.ts';
import type { InputOf, InstanceRecord, OutputOf, Tags } from './api.ts';
import { LaggedMap } from './lagged-map.ts';
import { type OperationContext, writeTimes } from './operation-context.ts';
import { CloudRefusal } from './refusal.ts';

/** What a machine is to become, and from when on it is. */
interface Machine {
  readonly record: Omit<InstanceRecord, 'state'>;
  readonly goal: 'running' | 'stopped' | 'terminated';
  readonly reachedAt: number;
  readonly forgottenAt: number;
}

export interface LaunchRequest {
  readonly name: string;
  readonly zone: string;
  /** @default standard-2 */
  readonly type?: string;
  /** @default no public address */
  readonly hasPublicIP?: 'yes' | 'no';
  readonly tags?: Tags;
  /** The ranges of its pods' addresses. @default it has none */
  readonly podRanges?: readonly string[];
}

type Moment = Pick<OperationContext, 'now' | 'keepFrom' | 'settings'>;

const maxNamesOrIDs = 100;

/** The machines. */
export class InstanceService {
  readonly #random: SeededRandom;
  readonly #machines = new LaggedMap<Machine>();
  readonly #idsByName = new Map<string, Set<string>>();
  #count = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  launch(request: LaunchRequest, moment: Moment): InstanceRecord {
    const number = ++this.#count;
    const id = `m-${this.#random.hex(16)}`;
    const machine: Machine = {
      record: {
        id,
        name: request.name,
        zone: request.zone,
        type: request.type ?? 'standard-2',
        privateIP: addressIn('10.0.0.0', number),
        publicIP: request.hasPublicIP === 'yes' ? addressIn('198.19.0.0', number) : '',
        privateDNS: `${request.name}.${request.zone}.memory.internal`,
        host: `host-${this.#random.hex(4)}`,
        tags: request.tags ?? {},
        ...(request.podRanges && { podRanges: request.podRanges }),
      },
      goal: 'running',
      reachedAt: moment.now + moment.settings.machineTransition.milliseconds,
      forgottenAt: Number.POSITIVE_INFINITY,
    };
    this.#store(machine, moment);
    const ids = this.#idsByName.get(request.name) ?? new Set();
    this.#idsByName.set(request.name, ids.add(id));
    return recordAt(machine, moment.now);
  }

  /** Makes a machine start, stop or end. Throws a RangeError when there is none of that id. */
  setGoal(id: string, goal: Machine['goal'], moment: Moment): void {
    const machine = this.#machines.get(id);
    if (!machine) throw new RangeError(`there is no machine ${id}`);
    const reachedAt = moment.now + moment.settings.machineTransition.milliseconds;
    const forgottenAt =
      goal === 'terminated' ? reachedAt + moment.settings.terminatedVisible.milliseconds : machine.forgottenAt;
    this.#store({ ...machine, goal, reachedAt, forgottenAt }, moment);
  }

  /** Gives a machine ranges for its pods. Throws a RangeError when there is none of that id. */
  setPodRanges(id: string, podRanges: readonly string[], moment: Moment): void {
    const machine = this.#machines.get(id);
    if (!machine) throw new RangeError(`there is no machine ${id}`);
    this.#store({ ...machine, record: { ...machine.record, podRanges } }, moment);
  }

  /** Whether there is or was such a machine, as far as the cloud remembers. */
  knows(id: string, now: number): boolean {
    const machine = this.#machines.get(id);
    return machine !== undefined && now < machine.forgottenAt;
  }

  /** Everything as it really is, terminated machines included. */
  all(now: number): readonly InstanceRecord[] {
    return [...this.#machines.values()]
      .filter((machine) => now < machine.forgottenAt)
      .map((machine) => recordAt(machine, now));
  }

  describe(input: InputOf<'DescribeInstances'>, context: OperationContext): OutputOf<'DescribeInstances'> {
    if (input.ids.length > maxNamesOrIDs || input.names.length > maxNamesOrIDs) {
      throw new CloudRefusal('InvalidParameter', `at most ${maxNamesOrIDs} ids and ${maxNamesOrIDs} names`, {
        field: input.ids.length > maxNamesOrIDs ? 'ids' : 'names',
      });
    }
    const ids = new Set(input.ids);
    for (const name of input.names) {
      for (const id of this.#idsByName.get(name) ?? []) ids.add(id);
    }
    const instances = [...ids].map((id) => this.#read(id, context)).filter((instance) => instance !== undefined);
    return { instances: context.toldOf(instances) };
  }

  get(input: InputOf<'GetInstance'>, context: OperationContext): OutputOf<'GetInstance'> {
    const instance = this.#read(input.id, context);
    if (!instance) throw new CloudRefusal('NotFound', `there is no instance ${input.id}`);
    return { instance };
  }

  getByName(input: InputOf<'GetInstanceByName'>, context: OperationContext): OutputOf<'GetInstanceByName'> {
    const ids = [...(this.#idsByName.get(input.name) ?? [])];
    const instances = ids.map((id) => this.#read(id, context)).filter((instance) => instance !== undefined);
    // A terminated machine lends its name no longer when another one bears it.
    const instance = instances.find(({ state }) => state !== 'terminated') ?? instances[0];
    if (!instance) throw new CloudRefusal('NotFound', `there is no instance of the name ${input.name}`);
    return { instance };
  }

  #read(id: string, context: OperationContext): InstanceRecord | undefined {
    const machine = this.#machines.at(id, context.readAt);
    return machine && context.readAt < machine.forgottenAt ? recordAt(machine, context.readAt) : undefined;
  }

  #store(machine: Machine, moment: Moment): void {
    this.#machines.set(machine.record.id, machine, writeTimes(moment));
  }
}

function recordAt(machine: Machine, time: number): InstanceRecord {
  return Object.freeze({ ...machine.record, state: stateAt(machine, time) });
}

function stateAt(machine: Machine, time: number): InstanceRecord['state'] {
  const isReached = time >= machine.reachedAt;
  switch (machine.goal) {
    case 'running':
      return isReached ? 'running' : 'pending';
    case 'stopped':
      return isReached ? 'stopped' : 'stopping';
    case 'terminated':
      return isReached ? 'terminated' : 'terminating';
  }
}

/** The n-th address from a start on. */
export function addressIn(start: string, offset: number): string {
  const base = start.split('.').reduce((total, part) => total * 256 + Number(part), 0) + offset;
  return [24, 16, 8, 0].map((shift) => (base >>> shift) & 255).join('.');
}

import { isIP } from 'node:net';
import type { SeededRandom } from '../../seeded-random.ts';
import type {
  InputOf,
  ListenerRecord,
  LoadBalancerReceipt,
  LoadBalancerRecord,
  LoadBalancerStatus,
  OutputOf,
} from './api.ts';
import { addressIn } from './instances.ts';
import { LaggedMap } from './lagged-map.ts';
import { type OperationContext, writeTimes } from './operation-context.ts';
import { CloudRefusal } from './refusal.ts';

/** A load balancer and what is under way with it. */
interface Stored {
  readonly record: Omit<LoadBalancerRecord, 'status'>;
  /** Whose it is as far as its tags don't tell. */
  readonly owner: string;
  readonly busyWith: Exclude<LoadBalancerStatus, 'ACTIVE'>;
  readonly busyUntil: number;
}

const pageSize = 100;
export const networkID = 'net-main';

/** The load balancers. They are known by name inside, because names are unique and outlive ids. */
export class LoadBalancerService {
  readonly #random: SeededRandom;
  readonly #knowsInstance: (id: string, now: number) => boolean;
  readonly #byName = new LaggedMap<Stored>();
  readonly #nameOfID = new Map<string, string>();
  /** Deletions that are under way, in the order in which they end. */
  readonly #leaving: { readonly name: string; readonly id: string; readonly at: number }[] = [];
  #addresses = 0;

  constructor(random: SeededRandom, knowsInstance: (id: string, now: number) => boolean) {
    this.#random = random;
    this.#knowsInstance = knowsInstance;
  }

  /** Everything as it really is. */
  all(now: number): readonly LoadBalancerRecord[] {
    return [...this.#byName.values()].filter((stored) => !isGone(stored, now)).map((stored) => recordAt(stored, now));
  }

  get(input: InputOf<'GetLoadBalancer'>, context: OperationContext): OutputOf<'GetLoadBalancer'> {
    const stored = this.#byName.at(input.name, context.readAt);
    if (!stored || isGone(stored, context.readAt)) {
      throw new CloudRefusal('NotFound', `there is no load balancer of the name ${input.name}`);
    }
    return { loadBalancer: recordAt(stored, context.readAt) };
  }

  list(input: InputOf<'ListLoadBalancers'>, context: OperationContext): OutputOf<'ListLoadBalancers'> {
    const names = [...this.#byName.entriesAt(context.readAt)]
      .filter(([name, stored]) => name > input.pageToken && !isGone(stored, context.readAt))
      .sort(([left], [right]) => (left < right ? -1 : 1));
    const page = names.slice(0, pageSize);
    const loadBalancers = page.map(([, stored]) => {
      const { id, name, status, tags, revision } = recordAt(stored, context.readAt);
      return { id, name, status, tags, revision };
    });
    return {
      loadBalancers: context.toldOf(loadBalancers),
      nextPageToken: names.length > page.length ? (page.at(-1)?.[0] ?? '') : '',
    };
  }

  create(input: InputOf<'CreateLoadBalancer'>, context: OperationContext): LoadBalancerReceipt {
    this.#forgetDeleted(context);
    if (this.#byName.get(input.name)) {
      throw new CloudRefusal('AlreadyExists', `there is a load balancer of the name ${input.name} already`);
    }
    requireThat(/^[a-z][-a-z0-9]{0,31}$/.test(input.name), 'name', 'lower-case letters, digits and dashes, at most 32');
    requireThat(input.networkID === networkID, 'networkID', `the only network is ${networkID}`);
    requireThat(['internal', 'public'].includes(input.scheme), 'scheme', 'internal or public');
    requireRanges(input.allowedRanges);
    if (this.#byName.size >= context.settings.quotas.loadBalancers) {
      throw new CloudRefusal(
        'QuotaExceeded',
        `the account may have ${context.settings.quotas.loadBalancers} load balancers`,
      );
    }
    const id = `lb-${this.#random.hex(12)}`;
    const address = addressIn(input.scheme === 'internal' ? '10.255.0.0' : '198.18.0.0', ++this.#addresses);
    this.#nameOfID.set(id, input.name);
    const { name, networkID: network, scheme, allowedRanges, healthCheck, tags } = input;
    const stored: Stored = {
      record: {
        id,
        name,
        networkID: network,
        scheme,
        address,
        allowedRanges,
        healthCheck,
        listeners: [],
        backends: [],
        tags,
        revision: 1,
      },
      owner: context.cluster,
      busyWith: 'PENDING_CREATE',
      busyUntil: context.now + context.settings.provisioning.milliseconds,
    };
    return this.#write(stored, context);
  }

  update(input: InputOf<'UpdateLoadBalancer'>, context: OperationContext): LoadBalancerReceipt {
    if (input.allowedRanges) requireRanges(input.allowedRanges);
    return this.#change(input.id, context, ({ record }) => {
      requireRevision(record, input.ifRevision);
      return {
        allowedRanges: input.allowedRanges ?? record.allowedRanges,
        healthCheck: input.healthCheck ?? record.healthCheck,
        tags: { ...record.tags, ...input.tags },
      };
    });
  }

  delete(input: InputOf<'DeleteLoadBalancer'>, context: OperationContext): LoadBalancerReceipt {
    const stored = this.#writable(input.id, context);
    const busyUntil = context.now + context.settings.deleting.milliseconds;
    return this.#write({ ...stored, busyWith: 'PENDING_DELETE', busyUntil }, context);
  }

  createListener(input: InputOf<'CreateListener'>, context: OperationContext): LoadBalancerReceipt {
    requireListener(input.listener);
    return this.#change(input.loadBalancerID, context, ({ record }) => {
      if (record.listeners.some((listener) => isSameListener(listener, input.listener))) {
        throw new CloudRefusal('AlreadyExists', `the load balancer listens on ${describe(input.listener)} already`);
      }
      if (record.listeners.length >= context.settings.quotas.listenersPerLoadBalancer) {
        throw new CloudRefusal('QuotaExceeded', 'the load balancer has too many listeners');
      }
      return { listeners: [...record.listeners, input.listener] };
    });
  }

  updateListener(input: InputOf<'UpdateListener'>, context: OperationContext): LoadBalancerReceipt {
    requireListener(input.listener);
    return this.#change(input.loadBalancerID, context, ({ record }) => {
      requireListenerExists(record, input.listener);
      return {
        listeners: record.listeners.map((listener) =>
          isSameListener(listener, input.listener) ? input.listener : listener,
        ),
      };
    });
  }

  deleteListener(input: InputOf<'DeleteListener'>, context: OperationContext): LoadBalancerReceipt {
    return this.#change(input.loadBalancerID, context, ({ record }) => {
      requireListenerExists(record, input);
      return { listeners: record.listeners.filter((listener) => !isSameListener(listener, input)) };
    });
  }

  setBackends(input: InputOf<'SetBackends'>, context: OperationContext): LoadBalancerReceipt {
    const { backendsPerLoadBalancer } = context.settings.quotas;
    if (input.instanceIDs.length > backendsPerLoadBalancer) {
      throw new CloudRefusal('QuotaExceeded', `a load balancer may have ${backendsPerLoadBalancer} backends`);
    }
    const unknown = input.instanceIDs.find((id) => !this.#knowsInstance(id, context.now));
    requireThat(unknown === undefined, 'instanceIDs', `there is no instance ${unknown ?? ''}`);
    return this.#change(input.loadBalancerID, context, ({ record }) => {
      requireRevision(record, input.ifRevision);
      return { backends: Object.freeze([...input.instanceIDs]) };
    });
  }

  /** Puts an object there without any request, as another program of the account would have left it. */
  plant(record: Omit<LoadBalancerRecord, 'status' | 'revision' | 'id' | 'address'>, context: OperationContext): string {
    const id = `lb-${this.#random.hex(12)}`;
    this.#nameOfID.set(id, record.name);
    const address = addressIn('198.18.0.0', ++this.#addresses);
    this.#write(
      {
        record: { ...record, id, address, revision: 1 },
        owner: context.cluster,
        busyWith: 'PENDING_CREATE',
        busyUntil: context.readAt,
      },
      context,
    );
    return id;
  }

  /** Changes an object without any request, as a person with a console would. */
  tamper(name: string, change: Partial<LoadBalancerRecord>, context: OperationContext): void {
    const stored = this.#byName.get(name);
    if (!stored) throw new RangeError(`there is no load balancer of the name ${name}`);
    const record = { ...stored.record, ...change, revision: stored.record.revision + 1 };
    this.#byName.set(name, { ...stored, record }, writeTimes(context));
  }

  #change(
    id: string,
    context: OperationContext,
    change: (stored: Stored) => Partial<Stored['record']>,
  ): LoadBalancerReceipt {
    const stored = this.#writable(id, context);
    const record = { ...stored.record, ...change(stored), revision: stored.record.revision + 1 };
    const busyUntil = context.now + context.settings.updating.milliseconds;
    return this.#write({ ...stored, record, busyWith: 'PENDING_UPDATE', busyUntil }, context);
  }

  #writable(id: string, context: OperationContext): Stored {
    const stored = this.#byName.get(this.#nameOfID.get(id) ?? '');
    if (!stored || stored.record.id !== id || isGone(stored, context.now)) {
      throw new CloudRefusal('NotFound', `there is no load balancer ${id}`);
    }
    if (context.now < stored.busyUntil) {
      throw new CloudRefusal('Busy', `the load balancer ${id} is ${stored.busyWith}`);
    }
    return stored;
  }

  #write(stored: Stored, context: OperationContext): LoadBalancerReceipt {
    this.#forgetDeleted(context);
    const { record } = stored;
    const previous = this.#byName.get(record.name);
    // A request that takes an object over by its tags touches what belonged to somebody else, so the state before it counts.
    const before = previous && previous.record.id === record.id ? previous : stored;
    context.touch(`load-balancer/${record.name}`, context.ownerOf(before.record.tags, before.owner));
    this.#byName.set(record.name, stored, writeTimes(context));
    if (stored.busyWith === 'PENDING_DELETE') {
      this.#leaving.push({ name: record.name, id: record.id, at: stored.busyUntil });
      this.#forgetDeleted(context);
    }
    const { id, address, revision, status } = recordAt(stored, context.now);
    return { id, address, revision, status: isGone(stored, context.now) ? 'DELETED' : status };
  }

  #forgetDeleted(context: OperationContext): void {
    while (this.#leaving[0] && this.#leaving[0].at <= context.now) {
      const left = this.#leaving.shift();
      if (!left) return;
      this.#nameOfID.delete(left.id);
      this.#byName.delete(left.name, writeTimes(context));
    }
  }
}

function isGone(stored: Stored, time: number): boolean {
  return stored.busyWith === 'PENDING_DELETE' && time >= stored.busyUntil;
}

function recordAt(stored: Stored, time: number): LoadBalancerRecord {
  return Object.freeze({ ...stored.record, status: time < stored.busyUntil ? stored.busyWith : 'ACTIVE' });
}

function isSameListener(
  left: Pick<ListenerRecord, 'protocol' | 'port'>,
  right: Pick<ListenerRecord, 'protocol' | 'port'>,
): boolean {
  return left.protocol === right.protocol && left.port === right.port;
}

function describe(listener: Pick<ListenerRecord, 'protocol' | 'port'>): string {
  return `${listener.protocol}/${listener.port}`;
}

function requireThat(condition: boolean, field: string, message: string): void {
  if (!condition) throw new CloudRefusal('InvalidParameter', `${field}: ${message}`, { field });
}

function requireRanges(ranges: readonly string[]): void {
  for (const range of ranges) {
    const [address = '', prefix = ''] = range.split('/');
    requireThat(isIP(address) !== 0 && /^\d+$/.test(prefix), 'allowedRanges', `${range} is not a CIDR`);
  }
}

function requireListener(listener: ListenerRecord): void {
  requireThat(['TCP', 'UDP'].includes(listener.protocol), 'protocol', 'TCP or UDP');
  for (const field of ['port', 'backendPort'] as const) {
    const port = listener[field];
    requireThat(Number.isInteger(port) && port >= 1 && port <= 65_535, field, 'a number from 1 to 65535');
  }
  requireThat(['none', 'client-ip'].includes(listener.affinity), 'affinity', 'none or client-ip');
}

function requireListenerExists(
  record: Pick<LoadBalancerRecord, 'listeners'>,
  wanted: Pick<ListenerRecord, 'protocol' | 'port'>,
): void {
  if (!record.listeners.some((listener) => isSameListener(listener, wanted))) {
    throw new CloudRefusal('NotFound', `the load balancer does not listen on ${describe(wanted)}`);
  }
}

function requireRevision(record: Pick<LoadBalancerRecord, 'revision'>, wanted: number | undefined): void {
  if (wanted !== undefined && wanted !== record.revision) {
    throw new CloudRefusal('RevisionMismatch', `the load balancer is at revision ${record.revision}, not ${wanted}`);
  }
}

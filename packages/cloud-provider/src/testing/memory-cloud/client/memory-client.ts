import type { Clock } from '../../../base/clock.ts';
import { Duration } from '../../../base/duration.ts';
import type { CallContext } from '../../../cloud/call-context.ts';
import type { CloudCallGate } from '../../../cloud/cloud-call-gate.ts';
import type { CloudScope } from '../../../cloud/cloud-scope.ts';
import { CloudError } from '../../../cloud/cloud-error.ts';
import {
  type Caller,
  type CloudReply,
  type InputOf,
  type OperationName,
  type OutputOf,
  operationTable,
} from '../cloud/api.ts';
import {
  type Balancer,
  type BalancerReceipt,
  type BalancerSummary,
  type HealthCheck,
  type Listener,
  readBalancer,
  readReceipt,
} from './balancer.ts';
import { errorOfRefusal, errorOfSilence } from './cloud-error-mapping.ts';
import { withDeadline } from './deadline.ts';
import { FactsCache } from './facts-cache.ts';
import { type Machine, readMachine } from './machine.ts';
import type { Transport } from './transport.ts';

export interface MemoryClientOptions {
  readonly transport: Transport;
  readonly gate: CloudCallGate;
  readonly clock: Clock;
  readonly scope: CloudScope;
  /** The UID that the cloud knows the cluster by. */
  readonly clusterUID: string;
}

/** The answer of the cloud to the question for one machine. */
export type MachineLookup =
  | { readonly kind: 'found'; readonly operation: string; readonly requestID: string; readonly machine: Machine }
  | { readonly kind: 'notFound'; readonly operation: string; readonly requestID: string; readonly statement: string };

/** A route of the cloud, as this provider's own code knows it. */
export interface PodRoute {
  readonly cidr: string;
  readonly machineID: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A forwarder, as this provider's own code knows it. */
export interface Forwarder {
  readonly id: string;
  readonly address: string;
  readonly note: string;
  /** `TCP/80/30080`. */
  readonly ports: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

export type RouteFailure = { readonly cidr: string; readonly error: CloudError };

/** Nobody has a use for lists that are older. */
const listsMaxAge = Duration.hours(2);

/**
 * The only part of this provider that speaks the cloud's language. Every method passes the gate once for each request and
 * throws CloudErrors only; records of the cloud do not leave this folder.
 */
export class MemoryClient {
  readonly scope: CloudScope;
  readonly #transport: Transport;
  readonly #gate: CloudCallGate;
  readonly #clock: Clock;
  readonly #caller: Caller;
  readonly #balancers: FactsCache<readonly BalancerSummary[]>;
  readonly #tables = new Map<string, FactsCache<readonly PodRoute[]>>();

  constructor(options: MemoryClientOptions) {
    this.scope = options.scope;
    this.#transport = options.transport;
    this.#gate = options.gate;
    this.#clock = options.clock;
    this.#caller = { cluster: options.clusterUID };
    this.#balancers = this.#keep((call) => this.#readBalancers(call));
  }

  async getAccount(call: CallContext): Promise<OutputOf<'GetAccount'>> {
    return this.#demand('GetAccount', {}, call);
  }

  async describeNetwork(
    call: CallContext,
  ): Promise<{ readonly networkID: string; readonly routeTables: readonly string[] }> {
    return this.#demand('DescribeNetwork', {}, call);
  }

  /** The machines that are there among these ids, and all of these names. Silence about one proves nothing. */
  async describeMachines(
    wanted: { readonly ids: readonly string[]; readonly names: readonly string[] },
    call: CallContext,
  ): Promise<{ readonly machines: readonly Machine[]; readonly requestID: string }> {
    const reply = await this.#send('DescribeInstances', wanted, call);
    if (reply.kind === 'refused') throw errorOfRefusal('DescribeInstances', reply);
    return { machines: reply.output.instances.map(readMachine), requestID: reply.requestID };
  }

  async lookUpMachine(
    wanted: { readonly id: string } | { readonly name: string },
    call: CallContext,
  ): Promise<MachineLookup> {
    const operation = 'id' in wanted ? 'GetInstance' : 'GetInstanceByName';
    const reply =
      'id' in wanted
        ? await this.#send('GetInstance', wanted, call)
        : await this.#send('GetInstanceByName', wanted, call);
    const { requestID } = reply;
    if (reply.kind === 'refused') return { kind: 'notFound', operation, requestID, statement: reply.message };
    return { kind: 'found', operation, requestID, machine: readMachine(reply.output.instance) };
  }

  /** The zones of a disk, or what the cloud says when it has none of this id. */
  async locateVolume(
    id: string,
    call: CallContext,
  ): Promise<{ readonly zones: readonly string[] } | { readonly statement: string }> {
    const reply = await this.#send('GetVolume', { id }, call);
    return reply.kind === 'accepted' ? { zones: reply.output.volume.zones } : { statement: reply.message };
  }

  /** Undefined when the cloud says that there is none. */
  async getBalancer(name: string, call: CallContext): Promise<Balancer | undefined> {
    const reply = await this.#send('GetLoadBalancer', { name }, call);
    return reply.kind === 'accepted' ? readBalancer(reply.output.loadBalancer) : undefined;
  }

  /** All of the account, as far as lists tell. Whoever accepts an older list gets the last one. */
  listBalancers(call: CallContext): Promise<readonly BalancerSummary[]> {
    return this.#balancers.get(call);
  }

  async #readBalancers(call: CallContext): Promise<readonly BalancerSummary[]> {
    const balancers: BalancerSummary[] = [];
    let pageToken = '';
    do {
      const page = await this.#demand('ListLoadBalancers', { pageToken }, call);
      for (const { id, name, tags, revision } of page.loadBalancers) balancers.push({ id, name, tags, revision });
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return balancers;
  }

  async createBalancer(
    wanted: Pick<Balancer, 'name' | 'scheme' | 'allowedRanges' | 'healthCheck' | 'tags'> & {
      readonly networkID: string;
    },
    call: CallContext,
  ): Promise<BalancerReceipt> {
    return readReceipt(await this.#demand('CreateLoadBalancer', wanted, call));
  }

  /** Changes what is given; tags are added. */
  async updateBalancer(
    change: {
      readonly id: string;
      readonly ifRevision: number;
      readonly allowedRanges?: readonly string[];
      readonly healthCheck?: HealthCheck;
      readonly tags?: Readonly<Record<string, string>>;
    },
    call: CallContext,
  ): Promise<BalancerReceipt> {
    return readReceipt(await this.#demand('UpdateLoadBalancer', change, call));
  }

  async deleteBalancer(id: string, call: CallContext): Promise<BalancerReceipt> {
    return readReceipt(await this.#demand('DeleteLoadBalancer', { id }, call));
  }

  async createListener(balancerID: string, listener: Listener, call: CallContext): Promise<BalancerReceipt> {
    const input = { loadBalancerID: balancerID, listener: writeListener(listener) };
    return readReceipt(await this.#demand('CreateListener', input, call));
  }

  async updateListener(balancerID: string, listener: Listener, call: CallContext): Promise<BalancerReceipt> {
    const input = { loadBalancerID: balancerID, listener: writeListener(listener) };
    return readReceipt(await this.#demand('UpdateListener', input, call));
  }

  async deleteListener(
    balancerID: string,
    listener: Pick<Listener, 'protocol' | 'port'>,
    call: CallContext,
  ): Promise<BalancerReceipt> {
    const { protocol, port } = listener;
    return readReceipt(await this.#demand('DeleteListener', { loadBalancerID: balancerID, protocol, port }, call));
  }

  async setBackends(
    pool: { readonly balancerID: string; readonly machineIDs: readonly string[]; readonly ifRevision: number },
    call: CallContext,
  ): Promise<BalancerReceipt> {
    const input = { loadBalancerID: pool.balancerID, instanceIDs: pool.machineIDs, ifRevision: pool.ifRevision };
    return readReceipt(await this.#demand('SetBackends', input, call));
  }

  async listForwarders(call: CallContext): Promise<readonly Forwarder[]> {
    const forwarders: Forwarder[] = [];
    let pageToken = '';
    do {
      const page = await this.#demand('ListForwarders', { pageToken }, call);
      forwarders.push(...page.forwarders);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return forwarders;
  }

  /** Makes another one each time that it is asked. */
  createForwarder(wanted: Pick<Forwarder, 'note' | 'ports'>, call: CallContext): Promise<Forwarder> {
    return this.#demand('CreateForwarder', wanted, call);
  }

  updateForwarder(
    change: Pick<Forwarder, 'id'> & Partial<Pick<Forwarder, 'ports' | 'tags'>>,
    call: CallContext,
  ): Promise<Forwarder> {
    return this.#demand('UpdateForwarder', change, call);
  }

  async deleteForwarder(id: string, call: CallContext): Promise<void> {
    await this.#demand('DeleteForwarder', { id }, call);
  }

  /** The whole table. Whoever accepts an older answer gets the last one. */
  listRoutes(tableID: string, call: CallContext): Promise<readonly PodRoute[]> {
    const table = this.#tables.get(tableID) ?? this.#keep((fresh) => this.#readRoutes(tableID, fresh));
    this.#tables.set(tableID, table);
    return table.get(call);
  }

  async #readRoutes(tableID: string, call: CallContext): Promise<readonly PodRoute[]> {
    const routes: PodRoute[] = [];
    let pageToken = '';
    do {
      const page = await this.#demand('ListRoutes', { tableID, pageToken }, call);
      for (const { cidr, instanceID, tags } of page.routes) routes.push({ cidr, machineID: instanceID, tags });
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return routes;
  }

  /** At most 100 routes. Gives those that failed; the others are done. */
  async writeRoutes(
    write: {
      readonly operation: 'CreateRoutes' | 'ReplaceRoutes';
      readonly tableID: string;
      readonly routes: readonly PodRoute[];
    },
    call: CallContext,
  ): Promise<readonly RouteFailure[]> {
    const routes = write.routes.map(({ cidr, machineID, tags }) => ({ cidr, instanceID: machineID, tags }));
    const { failed } = await this.#demand(write.operation, { tableID: write.tableID, routes }, call);
    return failed.map((failure) => readRouteFailure(write.operation, failure));
  }

  /** At most 100 routes. Gives those that failed; the others are done. */
  async deleteRoutes(tableID: string, cidrs: readonly string[], call: CallContext): Promise<readonly RouteFailure[]> {
    const { failed } = await this.#demand('DeleteRoutes', { tableID, cidrs }, call);
    return failed.map((failure) => readRouteFailure('DeleteRoutes', failure));
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #keep<Answer>(read: (call: CallContext) => Promise<Answer>): FactsCache<Answer> {
    return new FactsCache({ clock: this.#clock, maxAge: listsMaxAge, read });
  }

  /** For operations where an object that is not there is a failure. */
  async #demand<Name extends OperationName>(
    operation: Name,
    input: InputOf<Name>,
    call: CallContext,
  ): Promise<OutputOf<Name>> {
    const reply = await this.#send(operation, input, call);
    if (reply.kind === 'refused') throw errorOfRefusal(operation, reply);
    return reply.output;
  }

  /** One request. `NotFound` comes back as a value, because to a read it is an answer; all other refusals are thrown. */
  #send<Name extends OperationName>(
    operation: Name,
    input: InputOf<Name>,
    call: CallContext,
  ): Promise<CloudReply<Name>> {
    const { apiGroup, kind } = operationTable[operation];
    return this.#gate.run({ apiGroup, operation, scope: this.scope, kind }, call, async (signal, beforeSend) => {
      const request = { operation, caller: this.#caller, input };
      const limits = { signal, timeout: call.timeout, clock: this.#clock };
      const send = (limited: AbortSignal) => this.#transport.send(request, limited, beforeSend);
      const reply = await withDeadline(limits, send).catch((error: unknown) => {
        throw errorOfSilence(operation, error);
      });
      if (reply.kind === 'refused' && reply.code !== 'NotFound') throw errorOfRefusal(operation, reply);
      return reply;
    });
  }
}

function writeListener(listener: Listener): InputOf<'CreateListener'>['listener'] {
  const { protocol, port, nodePort, affinity } = listener;
  return { protocol, port, backendPort: nodePort, affinity };
}

function readRouteFailure(
  operation: OperationName,
  failure: { readonly cidr: string; readonly code: string; readonly message: string },
): RouteFailure {
  const { cidr, code, message } = failure;
  const details = { operation, cloudCode: code };
  switch (code) {
    case 'AlreadyExists':
      return { cidr, error: new CloudError('Conflict', message, details) };
    case 'NotFound':
      return { cidr, error: new CloudError('NotFound', message, details) };
    case 'QuotaExceeded':
      return { cidr, error: new CloudError('Quota', message, details) };
    case 'InvalidParameter':
      return { cidr, error: new CloudError('Invalid', message, details) };
    default:
      return { cidr, error: new CloudError('Unknown', message, details) };
  }
}

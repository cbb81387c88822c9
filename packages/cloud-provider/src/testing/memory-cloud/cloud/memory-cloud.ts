import type { Clock } from '../../../base/clock.ts';
import { Duration } from '../../../base/duration.ts';
import { TokenBucket } from '../../../base/token-bucket.ts';
import { type SeededRandom, seededRandom } from '../../seeded-random.ts';
import {
  type ApiGroup,
  type CloudReply,
  type CloudRequest,
  type ForwarderRecord,
  type InputOf,
  type InstanceRecord,
  type LoadBalancerRecord,
  type OperationName,
  type OutputOf,
  type RouteRecord,
  type VolumeRecord,
  operationTable,
} from './api.ts';
import { CallLog, type CallOutcome, type CallRecord } from './call-log.ts';
import { CloudFaults, type FaultEffect } from './faults.ts';
import { ForwarderService } from './forwarders.ts';
import { InstanceService, type LaunchRequest } from './instances.ts';
import { LoadBalancerService, networkID } from './load-balancers.ts';
import type { OperationContext } from './operation-context.ts';
import { CloudRefusal, ConnectionLost } from './refusal.ts';
import { RouteService, routeTableID } from './routes.ts';
import { type CloudSettings, defaultCloudSettings } from './settings.ts';
import { VolumeService } from './volumes.ts';

export interface MemoryCloudOptions {
  readonly clock: Clock;
  /** The tag that says which cluster an object belongs to. The cloud judges writes by it. */
  readonly ownerTag: string;
  /** @default 1 */
  readonly seed?: number;
  /** What differs from {@link defaultCloudSettings}. */
  readonly settings?: Partial<CloudSettings>;
  /** Requests that the log keeps at least; counters cover all. @default 100000 */
  readonly logCapacity?: number;
  /** @default { account: 'memory', region: 'memory-1' } */
  readonly location?: { readonly account: string; readonly region: string };
}

/** A write that changed what belongs to somebody else than its caller. */
export interface ForeignWrite {
  readonly requestID: string;
  readonly operation: OperationName;
  readonly object: string;
  readonly owner: string;
  readonly cluster: string;
}

/** Everything in the account as it really is, without lag and without faults. */
export interface CloudSnapshot {
  readonly instances: readonly InstanceRecord[];
  readonly loadBalancers: readonly LoadBalancerRecord[];
  readonly forwarders: readonly ForwarderRecord[];
  readonly routes: readonly RouteRecord[];
}

type Handlers = {
  readonly [Name in OperationName]: (input: InputOf<Name>, context: OperationContext) => OutputOf<Name>;
};

/**
 * A whole cloud in memory: machines, load balancers and routes behind an interface of its own that is as unkind as real ones
 * are. It takes time, throttles, forgets to answer, answers from old replicas, and is busy when it has just been changed. It
 * keeps a log of everything that was asked of it and judges by the tags of its own objects whether a caller changed what is
 * not his; who asserts on it needs to believe nobody else.
 */
export class MemoryCloud {
  readonly log: CallLog;
  readonly faults = new CloudFaults();
  readonly location: { readonly account: string; readonly region: string };
  readonly #clock: Clock;
  readonly #ownerTag: string;
  readonly #random: SeededRandom;
  readonly #instances: InstanceService;
  readonly #loadBalancers: LoadBalancerService;
  readonly #forwarders: ForwarderService;
  readonly #routes: RouteService;
  readonly #volumes: VolumeService;
  readonly #handlers: Handlers;
  readonly #foreignWrites: ForeignWrite[] = [];
  #settings: CloudSettings;
  #buckets = new Map<ApiGroup, TokenBucket>();
  #requests = 0;

  constructor(options: MemoryCloudOptions) {
    this.#clock = options.clock;
    this.#ownerTag = options.ownerTag;
    this.location = options.location ?? { account: 'memory', region: 'memory-1' };
    this.log = new CallLog(options.logCapacity ?? 100_000);
    this.#random = seededRandom(options.seed ?? 1);
    this.#settings = defaultCloudSettings;
    this.#instances = new InstanceService(this.#random);
    const knowsInstance = (id: string, now: number): boolean => this.#instances.knows(id, now);
    this.#loadBalancers = new LoadBalancerService(this.#random, knowsInstance);
    this.#forwarders = new ForwarderService(this.#random);
    this.#routes = new RouteService(knowsInstance);
    // A stream of its own: what comes of a seed otherwise stays as it is.
    this.#volumes = new VolumeService(seededRandom((options.seed ?? 1) + 1));
    this.#handlers = this.#listHandlers();
    this.configure(options.settings ?? {});
  }

  get settings(): CloudSettings {
    return this.#settings;
  }

  /** Writes that changed what belongs to somebody else, in order. Empty as long as everybody behaves. */
  get foreignWrites(): readonly ForeignWrite[] {
    return this.#foreignWrites;
  }

  /** Changes how the cloud behaves from now on. Rate limits start again with a full burst. */
  configure(changes: Partial<CloudSettings>): void {
    this.#settings = { ...this.#settings, ...changes };
    if (changes.rateLimits === undefined) return;
    this.#buckets = new Map();
    for (const [group, limit] of Object.entries(changes.rateLimits) as [ApiGroup, { rate: number; burst: number }][]) {
      this.#buckets.set(group, new TokenBucket({ ...limit, clock: this.#clock }));
    }
  }

  /**
   * Serves one request. Resolves with the reply, also when it is a refusal; rejects with {@link ConnectionLost} when the
   * connection breaks, and with the signal's reason when the caller hangs up first.
   */
  async handle<Name extends OperationName>(
    request: CloudRequest<Name>,
    signal: AbortSignal,
  ): Promise<CloudReply<Name>> {
    const requestID = `req-${++this.#requests}`;
    const fault = this.faults.take(request.operation);
    const latency = this.#latency(fault);
    await this.#wait(latency.times(0.5), signal);
    if (fault?.kind === 'loseRequest') {
      this.#record(request, { requestID, outcome: 'failed', code: 'ConnectionLost' });
      throw new ConnectionLost('the connection broke');
    }
    const reply = this.#serve(request, requestID, fault);
    await this.#wait(latency.times(0.5), signal);
    if (fault?.kind === 'loseReply') {
      if (fault.how === 'silence') await untilAborted(signal);
      throw new ConnectionLost('the connection broke before the answer was there');
    }
    return reply;
  }

  /** What an operator does by hand: no request, no throttling, no log. */
  readonly operator = {
    launch: (request: LaunchRequest): InstanceRecord => this.#instances.launch(request, this.#context('operator')),
    stop: (id: string): void => this.#instances.setGoal(id, 'stopped', this.#context('operator')),
    start: (id: string): void => this.#instances.setGoal(id, 'running', this.#context('operator')),
    terminate: (id: string): void => this.#instances.setGoal(id, 'terminated', this.#context('operator')),
    /** Makes a disk that is kept in these zones. */
    makeVolume: (zones: readonly string[]): VolumeRecord => this.#volumes.make(zones),
    setPodRanges: (id: string, podRanges: readonly string[]): void =>
      this.#instances.setPodRanges(id, podRanges, this.#context('operator')),
    /** Leaves a load balancer there that belongs to `owner`, whatever its tags say. Returns its id. */
    plantLoadBalancer: (
      record: Omit<LoadBalancerRecord, 'status' | 'revision' | 'id' | 'address'>,
      owner: string,
    ): string => this.#loadBalancers.plant(record, this.#context(owner)),
    /** Changes a load balancer behind everybody's back. */
    tamperLoadBalancer: (name: string, change: Partial<LoadBalancerRecord>): void =>
      this.#loadBalancers.tamper(name, change, this.#context('operator')),
    /** Leaves a forwarder there that belongs to `owner`, whatever its tags say. Returns its id. */
    plantForwarder: (record: Pick<ForwarderRecord, 'note' | 'ports' | 'tags'>, owner: string): string =>
      this.#forwarders.plant(record, this.#context(owner)),
    /** Leaves a route there that belongs to `owner`, whatever its tags say. */
    plantRoute: (record: RouteRecord, owner: string): void => this.#routes.plant(record, this.#context(owner)),
    /** Takes a route away, whosever it is. */
    uprootRoute: (cidr: string): void => this.#routes.uproot(cidr, this.#context('operator')),
  };

  snapshot(): CloudSnapshot {
    const now = this.#clock.monotonic();
    return {
      instances: this.#instances.all(now),
      loadBalancers: this.#loadBalancers.all(now),
      forwarders: this.#forwarders.all(),
      routes: this.#routes.all(),
    };
  }

  #serve<Name extends OperationName>(
    request: CloudRequest<Name>,
    requestID: string,
    fault: FaultEffect | undefined,
  ): CloudReply<Name> {
    const { operation } = request;
    const touched: { readonly object: string; readonly owner: string }[] = [];
    try {
      this.#admit(operation, fault);
      const context = this.#context(request.caller.cluster, touched, fault);
      const handler: (input: InputOf<Name>, context: OperationContext) => OutputOf<Name> = this.#handlers[operation];
      const output = handler(request.input, context);
      for (const { object, owner } of touched) {
        if (owner === request.caller.cluster) continue;
        this.#foreignWrites.push({ requestID, operation, object, owner, cluster: request.caller.cluster });
      }
      const isReplyLost = fault?.kind === 'loseReply';
      this.#record(request, {
        requestID,
        outcome: 'accepted',
        isReplyLost,
        touched: touched.map(({ object }) => object),
      });
      return { kind: 'accepted', requestID, output };
    } catch (error) {
      if (!(error instanceof CloudRefusal)) throw error;
      this.#record(request, {
        requestID,
        outcome: outcomeOf(operation, error),
        code: error.code,
        isReplyLost: fault?.kind === 'loseReply',
      });
      return error.toReply(requestID);
    }
  }

  /** Throws when the request is turned away at the door, before it is looked at. */
  #admit(operation: OperationName, fault: FaultEffect | undefined): void {
    if (fault?.kind === 'deny' || this.#settings.denied.includes(operation)) {
      throw new CloudRefusal('AccessDenied', `the caller may not ${operation}`, { permission: `memory:${operation}` });
    }
    if (fault?.kind === 'unavailable') {
      const retryAfter = fault.retryAfter && { retryAfterMilliseconds: fault.retryAfter.milliseconds };
      throw new CloudRefusal('ServiceUnavailable', 'the service is unavailable', retryAfter);
    }
    const bucket = this.#buckets.get(operationTable[operation].apiGroup);
    if (fault?.kind === 'throttle' || (bucket && !bucket.tryTake())) {
      const wait = fault?.kind === 'throttle' ? fault.retryAfter : (bucket?.untilNext() ?? Duration.zero);
      throw new CloudRefusal('Throttled', 'too many requests', { retryAfterMilliseconds: wait.milliseconds });
    }
    if (fault?.kind === 'busy') throw new CloudRefusal('Busy', 'the object is being changed');
    if (fault?.kind === 'quota') throw new CloudRefusal('QuotaExceeded', 'the quota of the account is used up');
  }

  #context(
    cluster: string,
    touched: { readonly object: string; readonly owner: string }[] = [],
    fault?: FaultEffect,
  ): OperationContext {
    const now = this.#clock.monotonic();
    const { readLag, staleMemory } = this.#settings;
    return {
      now,
      readAt: now - readLag.milliseconds - (fault?.kind === 'stale' ? fault.by.min(staleMemory).milliseconds : 0),
      keepFrom: now - readLag.milliseconds - staleMemory.milliseconds,
      settings: this.#settings,
      cluster,
      ownerOf: (tags, recorded) => tags[this.#ownerTag] ?? recorded,
      touch(object, owner) {
        touched.push({ object, owner });
      },
      toldOf: (items) => (fault?.kind === 'omit' ? items.filter((_, index) => (index + 1) % fault.every !== 0) : items),
    };
  }

  #record(
    request: CloudRequest,
    what: {
      readonly requestID: string;
      readonly outcome: CallOutcome;
      readonly code?: Exclude<CallRecord['code'], undefined>;
      readonly isReplyLost?: boolean;
      readonly touched?: readonly string[];
    },
  ): void {
    this.log.append({
      time: this.#clock.now(),
      operation: request.operation,
      ...operationTable[request.operation],
      cluster: request.caller.cluster,
      isReplyLost: false,
      touched: [],
      ...what,
    });
  }

  #latency(fault: FaultEffect | undefined): Duration {
    const { latency, latencyJitter } = this.#settings;
    const jittered = latencyJitter > 0 ? latency.times(1 + latencyJitter * this.#random.next()) : latency;
    return fault?.kind === 'slow' ? jittered.plus(fault.by) : jittered;
  }

  async #wait(duration: Duration, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (duration.milliseconds > 0) await this.#clock.sleep(duration, signal);
  }

  #listHandlers(): Handlers {
    const [instances, loadBalancers, forwarders] = [this.#instances, this.#loadBalancers, this.#forwarders];
    const routes = this.#routes;
    return {
      GetAccount: () => ({ ...this.location, quotas: this.#settings.quotas }),
      DescribeNetwork: () => ({ networkID, routeTables: [routeTableID] }),
      DescribeInstances: (input, context) => instances.describe(input, context),
      GetInstance: (input, context) => instances.get(input, context),
      GetInstanceByName: (input, context) => instances.getByName(input, context),
      GetVolume: (input) => this.#volumes.get(input),
      GetLoadBalancer: (input, context) => loadBalancers.get(input, context),
      ListLoadBalancers: (input, context) => loadBalancers.list(input, context),
      CreateLoadBalancer: (input, context) => loadBalancers.create(input, context),
      UpdateLoadBalancer: (input, context) => loadBalancers.update(input, context),
      DeleteLoadBalancer: (input, context) => loadBalancers.delete(input, context),
      CreateListener: (input, context) => loadBalancers.createListener(input, context),
      UpdateListener: (input, context) => loadBalancers.updateListener(input, context),
      DeleteListener: (input, context) => loadBalancers.deleteListener(input, context),
      SetBackends: (input, context) => loadBalancers.setBackends(input, context),
      ListForwarders: (input, context) => forwarders.list(input, context),
      CreateForwarder: (input, context) => forwarders.create(input, context),
      UpdateForwarder: (input, context) => forwarders.update(input, context),
      DeleteForwarder: (input, context) => forwarders.delete(input, context),
      ListRoutes: (input, context) => routes.list(input, context),
      CreateRoutes: (input, context) => routes.create(input, context),
      ReplaceRoutes: (input, context) => routes.replace(input, context),
      DeleteRoutes: (input, context) => routes.delete(input, context),
    };
  }
}

/** "There is none" is the answer that a read asked for, and no failure. */
function outcomeOf(operation: OperationName, refusal: CloudRefusal): CallOutcome {
  if (refusal.code === 'Throttled') return 'throttled';
  return refusal.code === 'NotFound' && operationTable[operation].kind === 'read' ? 'accepted' : 'failed';
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void =>
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason }));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}

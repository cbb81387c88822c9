import type { Service, ServicePort } from '../../api/service.ts';
import { Duration } from '../../base/duration.ts';
import type { CallContext } from '../../cloud/call-context.ts';
import type {
  Desire,
  LoadBalancerInput,
  LoadBalancerKind,
  Member,
  ServiceRequest,
  ServiceUID,
  Wish,
} from '../../cloud/load-balancer-kind.ts';
import type { Operation, OperationResult, Verb } from '../../cloud/operation.ts';
import { type Ownership, judgeOwnership } from '../../cloud/ownership.ts';
import type { Plan, PlanNext } from '../../cloud/plan.ts';
import type { Refusal } from '../../cloud/refusal.ts';

/** A load balancer of the test's cloud: one listener for each Service, written one by one. */
export interface TestLoadBalancer {
  /** The UID of the cluster that made it; undefined for what people made. */
  stamp: string | undefined;
  readonly listeners: Map<ServiceUID, TestListener>;
}

export interface TestListener {
  readonly ports: readonly number[];
  readonly backends: readonly string[];
}

interface Observed {
  readonly loadBalancer:
    | { readonly ownership: Ownership; readonly listeners: ReadonlyMap<ServiceUID, TestListener> }
    | undefined;
  readonly name: string;
}

interface TestOperation extends Operation {
  readonly listener?: { readonly uid: ServiceUID; readonly wanted?: TestListener };
}

export const groupAnnotation = 'test/group';
export const kindAnnotation = 'test/kind';
export const refuseAnnotation = 'test/refuse';
/** What is said to have no effect, though the Service is served. */
export const remarkAnnotation = 'test/remark';

/** A cloud with one kind of load balancer, and the kind. Counts what it is asked; fails on demand. */
export class TestKind implements LoadBalancerKind<number, TestListener, Observed, TestOperation> {
  readonly name: string;
  readonly finalizer: string;
  readonly inputs: readonly LoadBalancerInput[];
  readonly cloud = new Map<string, TestLoadBalancer>();
  readonly calls: string[] = [];
  readonly priorities: string[] = [];
  /** The write calls that touched what is not stamped with this cluster. */
  readonly foreignWrites: string[] = [];
  /** Whether load balancers can be found again by nothing but what was written down. */
  isJournaled = false;
  facts_ = 1;
  traces_: 'look' | 'unknown' = 'look';
  next: PlanNext = { kind: 'converged' };
  /** Called for each call with its name; may wait and may throw. The write is done before `afterWrite`, so that its answer can be lost. */
  onCall: (call: string) => Promise<void> | void = () => {};
  afterWrite: (call: string) => void = () => {};

  constructor(
    name = 'test',
    finalizer = 'service.kubernetes.io/load-balancer-cleanup',
    inputs: readonly LoadBalancerInput[] = ['nodes'],
  ) {
    this.inputs = inputs;
    this.name = name;
    this.finalizer = finalizer;
  }

  get reads(): number {
    return this.calls.filter((call) => call.startsWith('observe')).length;
  }

  get writes(): readonly string[] {
    return this.calls.filter((call) => /^(create|update|delete)/.test(call));
  }

  claims(service: Service): boolean {
    return (service.metadata.annotations[kindAnnotation] ?? 'test') === this.name;
  }

  async traces(member: Member): Promise<'none' | 'present' | 'unknown'> {
    await this.#called(`traces ${member.service.metadata.name}`);
    if (this.traces_ === 'unknown') return 'unknown';
    const { annotations } = member.service.metadata;
    const found = [annotations[groupAnnotation], `service/${member.uid}`].map((key) => this.cloud.get(key ?? ''));
    // A load balancer whose listener was never made counts too.
    const isOurs = found.some(
      (one) => one?.stamp === 'cluster' && (one.listeners.size === 0 || one.listeners.has(member.uid)),
    );
    return isOurs ? 'present' : 'none';
  }

  group(request: ServiceRequest): string {
    const { annotations, uid } = request.service.metadata;
    return annotations[groupAnnotation] ?? `service/${uid}`;
  }

  formerGroups(request: ServiceRequest): readonly string[] {
    return [`service/${request.service.metadata.uid}`];
  }

  async facts(): Promise<number> {
    await this.onCall('facts');
    return this.facts_;
  }

  desire(request: ServiceRequest, facts: number): Desire<TestListener> | Refusal {
    const { metadata, spec } = request.service;
    const refusal = metadata.annotations[refuseAnnotation];
    if (refusal === 'defect') throw new TypeError('undefined is not a function');
    if (refusal !== undefined && facts < 2) {
      return { kind: 'refusal', reason: 'BadAnnotation', field: refuseAnnotation, value: refusal, fix: 'remove it' };
    }
    const ports = spec.ports.map(({ port }) => port);
    const { endpoints } = request;
    const isLocal = spec.externalTrafficPolicy === 'Local';
    const backends = request.backends.filter(({ name }) => !endpoints || !isLocal || endpoints.byNode.has(name));
    const desired = { ports, backends: backends.map(({ providerID }) => providerID) };
    const remark = metadata.annotations[remarkAnnotation];
    if (remark === undefined) return { kind: 'desired', desired };
    return { kind: 'desired', desired, remarks: [{ reason: 'IgnoredAnnotation', text: `${remark} has no effect` }] };
  }

  async observe(group: string, members: readonly Member[]): Promise<Observed> {
    await this.#called(`observe ${group}`);
    const found = this.cloud.get(group);
    const [member] = members;
    if (!found || !member) return { name: group, loadBalancer: undefined };
    const ownership = judgeOwnership(member.cluster, {
      stamp: found.stamp,
      holdsServiceUID: false,
      isRecorded: false,
      isAdopted: false,
    });
    return { name: group, loadBalancer: { ownership, listeners: new Map(found.listeners) } };
  }

  plan(wishes: ReadonlyMap<ServiceUID, Wish<TestListener>>, observed: Observed): Plan<TestOperation> {
    const { name } = observed;
    const isAnyWanted = [...wishes.values()].some(({ kind }) => kind === 'present');
    const isForeign = observed.loadBalancer?.ownership.kind === 'foreign';
    // What is not ours can't be in the way of those that want nothing of it.
    const loadBalancer = isForeign && !isAnyWanted ? undefined : observed.loadBalancer;
    const present = [...wishes].flatMap(([uid, wish]) =>
      wish.kind === 'present' ? [[uid, wish.desired] as const] : [],
    );
    const operations: TestOperation[] = [];
    const ownership: Ownership = loadBalancer?.ownership ?? { kind: 'new' };
    const [first] = present;
    if (!loadBalancer && first) {
      const identity = { by: 'journal', key: name, owner: first[0] } as const;
      operations.push({
        ...operation('create', { kind: 'LoadBalancer', name, ownership }),
        ...(this.isJournaled && { identity }),
      });
    }
    for (const [uid, wanted] of present) {
      const old = loadBalancer?.listeners.get(uid);
      if (JSON.stringify(old) === JSON.stringify(wanted)) continue;
      const verb = old ? 'update' : 'create';
      const owner: Ownership = loadBalancer ? ownership : { kind: 'ours', proof: 'stamp' };
      const ofListener: Ownership = verb === 'create' && owner.kind === 'ours' ? { kind: 'new' } : owner;
      operations.push({
        ...operation(verb, { kind: 'Listener', name: uid, ownership: ofListener }),
        listener: { uid, wanted },
      });
    }
    for (const [uid, wish] of wishes) {
      if (wish.kind === 'present' || !loadBalancer?.listeners.has(uid)) continue;
      operations.push({ ...operation('delete', { kind: 'Listener', name: uid, ownership }), listener: { uid } });
    }
    const isWanted =
      present.length > 0 || [...(loadBalancer?.listeners.keys() ?? [])].some((uid) => wishes.get(uid)?.kind !== 'gone');
    if (loadBalancer && !isWanted) operations.push(operation('delete', { kind: 'LoadBalancer', name, ownership }));
    return { operations, next: this.next };
  }

  async apply(op: TestOperation, observed: Observed, call: CallContext): Promise<OperationResult> {
    const { name } = observed;
    const text = `${op.verb} ${op.object.kind} ${op.object.name}`;
    this.priorities.push(call.priority);
    await this.#called(text);
    const found = this.cloud.get(name);
    if (found && found.stamp !== 'cluster') this.foreignWrites.push(text);
    if (op.listener) {
      if (op.listener.wanted) found?.listeners.set(op.listener.uid, op.listener.wanted);
      else found?.listeners.delete(op.listener.uid);
    } else if (op.verb === 'create') {
      if (!found) this.cloud.set(name, { stamp: 'cluster', listeners: new Map() });
    } else {
      this.cloud.delete(name);
    }
    this.afterWrite(text);
    return { kind: 'done', outputs: {} };
  }

  fold(observed: Observed, op: TestOperation): Observed {
    if (!op.listener) {
      const made = { ownership: { kind: 'ours', proof: 'stamp' } as const, listeners: new Map() };
      return { ...observed, loadBalancer: op.verb === 'create' ? made : undefined };
    }
    if (!observed.loadBalancer) return observed;
    const listeners = new Map(observed.loadBalancer.listeners);
    if (op.listener.wanted) listeners.set(op.listener.uid, op.listener.wanted);
    else listeners.delete(op.listener.uid);
    return { ...observed, loadBalancer: { ...observed.loadBalancer, listeners } };
  }

  result(observed: Observed): { status: { ingress: { ip: string; hostname: string; ipMode: string }[] } } {
    if (!observed.loadBalancer) return { status: { ingress: [] } };
    return { status: { ingress: [{ ip: '', hostname: `${observed.name.replace('/', '-')}.test`, ipMode: '' }] } };
  }

  async #called(call: string): Promise<void> {
    this.calls.push(call);
    await this.onCall(call);
  }
}

function operation(verb: Verb, object: TestOperation['object']): TestOperation {
  return {
    verb,
    object,
    changes: [],
    permission: `test:${verb}${object.kind}`,
    scope: { account: 'a', region: 'r' },
    locks: [],
  };
}

export function inMinutes(count: number): PlanNext {
  return { kind: 'settling', on: 'load-balancer/busy', after: Duration.minutes(count) };
}

export interface TestServiceOptions {
  readonly uid?: string;
  readonly type?: string;
  readonly ports?: readonly number[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly loadBalancerClass?: string;
}

/** A Service of type LoadBalancer in the namespace `ns`, unless told otherwise. */
export function testService(name: string, options: TestServiceOptions = {}): Service {
  return {
    metadata: {
      name,
      namespace: 'ns',
      uid: options.uid ?? `uid-of-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      deletionTimestamp: '',
      labels: {},
      annotations: options.annotations ?? {},
      finalizers: options.finalizers ?? [],
    },
    spec: {
      type: options.type ?? 'LoadBalancer',
      ports: (options.ports ?? [80]).map(testPort),
      clusterIPs: ['10.96.0.1'],
      externalIPs: [],
      sessionAffinity: 'None',
      sessionAffinityTimeout: 0,
      loadBalancerIP: '',
      loadBalancerSourceRanges: [],
      externalTrafficPolicy: 'Cluster',
      healthCheckNodePort: 0,
      ipFamilies: ['IPv4'],
      loadBalancerClass: options.loadBalancerClass,
      allocateLoadBalancerNodePorts: undefined,
    },
    status: { loadBalancer: { ingress: [] }, conditions: [] },
  };
}

export function testPort(port: number): ServicePort {
  return { name: `p${port}`, protocol: 'TCP', port, targetPort: '8080', nodePort: 30000 + port, appProtocol: '' };
}

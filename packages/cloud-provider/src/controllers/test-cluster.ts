import type { Node } from '../api/node.ts';
import { type KubernetesObject, type ObjectName, nameKey, objectKey } from '../api/object-meta.ts';
import type { Condition, LoadBalancerIngress, Service } from '../api/service.ts';
import { ApiError } from '../kube/client/api-error.ts';
import type { KubeClient, PatchOptions } from '../kube/client/kube-client.ts';
import type { Patch } from '../kube/client/patch.ts';
import type { EventContent, EventRecorder } from '../kube/events/event-recorder.ts';
import type { EventHandler, Informer, Store } from '../kube/informer/informer.ts';
import { type Resource, nodes, services } from '../kube/resources.ts';

/** One patch as the API server received it. */
export interface RecordedPatch {
  readonly resource: string;
  readonly key: string;
  readonly subresource: 'status' | undefined;
  readonly body: Wire;
  readonly outcome: 'done' | 'unchanged' | 'conflict' | 'notFound' | 'failed';
}

type Wire = Readonly<Record<string, unknown>>;

interface PatchTarget {
  readonly metadata: Record<string, unknown>;
  readonly spec: Record<string, unknown>;
  readonly status: Record<string, unknown>;
}

/**
 * An API server and its informers in a few lines, for tests of controllers: Nodes and Services with versions, conditional
 * patches, finalizers, and informers that can be made to lag.
 */
export class TestCluster {
  readonly patches: RecordedPatch[] = [];
  readonly reads: string[] = [];
  readonly nodes = new TestInformer<Node>(nodes);
  readonly services = new TestInformer<Service>(services);
  readonly client: KubeClient = fakeClient(this);
  /** Called before each patch; what it throws is the reply. */
  beforePatch: (resource: string, key: string, body: Wire) => void = () => {};
  /** Called after each patch that was done; what it throws takes the place of the reply. */
  afterPatch: () => void = () => {};
  /** The objects as the API server holds them; the informers follow. */
  readonly #stored = new Map<string, KubernetesObject>();
  /** By object, the labels that were applied last. */
  readonly #appliedLabels = new Map<string, ReadonlySet<string>>();
  #version = 100;
  /** While it is set, informers hear nothing. */
  #held: (() => void)[] | undefined;

  node(name: string): Node | undefined {
    return this.#find(nodes, name);
  }

  service(key: string): Service | undefined {
    return this.#find(services, key);
  }

  /** Creates or replaces; the version is set. */
  putNode(node: Node): Node {
    return this.#put(nodes, this.nodes, node);
  }

  putService(service: Service): Service {
    return this.#put(services, this.services, service);
  }

  removeNode(name: string): void {
    this.#remove(nodes, this.nodes, name);
  }

  /** As a user deletes it: waits for finalizers. */
  deleteService(key: string): void {
    const service = this.service(key);
    if (!service) return;
    if (service.metadata.finalizers.length === 0) {
      this.#remove(services, this.services, key);
      return;
    }
    if (service.metadata.deletionTimestamp !== '') return;
    this.putService({ ...service, metadata: { ...service.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
  }

  /** Takes it away whatever its finalizers say. */
  dropService(key: string): void {
    this.#remove(services, this.services, key);
  }

  /** From now on the informers lag behind; the returned function tells them the next so many changes, or all and from then on. */
  holdInformers(): (count?: number) => void {
    this.#held ??= [];
    return (count) => {
      const held = this.#held ?? [];
      const events = held.splice(0, count ?? held.length);
      if (count === undefined) this.#held = undefined;
      for (const deliver of events) deliver();
    };
  }

  read(resource: string, key: string): KubernetesObject {
    this.reads.push(`${resource}/${key}`);
    const object = this.#stored.get(`${resource}/${key}`);
    if (!object) throw new ApiError(`${resource} ${key} not found`, { kind: 'notFound', status: 404 });
    return object;
  }

  /** All objects of the resource, as the API server holds them. */
  list(resource: string): readonly KubernetesObject[] {
    this.reads.push(resource);
    return [...this.#stored].filter(([key]) => key.startsWith(`${resource}/`)).map(([, object]) => object);
  }

  /** Does what the API server does with a patch and answers the new version. */
  patch(resource: string, key: string, patch: Patch, options: PatchOptions): string {
    if (patch.type === 'apply') return this.patch(resource, key, this.#asStrategic(key, patch.body), options);
    if (patch.type !== 'strategic') throw new Error(`patches of type ${patch.type} are not expected here`);
    const record = (outcome: RecordedPatch['outcome']): void => {
      this.patches.push({ resource, key, subresource: options.subresource, body: patch.body, outcome });
    };
    options.fence?.assertHeld();
    try {
      this.beforePatch(resource, key, patch.body);
    } catch (error) {
      record('failed');
      throw error;
    }
    const object = this.#stored.get(`${resource}/${key}`);
    if (!object) {
      record('notFound');
      throw new ApiError(`${resource} ${key} not found`, { kind: 'notFound', status: 404 });
    }
    const conditions = wire(patch.body['metadata']);
    for (const field of ['uid', 'resourceVersion'] as const) {
      if (conditions[field] === undefined || conditions[field] === object.metadata[field]) continue;
      record('conflict');
      throw new ApiError(`the ${field} of ${key} is another one`, { kind: 'conflict', status: 409 });
    }
    const next = applyPatch(object, patch.body, options.subresource);
    if (JSON.stringify(next) === JSON.stringify(object)) {
      record('unchanged');
      return object.metadata.resourceVersion;
    }
    record('done');
    const version = this.#store(resource, key, next);
    this.afterPatch();
    return version;
  }

  /** An apply of labels: what was applied before and is not said any more goes. */
  #asStrategic(key: string, body: Wire): Patch {
    const metadata = wire(body['metadata']);
    const labels = wire(metadata['labels']);
    const dropped = [...(this.#appliedLabels.get(key) ?? [])].filter((label) => labels[label] === undefined);
    this.#appliedLabels.set(key, new Set(Object.keys(labels)));
    const changes = { ...labels, ...Object.fromEntries(dropped.map((label) => [label, null])) };
    return { type: 'strategic', body: { ...body, metadata: { ...metadata, labels: changes } } };
  }

  #store(resource: string, key: string, next: KubernetesObject): string {
    const isReleased = next.metadata.deletionTimestamp !== '' && next.metadata.finalizers.length === 0;
    if (resource === 'nodes') return this.#put(nodes, this.nodes, next as Node).metadata.resourceVersion;
    if (isReleased) {
      this.#remove(services, this.services, key);
      return String(this.#version);
    }
    return this.#put(services, this.services, next as Service).metadata.resourceVersion;
  }

  #find<T extends KubernetesObject>(resource: Resource<T>, key: string): T | undefined {
    return this.#stored.get(`${resource.plural}/${key}`) as T | undefined;
  }

  #put<T extends KubernetesObject>(resource: Resource<T>, informer: TestInformer<T>, object: T): T {
    const resourceVersion = String(++this.#version);
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion } };
    this.#stored.set(`${resource.plural}/${objectKey(object)}`, stored);
    this.#deliver(() => informer.put(stored));
    return stored;
  }

  #remove<T extends KubernetesObject>(resource: Resource<T>, informer: TestInformer<T>, key: string): void {
    if (!this.#stored.delete(`${resource.plural}/${key}`)) return;
    this.#version++;
    this.#deliver(() => informer.remove(key));
  }

  #deliver(event: () => void): void {
    if (this.#held) this.#held.push(event);
    else event();
  }
}

/** An informer whose store is written by a test. */
export class TestInformer<T extends KubernetesObject> implements Informer<T> {
  readonly resource: Resource<T>;
  readonly store: Store<T>;
  readonly synced = Promise.resolve();
  readonly #objects = new Map<string, T>();
  readonly #handlers = new Set<EventHandler<T>>();

  constructor(resource: Resource<T>) {
    this.resource = resource;
    const objects = this.#objects;
    this.store = {
      get: (key) => objects.get(key),
      list: () => objects.values(),
      get size() {
        return objects.size;
      },
      byIndex: () => [],
    };
  }

  addHandler(handler: EventHandler<T>): () => void {
    this.#handlers.add(handler);
    for (const object of this.#objects.values()) handler.onAdd(object, true);
    return () => {
      this.#handlers.delete(handler);
    };
  }

  put(object: T): void {
    const key = objectKey(object);
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const handler of this.#handlers) {
      if (old && old.metadata.uid === object.metadata.uid) handler.onUpdate(old, object);
      else {
        if (old) handler.onDelete(old);
        handler.onAdd(object, false);
      }
    }
  }

  remove(key: string): void {
    const last = this.#objects.get(key);
    if (!last) return;
    this.#objects.delete(key);
    for (const handler of this.#handlers) handler.onDelete(last);
  }

  addIndex(): void {}
  start(): void {}
  hasSynced(): boolean {
    return true;
  }
  lastResourceVersion(): string {
    return '';
  }
}

/** Keeps Events as `Type Reason key: note`. */
export class TestRecorder implements EventRecorder {
  readonly events: string[] = [];

  event(regarding: Parameters<EventRecorder['event']>[0], content: EventContent): void {
    this.events.push(`${content.type} ${content.reason} ${nameKey(regarding)}: ${content.note}`);
  }

  /** `Type Reason` of each Event about the object. */
  reasons(key: string): readonly string[] {
    return this.events
      .filter((line) => line.includes(` ${key}: `))
      .map((line) => line.split(' ').slice(0, 2).join(' '));
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }
}

function fakeClient(cluster: TestCluster): KubeClient {
  const unexpected = (): never => {
    throw new Error('controllers only read and patch');
  };
  return {
    // One turn, so that nothing relies on an answer within the same turn.
    get: async <T extends KubernetesObject>(resource: Resource<T>, name: ObjectName) => {
      await turn();
      return cluster.read(resource.plural, nameKey(name)) as T;
    },
    patch: async (resource, name, patch, options) => {
      await turn();
      return { resourceVersion: cluster.patch(resource.plural, nameKey(name), patch, options) };
    },
    list: async <T extends KubernetesObject>(resource: Resource<T>) => {
      await turn();
      return { items: cluster.list(resource.plural) as readonly T[], resourceVersion: '' };
    },
    watch: unexpected,
    create: unexpected,
    delete: unexpected,
    // Nobody's fields are recorded here.
    raw: async () => {
      await turn();
      return { status: 200, header: () => '', text: () => '{}', json: () => ({}) };
    },
    close: () => Promise.resolve(),
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function wire(value: unknown): Wire {
  return typeof value === 'object' && value !== null ? (value as Wire) : {};
}

function applyPatch(object: KubernetesObject, body: Wire, subresource: 'status' | undefined): KubernetesObject {
  const next = structuredClone(object) as unknown as PatchTarget;
  const metadata = wire(body['metadata']);
  for (const field of ['labels', 'annotations']) {
    next.metadata[field] = mergeMap(wire(next.metadata[field]), wire(metadata[field]));
  }
  const finalizers = new Set(object.metadata.finalizers);
  for (const added of (metadata['finalizers'] ?? []) as readonly string[]) {
    if (object.metadata.deletionTimestamp !== '' && !finalizers.has(added)) {
      throw new ApiError('no new finalizers can be added if the object is being deleted', {
        kind: 'invalid',
        status: 422,
      });
    }
    finalizers.add(added);
  }
  for (const removed of (metadata['$deleteFromPrimitiveList/finalizers'] ?? []) as readonly string[]) {
    finalizers.delete(removed);
  }
  next.metadata['finalizers'] = [...finalizers];
  if (subresource === 'status') patchStatus(next.status, wire(body['status']));
  else patchSpec(next.spec, wire(body['spec']));
  return next as unknown as KubernetesObject;
}

function patchSpec(spec: Record<string, unknown>, body: Wire): void {
  if (body['providerID'] !== undefined) {
    if (spec['providerID'] !== '' && spec['providerID'] !== body['providerID']) {
      throw new ApiError('spec.providerID: Forbidden: node updates may not change it', {
        kind: 'invalid',
        status: 422,
      });
    }
    spec['providerID'] = body['providerID'];
  }
  const podCIDRs = body['podCIDRs'] as readonly string[] | undefined;
  if (podCIDRs !== undefined) {
    const present = spec['podCIDRs'] as readonly string[];
    if (present.length > 0 && present.join() !== podCIDRs.join()) {
      throw new ApiError('spec.podCIDRs: Forbidden: node updates may not change it', { kind: 'invalid', status: 422 });
    }
    spec['podCIDRs'] = podCIDRs;
  }
  if (body['taints'] === undefined) return;
  const taints = (body['taints'] ?? []) as readonly Wire[];
  spec['taints'] = taints.map((taint) => ({ value: '', timeAdded: '', ...taint }));
}

function patchStatus(status: Record<string, unknown>, body: Wire): void {
  if (body['addresses'] !== undefined) {
    const addresses = body['addresses'] as readonly Wire[];
    if (!addresses.some((entry) => entry['$patch'] === 'replace')) throw new Error('addresses would be merged by type');
    status['addresses'] = addresses.filter((entry) => entry['$patch'] === undefined);
  }
  if (body['loadBalancer'] !== undefined) {
    const ingress = (wire(body['loadBalancer'])['ingress'] ?? []) as readonly Partial<LoadBalancerIngress>[];
    status['loadBalancer'] = { ingress: ingress.map((entry) => ({ ip: '', hostname: '', ipMode: '', ...entry })) };
  }
  if (body['conditions'] !== undefined) {
    const conditions = new Map((status['conditions'] as readonly Condition[]).map((entry) => [entry.type, entry]));
    for (const change of body['conditions'] as readonly (Condition & { $patch?: string })[]) {
      if (change.$patch === 'delete') conditions.delete(change.type);
      else conditions.set(change.type, { ...conditions.get(change.type), ...change });
    }
    status['conditions'] = [...conditions.values()];
  }
}

function mergeMap(map: Wire, changes: Wire): Wire {
  const merged: Record<string, unknown> = { ...map };
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) delete merged[key];
    else merged[key] = value;
  }
  return merged;
}

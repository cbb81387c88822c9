import { Agent, request } from 'node:https';
import type { CaseEvent, CaseNode } from './golden-case.ts';

const services = '/api/v1/namespaces/default/services';
const taint = 'node.cloudprovider.kubernetes.io/uninitialized';

interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
  };
}

interface ServiceObject extends KubeObject {
  readonly spec: { readonly type: string };
  readonly status?: object;
}

interface NodeObject extends KubeObject {
  readonly spec: {
    readonly providerID?: string;
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly key: string; readonly timeAdded?: string }[];
  };
  readonly status: {
    readonly addresses?: readonly object[];
    readonly conditions?: readonly Readonly<Record<string, string>>[];
  };
}

interface EventObject extends KubeObject {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count?: number;
  readonly series?: { readonly count?: number };
  readonly source?: { readonly component?: string };
  readonly reportingComponent?: string;
}

/** The API server's own loops, which are ahead of their caches when the machine is busy: `ipallocator-repair-controller`. */
function isOfTheServer({ source, reportingComponent }: EventObject): boolean {
  return [source?.component, reportingComponent].some(
    (component) => component?.endsWith('-repair-controller') === true,
  );
}

/** The API server refused; the message is what users would read. */
export class RejectedByServer extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The cluster, in the hands of users and kubelets. */
export class GoldenCluster implements Disposable {
  readonly #access: { readonly url: string; readonly certificateAuthority: string; readonly token: string };
  readonly #agent: Agent;
  readonly #seenEvents = new Map<string, number>();

  constructor(access: { readonly url: string; readonly certificateAuthority: string; readonly token: string }) {
    this.#access = access;
    this.#agent = new Agent({ keepAlive: true, ca: access.certificateAuthority });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  /** Removes what the case before left. */
  async clear(): Promise<void> {
    for (const { metadata } of await this.#list<KubeObject>('/api/v1/services')) {
      if (metadata.name === 'kubernetes') continue;
      const path = `${services}/${metadata.name}`;
      if (metadata.finalizers) await this.#send('PATCH', path, { metadata: { finalizers: null } });
      await this.#send('DELETE', path).catch(ignoreNotFound);
    }
    for (const { metadata } of await this.#list<KubeObject>('/api/v1/nodes')) {
      await this.#send('DELETE', `/api/v1/nodes/${metadata.name}`);
    }
    for (const namespace of ['default', 'kube-system']) {
      await this.#send('DELETE', `/api/v1/namespaces/${namespace}/events`);
    }
    this.#seenEvents.clear();
  }

  async createService(manifest: object): Promise<void> {
    await this.#send('POST', services, { apiVersion: 'v1', kind: 'Service', ...manifest });
  }

  async patchService(name: string, patch: object): Promise<void> {
    await this.#send('PATCH', `${services}/${name}`, patch);
  }

  async patchServiceStatus(name: string, status: object): Promise<void> {
    await this.#send('PATCH', `${services}/${name}/status`, { status });
  }

  async deleteService(name: string): Promise<void> {
    await this.#send('DELETE', `${services}/${name}`);
  }

  async hasService(name: string): Promise<boolean> {
    return (await this.#list<KubeObject>(services)).some(({ metadata }) => metadata.name === name);
  }

  async serviceUID(name: string): Promise<string> {
    return ((await this.#send('GET', `${services}/${name}`)) as KubeObject).metadata.uid;
  }

  /** Registers a Node as a kubelet with an external cloud provider does. */
  async register(
    node: CaseNode & { readonly host: string },
    providerID: string,
    state: 'new' | 'initialized' = 'new',
  ): Promise<void> {
    const { host, labels, providedIP, podCIDR } = node;
    const standard = { 'kubernetes.io/hostname': host, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };
    await this.#send('POST', '/api/v1/nodes', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: host,
        labels: { ...standard, ...labels },
        annotations: providedIP === undefined ? {} : { 'alpha.kubernetes.io/provided-node-ip': providedIP },
      },
      spec: {
        taints: state === 'new' ? [{ key: taint, value: 'true', effect: 'NoSchedule' }] : [],
        ...(providerID === '' ? {} : { providerID }),
        ...(podCIDR === undefined ? {} : { podCIDR, podCIDRs: [podCIDR] }),
      },
    });
    const resources = { cpu: '2', memory: '8Gi', pods: '110' };
    const address = node.kubeletIP === true ? [{ type: 'InternalIP', address: node.ip }] : [];
    await this.#patchNodeStatus(host, {
      capacity: resources,
      allocatable: resources,
      addresses: [{ type: 'Hostname', address: host }, ...address],
      conditions: [readyCondition('True')],
    });
  }

  async setReady(host: string, status: string): Promise<void> {
    await this.#patchNodeStatus(host, { conditions: [readyCondition(status)] });
  }

  async deleteNode(host: string): Promise<void> {
    await this.#send('DELETE', `/api/v1/nodes/${host}`);
  }

  async uninitializedNodes(): Promise<readonly string[]> {
    const nodes = await this.#list<NodeObject>('/api/v1/nodes');
    return nodes
      .filter(({ spec }) => spec.taints?.some(({ key }) => key === taint) === true)
      .map(({ metadata }) => metadata.name);
  }

  /** Differs whenever a Service, Node or Event was written. */
  async fingerprint(): Promise<string> {
    const paths = ['/api/v1/services', '/api/v1/nodes', '/api/v1/events'];
    const lists = await Promise.all(paths.map((path) => this.#list<KubeObject>(path)));
    return lists
      .flat()
      .map(({ metadata }) => `${metadata.uid}/${metadata.resourceVersion}`)
      .sort()
      .join();
  }

  /** UIDs of Services by `namespace/name`. */
  async serviceUIDs(): Promise<ReadonlyMap<string, string>> {
    const found = await this.#services();
    return new Map(found.map(({ metadata }) => [`${metadata.namespace}/${metadata.name}`, metadata.uid]));
  }

  async observeServices(): Promise<Record<string, unknown>> {
    const found = await this.#services();
    return Object.fromEntries(
      found.map(({ metadata, spec, status }) => [
        `${metadata.namespace}/${metadata.name}`,
        {
          type: spec.type,
          annotations: metadata.annotations ?? {},
          finalizers: metadata.finalizers ?? [],
          labels: metadata.labels ?? {},
          deleting: metadata.deletionTimestamp !== undefined,
          status: without(status ?? {}, ['lastTransitionTime', 'observedGeneration']),
        },
      ]),
    );
  }

  async observeNodes(): Promise<Record<string, unknown>> {
    const found = await this.#list<NodeObject>('/api/v1/nodes');
    return Object.fromEntries(
      found.map(({ metadata, spec, status }) => [
        metadata.name,
        {
          labels: metadata.labels ?? {},
          annotations: metadata.annotations ?? {},
          providerID: spec.providerID ?? null,
          taints: (spec.taints ?? [])
            .map((each) => ({ ...each, timeAdded: undefined }))
            .sort((a, b) => (a.key < b.key ? -1 : 1)),
          unschedulable: spec.unschedulable ?? false,
          addresses: status.addresses ?? [],
          conditions: (status.conditions ?? [])
            .map(({ type = '', status: value, reason = null, message = null }) => ({
              type,
              status: value,
              reason,
              message,
            }))
            .sort((a, b) => (a.type < b.type ? -1 : 1)),
        },
      ]),
    );
  }

  /** Those that came, or came again, since the last time. */
  async newEvents(): Promise<readonly CaseEvent[]> {
    const found = (await this.#list<EventObject>('/api/v1/events')).filter((event) => !isOfTheServer(event));
    return found.flatMap(({ metadata, involvedObject, type, reason, message, count, series }) => {
      const times = count ?? series?.count ?? 1;
      const isNew = (this.#seenEvents.get(metadata.uid) ?? 0) < times;
      this.#seenEvents.set(metadata.uid, times);
      return isNew ? [{ object: `${involvedObject.kind}/${involvedObject.name}`, type, reason, message }] : [];
    });
  }

  async #services(): Promise<readonly ServiceObject[]> {
    const found = await this.#list<ServiceObject>('/api/v1/services');
    return found.filter(({ metadata }) => metadata.name !== 'kubernetes');
  }

  async #patchNodeStatus(host: string, status: object): Promise<void> {
    await this.#send('PATCH', `/api/v1/nodes/${host}/status`, { status }, 'strategic-merge');
  }

  async #list<Item>(path: string): Promise<readonly Item[]> {
    return ((await this.#send('GET', path)) as { readonly items: readonly Item[] }).items;
  }

  /** @throws RejectedByServer */
  #send(method: string, path: string, body?: object, patch = 'merge'): Promise<unknown> {
    const headers = {
      authorization: `Bearer ${this.#access.token}`,
      'content-type': method === 'PATCH' ? `application/${patch}-patch+json` : 'application/json',
    };
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, this.#access.url), { method, headers, agent: this.#agent }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('error', reject);
        answer.once('end', () => {
          const content = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { readonly message?: string };
          const status = answer.statusCode ?? 0;
          if (status < 300) resolve(content);
          else reject(new RejectedByServer(status, content.message ?? ''));
        });
      });
      sent.once('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function readyCondition(status: string) {
  const now = new Date().toISOString();
  const message = 'kubelet is posting ready status';
  return { type: 'Ready', status, reason: 'KubeletReady', message, lastHeartbeatTime: now, lastTransitionTime: now };
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof RejectedByServer && error.status === 404)) throw error;
}

function without(value: unknown, keys: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((each) => without(each, keys));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !keys.includes(key))
      .map(([key, each]) => [key, without(each, keys)]),
  );
}

import type { Kubectl } from '../kubectl/kubectl.ts';
import type { Machine } from './account.ts';

/** A Node as the tests look at it. */
export interface FoundNode {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: { readonly providerID?: string; readonly taints?: readonly { readonly key: string }[] };
  readonly status: { readonly addresses?: readonly { readonly type: string; readonly address: string }[] };
}

/** A Service as the tests look at it. */
export interface FoundService {
  readonly metadata: { readonly name: string; readonly uid: string; readonly finalizers?: readonly string[] };
  readonly spec: {
    readonly ports: readonly { readonly port: number; readonly nodePort: number }[];
    readonly healthCheckNodePort?: number;
  };
  readonly status: { readonly loadBalancer: { readonly ingress?: readonly { readonly hostname?: string }[] } };
}

export interface Port {
  readonly port: number;
  readonly nodePort: number;
}

/** What an operator and the kubelets do to the cluster. */
export class Cluster {
  readonly #kubectl: Kubectl;

  constructor(kubectl: Kubectl) {
    this.#kubectl = kubectl;
  }

  /** Registers a Node as a kubelet with an external cloud provider does. */
  async join(name: string, machine: Machine, providerID = ''): Promise<void> {
    const node = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { 'kubernetes.io/hostname': name } },
      spec: {
        taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' }],
        ...(providerID === '' ? {} : { providerID }),
      },
    };
    const now = new Date().toISOString();
    const status = {
      addresses: [
        { type: 'InternalIP', address: machine.privateIP },
        { type: 'Hostname', address: name },
      ],
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          message: 'kubelet is posting ready status',
          lastHeartbeatTime: now,
          lastTransitionTime: now,
        },
      ],
    };
    await this.#kubectl.run(['create', '-f', '-'], JSON.stringify(node));
    const patch = JSON.stringify({ status });
    await this.#kubectl.run(['patch', 'node', name, '--subresource=status', '--type=strategic', '-p', patch]);
  }

  async leave(name: string): Promise<void> {
    await this.#kubectl.run(['delete', 'node', name, '--wait=false']);
  }

  async nodes(): Promise<ReadonlyMap<string, FoundNode>> {
    const list = await this.#get<{ items: FoundNode[] }>('nodes');
    return new Map(list.items.map((node) => [node.metadata.name, node]));
  }

  /** Creates the Service, or changes it to this. */
  async apply(
    name: string,
    service: { readonly annotations?: Readonly<Record<string, string>>; readonly spec: object },
  ): Promise<void> {
    const manifest = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name,
        annotations: { 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb', ...service.annotations },
      },
      spec: { type: 'LoadBalancer', selector: { app: name }, ...service.spec },
    };
    await this.#kubectl.run(['apply', '-f', '-'], JSON.stringify(manifest));
  }

  async deleteService(name: string): Promise<void> {
    await this.#kubectl.run(['delete', 'service', name, '--wait=false']);
  }

  async services(): Promise<ReadonlyMap<string, FoundService>> {
    const list = await this.#get<{ items: FoundService[] }>('services');
    return new Map(list.items.map((service) => [service.metadata.name, service]));
  }

  async #get<Found>(resource: string): Promise<Found> {
    return JSON.parse(await this.#kubectl.run(['get', resource, '-o', 'json'])) as Found;
  }
}

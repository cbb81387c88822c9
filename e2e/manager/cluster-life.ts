import assert from 'node:assert/strict';
import { type Administrator, eventually, type RunningManager } from './running-manager.ts';

const uninitialized = { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' };
/** Outside of what the cluster has now. */
const formerRange = '10.99.0.0/24';
const shutdown = 'node.cloudprovider.kubernetes.io/shutdown';

interface ReadNode {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly taints?: readonly { readonly key: string }[]; readonly podCIDR?: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly reason?: string }[] };
}

/** What happens in a cluster in the course of years, so that every controller has all of its work to do. */
export class ClusterLife {
  readonly #admin: Administrator;
  readonly #manager: RunningManager;
  readonly #prefix: string;

  /** @param prefix of the names of everything that comes and goes */
  constructor(admin: Administrator, manager: RunningManager, prefix: string) {
    this.#admin = admin;
    this.#manager = manager;
    this.#prefix = prefix;
  }

  /** A node joins, gets its range and its route. Returns its machine. */
  async nodeJoins(): Promise<{ readonly name: string; readonly machine: string }> {
    const name = `${this.#prefix}-node`;
    const machine = await this.launch(name);
    await this.nodeIsInitialized(name);
    await this.#nodeIs(name, 'given a range', ({ spec }) => spec.podCIDR !== undefined);
    await this.#nodeIs(name, 'given a route', ({ status }) =>
      (status.conditions ?? []).some(({ type, reason }) => type === 'NetworkUnavailable' && reason === 'RouteCreated'),
    );
    return { name, machine };
  }

  /** A machine starts and its kubelet registers it. Returns its id. */
  async launch(name: string): Promise<string> {
    const { id } = this.#manager.cloud.operator.launch({ name, zone: 'memory-1a' });
    await this.#admin.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { taints: [uninitialized] } });
    return id;
  }

  async nodeIsInitialized(name: string): Promise<void> {
    await this.#nodeIs(name, 'initialised', ({ spec }) => !hasTaint(spec.taints, uninitialized.key));
  }

  async nodeWaits(name: string): Promise<void> {
    await this.#nodeIs(name, 'left alone', ({ spec }) => hasTaint(spec.taints, uninitialized.key));
  }

  /** Somebody has a route of his own for the range of the second node. */
  async routeIsInTheWay(): Promise<void> {
    const name = `${this.#prefix}-second`;
    const { operator } = this.#manager.cloud;
    const vpn = operator.launch({ name: `${this.#prefix}-vpn`, zone: 'memory-1a' });
    operator.plantRoute({ cidr: '10.200.1.0/24', instanceID: vpn.id, tags: {} }, 'a person');
    await this.launch(name);
    const reasons = [
      'get',
      'events.events.k8s.io',
      '-A',
      '-o',
      `jsonpath={.items[?(@.regarding.name=="${name}")].reason}`,
    ];
    await eventually('the route to be missed', async () =>
      (await this.#admin.kubectl.run(reasons)).includes('FailedToCreateRoute'),
    );
    await this.#admin.kubectl.run(['delete', 'node', name]);
  }

  /** A manager that is no more left a label that the cloud gives no more. */
  async labelIsLeftOver(node: string): Promise<void> {
    const label = 'topology.memory-cloud/rack';
    const object = { apiVersion: 'v1', kind: 'Node', metadata: { name: node, labels: { [label]: 'r7' } } };
    const former = ['apply', '--server-side', '--field-manager=cloud-controller-manager', '-f', '-'];
    await this.#admin.kubectl.run(former, JSON.stringify(object));
    await this.#nodeIs(node, 'rid of the label', ({ metadata }) => metadata.labels[label] === undefined);
  }

  /** A Service comes, is changed and goes. */
  async serviceComesAndGoes(): Promise<void> {
    const name = `${this.#prefix}-web`;
    const ports = (port: number): object => ({ spec: { ports: [{ port, protocol: 'TCP', name: 'web' }] } });
    await this.#admin.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { type: 'LoadBalancer', selector: { app: name }, ports: [{ port: 80, name: 'web' }] },
    });
    const address = ['get', 'service', name, '-o', 'jsonpath={.status.loadBalancer.ingress}'];
    await eventually('the Service to have an address', async () => (await this.#admin.kubectl.run(address)) !== '');
    for (const port of [81, 82, 83]) {
      await this.#admin.kubectl.run(['patch', 'service', name, '--type=merge', '-p', JSON.stringify(ports(port))]);
      await eventually('the load balancer to follow', () =>
        this.#manager.cloud
          .snapshot()
          .loadBalancers.some(({ listeners }) => listeners.some((each) => each.port === port)),
      );
    }
    await this.#admin.kubectl.run(['delete', 'service', name, '--wait=true', '--timeout=60s']);
    await eventually('the load balancer to be gone', () => this.#manager.cloud.snapshot().loadBalancers.length === 0);
  }

  /** Somebody who may not looks at the metrics. */
  async strangerLooks(): Promise<void> {
    const token = await this.#admin.account(`${this.#prefix}-viewer`);
    assert.equal((await this.#manager.ask('/metrics', { token })).status, 403);
  }

  /** A load balancer of a Service that was removed by force, and a route of a node. Returns the name of the first. */
  async leaveOrphans(): Promise<string> {
    const { cloud } = this.#manager;
    const cluster = await this.#admin.kubectl.run([
      'get',
      'namespace',
      'kube-system',
      '-o',
      'jsonpath={.metadata.uid}',
    ]);
    const name = `a${this.#prefix}orphan`;
    cloud.operator.plantLoadBalancer(
      {
        name,
        networkID: 'net-1',
        scheme: 'public',
        allowedRanges: [],
        healthCheck: { protocol: 'TCP', port: 80, path: '' },
        listeners: [],
        backends: [],
        tags: {
          'ccm-ts/cluster-uid': cluster,
          'kubernetes.io/service-uid': '00000000-0000-4000-8000-000000000000',
          'kubernetes.io/service-name': 'default/gone',
        },
      },
      cluster,
    );
    const { id } = cloud.operator.launch({ name: `${this.#prefix}-former`, zone: 'memory-1a' });
    const tags = { 'ccm-ts/cluster-uid': cluster };
    cloud.operator.plantRoute({ cidr: formerRange, instanceID: id, tags }, cluster);
    return name;
  }

  /** What the policies come to. Takes the minute until the first sweep. */
  async orphansAreFound(name: string, policy: 'report' | 'delete'): Promise<void> {
    const notes = ['get', 'events.events.k8s.io', '-A', '-o', 'jsonpath={.items[*].note}'];
    for (const told of [name, formerRange])
      await eventually(`${told} to be told of`, async () => (await this.#admin.kubectl.run(notes)).includes(told), 180);
    const isThere = (): boolean => this.#manager.cloud.snapshot().loadBalancers.some((each) => each.name === name);
    if (policy === 'delete') await eventually('the orphan to be deleted', () => !isThere());
    else assert.ok(isThere());
    // Somebody may come back to whom the range belongs.
    assert.ok(this.#manager.cloud.snapshot().routes.some(({ cidr }) => cidr === formerRange));
  }

  /** The machine is shut down, and then gone. */
  async machineGoes(node: string, machine: string): Promise<void> {
    const { cloud } = this.#manager;
    cloud.operator.stop(machine);
    const conditions = [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'it is shut down' }];
    const patch = JSON.stringify({ status: { conditions } });
    await this.#admin.kubectl.run(['patch', 'node', node, '--subresource=status', '-p', patch]);
    await this.#nodeIs(node, 'tainted', ({ spec }) => hasTaint(spec.taints, shutdown));
    cloud.operator.terminate(machine);
    const names = ['get', 'nodes', '-o', 'name'];
    await eventually('the node to be deleted', async () => !(await this.#admin.kubectl.run(names)).includes(node));
  }

  async #nodeIs(name: string, what: string, condition: (node: ReadNode) => boolean): Promise<void> {
    const get = ['get', 'node', name, '-o', 'json'];
    await eventually(`the node to be ${what}`, async () =>
      condition(JSON.parse(await this.#admin.kubectl.run(get)) as ReadNode),
    );
  }
}

function hasTaint(taints: ReadNode['spec']['taints'], key: string): boolean {
  return (taints ?? []).some((taint) => taint.key === key);
}

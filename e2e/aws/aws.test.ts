import assert from 'node:assert/strict';
import { before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, describe, it } from '../harness/node-test.ts';
import { Kubectl, kubeconfigVariable } from '../kubectl/kubectl.ts';
import { Account, type FoundLoadBalancer, type Machine, type Network, clusterID, region } from './account.ts';
import { Cluster, type FoundNode, type FoundService } from './cluster.ts';
import type { CallCounts } from './counting-proxy.ts';
import { eventually } from './eventually.ts';
import { type RunningManager, startManager } from './executable.ts';
import { executableVariable, logVariable, motoVariable, proxyVariable, required } from './variables.ts';

const uninitialized = 'node.cloudprovider.kubernetes.io/uninitialized';
const finalizer = 'service.kubernetes.io/load-balancer-cleanup';
const internal = { 'service.beta.kubernetes.io/aws-load-balancer-internal': 'true' };
/** For what is to be shown not to happen. */
const quietMilliseconds = 3000;

const kubectl = new Kubectl(process.env);
const cluster = new Cluster(kubectl);
const account = new Account(required(process.env, motoVariable));
const proxy = required(process.env, proxyVariable);

let network: Network;
let manager: RunningManager;
let accountBefore: unknown;
/** Machines by the names of their nodes. */
const machines = new Map<string, Machine>();
const transient: Machine[] = [];

function start(): Promise<RunningManager> {
  const executable = required(process.env, executableVariable);
  const kubeconfig = required(process.env, kubeconfigVariable);
  return startManager({ executable, kubeconfig, endpoint: proxy, logFile: required(process.env, logVariable) });
}

/** Looks until the manager has done it. */
function managed(assertions: () => Promise<void>): Promise<void> {
  return eventually(assertions, () => manager.ended());
}

/** From here on calls are counted under this name. */
async function phase(name: string): Promise<void> {
  await fetch(`${proxy}/_phase/${encodeURIComponent(name)}`, { method: 'POST' });
}

async function callsOf(name: string): Promise<Record<string, number>> {
  const counts = (await (await fetch(`${proxy}/_phase/`)).json()) as CallCounts;
  return counts[name] ?? {};
}

function nameOf(service: FoundService): string {
  return `a${service.metadata.uid.replaceAll('-', '')}`.slice(0, 32);
}

function targetsAt(nodePort: number): string[] {
  return [...machines.values()].map(({ id }) => `${id}:${nodePort}`).sort();
}

function assertInitialised(node: FoundNode | undefined, machine: Machine): void {
  assert.ok(node);
  assert.equal(node.spec.providerID, `aws:///${machine.zone}/${machine.id}`);
  assert.ok(!(node.spec.taints ?? []).some(({ key }) => key === uninitialized));
  const { labels = {} } = node.metadata;
  assert.equal(labels['topology.kubernetes.io/region'], region);
  assert.equal(labels['topology.kubernetes.io/zone'], machine.zone);
  assert.equal(labels['node.kubernetes.io/instance-type'], machine.type);
  assert.match(labels['topology.k8s.aws/zone-id'] ?? '', /^use1-az\d$/);
  const addresses = (node.status.addresses ?? []).map(({ type, address }) => `${type} ${address}`);
  assert.ok(addresses.includes(`InternalIP ${machine.privateIP}`));
  assert.ok(addresses.includes(`InternalDNS ${machine.privateDnsName}`));
  assert.ok(addresses.some((address) => address.startsWith('Hostname ')));
  const isPublic = addresses.some((address) => address.startsWith('ExternalIP '));
  assert.equal(isPublic, !/^10\.0\.1\d\./.test(machine.privateIP));
}

/** The load balancer that the Service says that it has. */
function assertReady(
  service: FoundService | undefined,
  found: ReadonlyMap<string, FoundLoadBalancer>,
): FoundLoadBalancer {
  assert.ok(service);
  const loadBalancer = found.get(nameOf(service));
  assert.ok(loadBalancer, `no load balancer ${nameOf(service)}`);
  assert.deepEqual(
    service.status.loadBalancer.ingress?.map(({ hostname }) => hostname),
    [loadBalancer.dnsName],
  );
  assert.ok(service.metadata.finalizers?.includes(finalizer));
  assert.equal(loadBalancer.type, 'network');
  assert.equal(loadBalancer.tags[`kubernetes.io/cluster/${clusterID}`], 'owned');
  assert.equal(loadBalancer.tags['kubernetes.io/service-name'], `default/${service.metadata.name}`);
  return loadBalancer;
}

async function ready(name: string): Promise<{ service: FoundService; loadBalancer: FoundLoadBalancer }> {
  const service = (await cluster.services()).get(name);
  assert.ok(service);
  return { service, loadBalancer: assertReady(service, await account.loadBalancers()) };
}

/** Ports and targets of every listener, with all machines of the cluster behind each. */
function assertListeners(loadBalancer: FoundLoadBalancer, service: FoundService): void {
  assert.deepEqual(
    loadBalancer.listeners.map(({ port, protocol, targets }) => ({ port, protocol, targets })),
    service.spec.ports
      .map(({ port, nodePort }) => ({ port, protocol: 'TCP', targets: targetsAt(nodePort) }))
      .sort((a, b) => a.port - b.port),
  );
}

async function assertAllRouted(): Promise<void> {
  const found = await account.loadBalancers();
  const services = [...(await cluster.services()).values()].filter(({ metadata }) => metadata.name !== 'kubernetes');
  for (const service of services) assertListeners(assertReady(service, found), service);
}

describe('the AWS manager', () => {
  before(async () => {
    network = await account.createNetwork();
    for (let number = 1; number <= 6; number++) {
      const machine = await account.launch(network, number);
      // Three ways in which a node's machine is found: the private DNS name, the id as the name, a providerID.
      const name = number <= 4 ? machine.privateDnsName : number === 5 ? machine.id : `worker-${number}`;
      machines.set(name, machine);
    }
    const [removed] = machines.values();
    assert.ok(removed);
    transient.push(removed);
    accountBefore = await account.snapshot(transient);
    manager = await start();
  });

  after(async () => {
    await manager[Symbol.asyncDispose]();
    account[Symbol.dispose]();
    kubectl[Symbol.dispose]();
  });

  it('initialises six machines that join', async () => {
    await phase('6 machines join');
    for (const [name, machine] of machines) {
      await cluster.join(name, machine, name.startsWith('worker') ? `aws:///${machine.zone}/${machine.id}` : '');
    }
    await managed(async () => {
      const nodes = await cluster.nodes();
      for (const [name, machine] of machines) assertInitialised(nodes.get(name), machine);
    });
  });

  it('gives three Services their load balancers', async () => {
    await phase('3 Services are created');
    await cluster.apply('web', { spec: { ports: [{ name: 'http', port: 80, nodePort: 30080 }] } });
    await cluster.apply('api', {
      annotations: internal,
      spec: {
        ports: [
          { name: 'http', port: 8080, nodePort: 30081 },
          { name: 'https', port: 8443, nodePort: 30082 },
        ],
        loadBalancerSourceRanges: ['192.0.2.0/24'],
      },
    });
    await cluster.apply('edge', {
      spec: {
        ports: [{ name: 'http', port: 80, nodePort: 30083 }],
        externalTrafficPolicy: 'Local',
        healthCheckNodePort: 31083,
      },
    });
    await managed(async () => {
      const web = await ready('web');
      assert.equal(web.loadBalancer.scheme, 'internet-facing');
      assert.deepEqual(web.loadBalancer.subnetIDs, [...network.publicSubnets].sort());
      assertListeners(web.loadBalancer, web.service);
      const api = await ready('api');
      assert.equal(api.loadBalancer.scheme, 'internal');
      assert.deepEqual(api.loadBalancer.subnetIDs, [...network.privateSubnets].sort());
      assertListeners(api.loadBalancer, api.service);
      const edge = await ready('edge');
      assertListeners(edge.loadBalancer, edge.service);
      assert.deepEqual(
        [web, edge].map(({ loadBalancer }) => loadBalancer.listeners.map(({ healthCheck }) => healthCheck)),
        [['TCP:traffic-port'], ['HTTP:31083/healthz']],
      );
    });
    const [web, api, edge] = [await ready('web'), await ready('api'), await ready('edge')];
    const client = (one: typeof web): string => `kubernetes.io/rule/nlb/client=${one.loadBalancer.name}`;
    const health = (one: typeof web): string => `kubernetes.io/rule/nlb/health=${one.loadBalancer.name}`;
    assert.deepEqual(
      await account.rules(network),
      [
        `-1 ${network.securityGroupID}`,
        'tcp 22-22 203.0.113.0/24',
        'icmp 3-4 0.0.0.0/0 kubernetes.io/rule/nlb/mtu',
        'icmp 3-4 192.0.2.0/24 kubernetes.io/rule/nlb/mtu',
        `tcp 30080-30080 0.0.0.0/0 ${client(web)}`,
        `tcp 30081-30081 192.0.2.0/24 ${client(api)}`,
        `tcp 30082-30082 192.0.2.0/24 ${client(api)}`,
        `tcp 30083-30083 0.0.0.0/0 ${client(edge)}`,
        ...[10, 11, 12].flatMap((third) =>
          [30081, 30082].map((port) => `tcp ${port}-${port} 10.0.${third}.0/24 ${health(api)}`),
        ),
        ...[0, 1, 2].map((third) => `tcp 31083-31083 10.0.${third}.0/24 ${health(edge)}`),
      ].sort(),
    );
  });

  it('sends nothing while nothing changes', async () => {
    await phase('idle');
    await sleep(quietMilliseconds);
    assert.deepEqual(await callsOf('idle'), {});
  });

  it('sends traffic to a machine that joins', async () => {
    await phase('a machine joins');
    const machine = await account.launch(network, 7);
    transient.push(machine);
    machines.set(machine.privateDnsName, machine);
    await cluster.join(machine.privateDnsName, machine);
    await managed(async () => {
      assertInitialised((await cluster.nodes()).get(machine.privateDnsName), machine);
      await assertAllRouted();
    });
  });

  it('sends none to a machine that leaves', async () => {
    await phase('a machine leaves');
    const [name, machine] = [...machines][0] ?? [];
    assert.ok(name !== undefined && machine !== undefined);
    machines.delete(name);
    // The operator removes the Node: the loop that would is not part of this release. The machine goes afterwards, because
    // the emulator takes terminated ones out of target groups by itself.
    await cluster.leave(name);
    await managed(assertAllRouted);
    await account.terminate(machine);
  });

  it('follows the ports of a Service', async () => {
    await phase('ports change');
    await cluster.apply('web', {
      spec: {
        ports: [
          { name: 'http', port: 81, nodePort: 30080 },
          { name: 'more', port: 82, nodePort: 30084 },
        ],
      },
    });
    await cluster.apply('api', {
      annotations: internal,
      spec: { ports: [{ name: 'http', port: 8080, nodePort: 30085 }], loadBalancerSourceRanges: ['192.0.2.0/24'] },
    });
    await managed(async () => {
      await assertAllRouted();
      const ports = (await account.rules(network)).flatMap((rule) => /tcp (\d+)-.*nlb\/client=/.exec(rule)?.[1] ?? []);
      assert.deepEqual(ports, ['30080', '30083', '30084', '30085']);
    });
    const names = [...(await account.loadBalancers()).values()].flatMap(({ listeners }) =>
      listeners.map(({ targetGroup }) => targetGroup),
    );
    const { targetGroups } = (await account.snapshot(transient)) as { targetGroups: string[] };
    assert.deepEqual(targetGroups.sort(), names.sort(), 'target groups that nothing uses any more are gone');
  });

  it('ends in good order, and changes nothing when it is started again', async () => {
    const before = await account.snapshot(transient);
    assert.equal(await manager.stop(), 0);
    await manager[Symbol.asyncDispose]();
    await phase('restart');
    manager = await start();
    await managed(async () => {
      assert.ok(((await callsOf('restart'))['elasticloadbalancing.DescribeTargetHealth'] ?? 0) >= 4);
    });
    await sleep(quietMilliseconds);
    const writes = Object.keys(await callsOf('restart')).filter((operation) => !operation.includes('.Describe'));
    assert.deepEqual(writes, []);
    assert.deepEqual(await account.snapshot(transient), before);
  });

  it('leaves the account as it was when the Services are gone', async () => {
    await phase('3 Services are deleted');
    for (const name of ['web', 'api', 'edge']) await cluster.deleteService(name);
    await managed(async () => {
      assert.deepEqual([...(await cluster.services()).keys()], ['kubernetes']);
    });
    assert.deepEqual(await account.snapshot(transient), accountBefore);
  });

  it('ends in good order', async () => {
    assert.equal(await manager.stop(), 0);
  });
});

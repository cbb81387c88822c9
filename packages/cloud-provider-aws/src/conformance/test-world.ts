import { clusterStampKey } from '@ccm-ts/cloud-provider';
import type {
  AccountObject,
  BalancerView,
  ConformanceWorld,
  ListenerView,
  Machine,
} from '@ccm-ts/cloud-provider/conformance';
import { AwsCloudProvider } from '../aws-cloud-provider.ts';
import { awsCapabilities } from '../capabilities.ts';
import type { Instance, RoutingTable } from '../client/ec2-port.ts';
import { ownGroupName } from '../load-balancers/classic/names.ts';
import { ruleDescription } from '../load-balancers/network/names.ts';
import { loadBalancerName } from '../load-balancers/surroundings/load-balancer-name.ts';
import { formatProviderID } from '../provider-id.ts';
import { type AwsAccount, testClusterTag, testConfig, testVpc } from '../testing/aws-account.ts';
import { GatedAccount } from './test-gated-account.ts';

const tableID = 'rtb-1';
const clientProtocols: readonly string[] = ['tcp', 'udp'];

/** An account with a network, a route table for pods and no machine, and the provider on it. */
export function openAwsWorld(): {
  readonly world: ConformanceWorld;
  readonly account: AwsAccount;
} {
  const config = testConfig();
  const gated = new GatedAccount(config.scope);
  const { account } = gated;
  const { ec2, elb, elbv2 } = account;
  const internet: RoutingTable['routes'][number] = {
    cidr: '0.0.0.0/0',
    target: { kind: 'other', id: 'igw-1' },
    state: 'active',
  };
  ec2.routingTables.set(tableID, { id: tableID, tags: testClusterTag, routes: [internet] });
  ec2.securityGroups.set('sg-extra', { id: 'sg-extra', name: 'extra', vpcID: testVpc, tags: {}, rules: [] });
  for (const [index, subnet] of ec2.subnets.entries()) {
    ec2.subnets[index] = { ...subnet, ipv6Cidr: `2001:db8:0:${index}::/64` };
  }
  let launched = 0;
  const setState = (machine: Machine, state: Instance['state']): void => {
    const instance = ec2.instances.get(idOf(machine));
    if (instance) ec2.instances.set(instance.id, { ...instance, state });
  };
  const launch = (overrides: Partial<Instance> = {}): Instance => {
    const id = account.launch(++launched, overrides);
    const instance = ec2.instances.get(id);
    if (!instance) throw new Error(`${id} was not launched`);
    return instance;
  };
  const providerIDOf = (id: string): string => {
    const instance = ec2.instances.get(id);
    return instance ? formatProviderID(instance.zone, instance.id) : id;
  };
  const rangesOf = (groupID: string, isOwn: (description: string) => boolean): readonly string[] => {
    const rules = ec2.securityGroups.get(groupID)?.rules ?? [];
    const own = rules.filter((rule) => clientProtocols.includes(rule.protocol) && isOwn(rule.description));
    return [...new Set(own.map(({ cidr }) => cidr))];
  };
  const networkBalancer = (name: string): BalancerView | undefined => {
    const found = [...elbv2.loadBalancers.values()].find((one) => one.name === name);
    if (!found) return undefined;
    const listeners = [...elbv2.listeners.values()].filter((one) => one.loadBalancerArn === found.arn);
    return {
      id: found.arn,
      address: found.dnsName,
      scheme: found.scheme === 'internal' ? 'internal' : 'public',
      families: found.addressType === 'dualstack' ? ['IPv4', 'IPv6'] : ['IPv4'],
      sourceRanges: rangesOf('sg-nodes', (description) => description === ruleDescription('client', name)),
      listeners: listeners.flatMap(({ port, protocol, targetGroupArn }): readonly ListenerView[] => {
        const group = elbv2.targetGroups.get(targetGroupArn);
        const backends = (group?.targets ?? []).map(({ id }) => providerIDOf(id));
        const protocols = protocol === 'TCP_UDP' ? ['TCP', 'UDP'] : [protocol];
        return protocols.map((one) => ({ protocol: one, port, nodePort: group?.port ?? 0, backends }));
      }),
    };
  };
  const classicBalancer = (name: string): BalancerView | undefined => {
    const found = elb.loadBalancers.get(name);
    if (!found) return undefined;
    const group = [...ec2.securityGroups.values()].find((one) => one.name === ownGroupName(name));
    return {
      id: name,
      address: found.dnsName,
      scheme: found.scheme === 'internal' ? 'internal' : 'public',
      sourceRanges: group ? rangesOf(group.id, () => true) : 'unknown',
      listeners: found.listeners.map(({ instancePort, port, protocol }) => ({
        protocol,
        port,
        nodePort: instancePort,
        backends: found.instanceIDs.map(providerIDOf),
      })),
    };
  };
  const changeTable = (change: (table: RoutingTable) => RoutingTable['routes']): void => {
    const table = ec2.routingTables.get(tableID);
    if (table) ec2.routingTables.set(tableID, { ...table, routes: change(table) });
  };
  const findInstances = ec2.findInstances.bind(ec2);

  const world: ConformanceWorld = {
    provider: {
      capabilities: awsCapabilities,
      connect: (context) => new AwsCloudProvider(config, gated.clients(context.gate), context),
    },
    machines: {
      launch({ nodeName } = {}) {
        const { id, privateDnsName, type, zone, networkInterfaces } = launch(
          nodeName === undefined ? {} : { privateDnsName: nodeName },
        );
        return {
          nodeName: privateDnsName,
          providerID: formatProviderID(zone, id),
          instanceType: type,
          zone,
          region: config.scope.region,
          internalIPs: networkInterfaces.flatMap(({ privateIPs }) => privateIPs),
        };
      },
      terminate: (machine) => setState(machine, 'terminated'),
      forget: (machine) => void ec2.instances.delete(idOf(machine)),
      stop: (machine) => setState(machine, 'stopped'),
      start: (machine) => setState(machine, 'running'),
      hideFromLists(machine) {
        ec2.findInstances = async (query, call) => {
          const { value, requestID } = await findInstances(query, call);
          return { value: value.filter(({ id }) => id !== idOf(machine)), requestID };
        };
        return () => {
          ec2.findInstances = findInstances;
        };
      },
    },
    loadBalancers: {
      of({ uid }) {
        const name = loadBalancerName(uid);
        return [networkBalancer(name), classicBalancer(name)].filter((one) => one !== undefined);
      },
      plantNamesake(kind, { uid }, owner) {
        const name = loadBalancerName(uid);
        const tags = { [clusterStampKey]: owner };
        if (kind === 'network') plantNetwork(account, name, tags);
        else plantClassic(account, name, tags);
      },
      // The names of both kinds hold the UID of the Service: whoever bears one without a stamp is proven by it.
      plantUnproven: () => 'noNames',
      emptyBackends({ uid }) {
        const name = loadBalancerName(uid);
        const classic = elb.loadBalancers.get(name);
        if (classic) elb.loadBalancers.set(name, { ...classic, instanceIDs: [] });
        const network = networkBalancer(name);
        for (const { loadBalancerArn, targetGroupArn } of elbv2.listeners.values()) {
          const group = elbv2.targetGroups.get(targetGroupArn);
          if (loadBalancerArn === network?.id && group) elbv2.targetGroups.set(group.arn, { ...group, targets: [] });
        }
      },
    },
    routes: {
      list: () =>
        (ec2.routingTables.get(tableID)?.routes ?? [])
          .filter(({ cidr }) => cidr !== internet.cidr)
          .map(({ cidr, target }) => ({ cidr, target: providerIDOf(target.id) })),
      plantForeign(cidr) {
        const { id } = launch({ tags: {} });
        changeTable(({ routes }) => [...routes, { cidr, target: { kind: 'instance', id }, state: 'active' }]);
      },
      lose: (cidr) => changeTable(({ routes }) => routes.filter((route) => route.cidr !== cidr)),
      mislead: (cidr, machine) =>
        changeTable(({ routes }) =>
          routes.map((route) =>
            route.cidr === cidr ? { ...route, target: { kind: 'instance', id: idOf(machine) } } : route,
          ),
        ),
    },
    volumes: {
      make() {
        const id = `vol-0${ec2.volumes.size}`;
        ec2.volumes.set(id, { id, zone: `${config.scope.region}a` });
        return {
          source: { kind: 'csi', driver: 'ebs.csi.aws.com', handle: id },
          zones: [`${config.scope.region}a`],
          region: config.scope.region,
        };
      },
      missing: { kind: 'csi', driver: 'ebs.csi.aws.com', handle: 'vol-0ff' },
    },
    account: () => describeAccount(account),
    requests: () => gated.requests,
    async [Symbol.asyncDispose]() {},
  };
  return { world, account };
}

function idOf({ providerID }: Machine): string {
  return providerID.slice(providerID.lastIndexOf('/') + 1);
}

function describeAccount({ ec2, elb, elbv2 }: AwsAccount): readonly AccountObject[] {
  const { attributes, listeners, loadBalancers, tags, targetGroups } = elbv2.snapshot();
  const tagged = (kind: string, objects: readonly { readonly arn: string }[]): readonly AccountObject[] =>
    objects.map((object) => ({
      kind,
      id: object.arn,
      stamp: tags.get(object.arn)?.[clusterStampKey] ?? '',
      content: JSON.stringify([object, tags.get(object.arn), attributes.get(object.arn)]),
    }));
  return [
    ...tagged('LoadBalancer', loadBalancers),
    ...tagged('Listener', listeners),
    ...tagged('TargetGroup', targetGroups),
    ...[...elb.loadBalancers.values()].map((one) => ({
      kind: 'ClassicLoadBalancer',
      id: one.name,
      stamp: one.tags[clusterStampKey] ?? '',
      content: JSON.stringify(one),
    })),
    ...[...ec2.securityGroups.values()].map(({ rules, ...group }) => ({
      kind: 'SecurityGroup',
      id: group.id,
      stamp: group.tags[clusterStampKey] ?? '',
      content: JSON.stringify([group, rules.map((rule) => JSON.stringify(rule)).toSorted()]),
    })),
    ...[...ec2.routingTables.values()].flatMap(({ id, routes }) =>
      routes.map((route) => ({
        kind: 'Route',
        id: `${id} ${route.cidr}`,
        stamp: 'untaggable',
        content: JSON.stringify(route),
      })),
    ),
  ];
}

function plantNetwork({ elbv2 }: AwsAccount, name: string, tags: Readonly<Record<string, string>>): void {
  const arn = `arn:aws:elasticloadbalancing:eu-test-1:123456789012:loadbalancer/net/${name}/planted`;
  elbv2.loadBalancers.set(arn, {
    arn,
    name,
    type: 'network',
    scheme: 'internet-facing',
    state: 'active',
    dnsName: `${name}.elb.eu-test-1.amazonaws.com`,
    vpcID: testVpc,
    subnetIDs: ['subnet-public-a'],
    allocationIDs: [],
    privateAddresses: [],
    securityGroupIDs: [],
  });
  elbv2.tags.set(arn, tags);
}

function plantClassic({ elb }: AwsAccount, name: string, tags: Readonly<Record<string, string>>): void {
  elb.loadBalancers.set(name, {
    name,
    dnsName: `${name}.eu-test-1.elb.amazonaws.com`,
    scheme: 'internet-facing',
    vpcID: testVpc,
    subnetIDs: ['subnet-public-a'],
    securityGroupIDs: [],
    instanceIDs: [],
    listeners: [
      {
        port: 8080,
        protocol: 'TCP',
        instancePort: 30_999,
        instanceProtocol: 'TCP',
        certificate: '',
        policies: [],
      },
    ],
    policies: [],
    backends: [],
    healthCheck: undefined,
    attributes: {
      crossZone: false,
      accessLog: { enabled: false, emitIntervalMinutes: undefined, bucket: undefined, prefix: undefined },
      draining: { enabled: false, timeoutSeconds: 300 },
      idleTimeoutSeconds: 60,
    },
    tags,
  });
}

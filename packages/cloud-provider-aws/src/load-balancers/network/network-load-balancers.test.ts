import { beforeEach, describe, expect, it } from '@jest/globals';
import { CloudError, Duration, adoptAnnotation, clusterStampKey } from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { AwsAccount, testCall, testConfig, testInstanceID } from '../../testing/aws-account.ts';
import { type ReconcileOutcome, ensure, remove } from '../../testing/reconcile.ts';
import {
  type TestServiceOptions,
  memberOf,
  tcpPort,
  testCluster,
  testRequest,
  testService,
} from '../../testing/services.ts';
import { Zones } from '../../zones.ts';
import { NetworkLoadBalancers } from './network-load-balancers.ts';

let account: AwsAccount;
let clock: FakeClock;
let ids: string[];

beforeEach(() => {
  account = AwsAccount.withNetwork();
  clock = new FakeClock();
  ids = [1, 2, 3].map((number) => account.launch(number));
});

function newKind(...lines: readonly string[]): NetworkLoadBalancers {
  const zones = new Zones({ ec2: account.ec2, clock });
  return new NetworkLoadBalancers({ clients: account, zones, config: testConfig(...lines), clock });
}

/** Ensures and demands that nothing was refused and nothing is left to do. */
async function converge(kind: NetworkLoadBalancers, options: TestServiceOptions = {}): Promise<ReconcileOutcome> {
  const outcome = await ensure(kind, testRequest(testService(options), ids));
  if (!('applied' in outcome)) throw new Error(`refused: ${JSON.stringify(outcome)}`);
  expect(outcome.refusals).toEqual([]);
  expect(outcome.left).toEqual([]);
  return outcome;
}

function rulesOf(group: string): string[] {
  const rules = account.ec2.securityGroups.get(group)?.rules ?? [];
  return rules
    .map((rule) => `${rule.protocol} ${rule.fromPort}-${rule.toPort} ${rule.cidr} ${rule.description}`)
    .sort();
}

function withoutStamp(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => key !== clusterStampKey));
}

const lb = 'a12345678123412341234123456789ab';

describe('creating', () => {
  it('gives a public load balancer as the Go manager does', async () => {
    const outcome = await converge(newKind());
    const [loadBalancer] = account.elbv2.loadBalancers.values();
    expect(loadBalancer).toMatchObject({
      name: lb,
      scheme: 'internet-facing',
      subnetIDs: ['subnet-public-a', 'subnet-public-b', 'subnet-public-c'],
    });
    expect(account.elbv2.tags.get(loadBalancer!.arn)).toEqual({
      'kubernetes.io/service-name': 'default/web',
      'kubernetes.io/cluster/judge': 'owned',
      [clusterStampKey]: testCluster.uid,
    });
    const [group] = account.elbv2.targetGroups.values();
    expect(group).toMatchObject({
      name: 'k8s-default-web-c527315ba2',
      port: 30080,
      protocol: 'TCP',
      healthCheck: {
        protocol: 'TCP',
        port: 'traffic-port',
        intervalSeconds: 30,
        healthyThreshold: 3,
        unhealthyThreshold: 3,
      },
      targets: ids.map((id) => ({ id, port: 30080 })),
    });
    expect([...account.elbv2.listeners.values()]).toMatchObject([
      { port: 80, protocol: 'TCP', targetGroupArn: group!.arn },
    ]);
    expect(rulesOf('sg-nodes')).toEqual([
      'icmp 3-4 0.0.0.0/0 kubernetes.io/rule/nlb/mtu',
      `tcp 30080-30080 0.0.0.0/0 kubernetes.io/rule/nlb/client=${lb}`,
    ]);
    expect(outcome.result.status?.ingress).toEqual([{ ip: '', hostname: loadBalancer!.dnsName, ipMode: '' }]);
    expect(outcome.next).toEqual({ kind: 'converged' });
  });

  it('costs 8 reads, 2 writes, and 3 writes a port', async () => {
    await converge(newKind(), { spec: { ports: [tcpPort(80, 30080), tcpPort(443, 30443)] } });
    expect(account.recorder.takeCounts()).toEqual({
      // What few things change: kept for ten minutes.
      DescribeInstances: 1,
      DescribeAvailabilityZones: 1,
      DescribeSubnets: 1,
      DescribeRouteTables: 1,
      DescribeSecurityGroups: 2,
      DescribeLoadBalancers: 1,
      DescribeTargetGroups: 1,
      CreateLoadBalancer: 1,
      AuthorizeSecurityGroupIngress: 1,
      CreateTargetGroup: 2,
      RegisterTargets: 2,
      CreateListener: 2,
    });
  });

  it('puts an internal one into all zones, private subnets included', async () => {
    account.ec2.subnets.splice(
      0,
      account.ec2.subnets.length,
      ...account.ec2.subnets.filter(({ id }) => id.includes('private')),
    );
    await converge(newKind(), { annotations: { 'service.beta.kubernetes.io/aws-load-balancer-internal': 'true' } });
    const [loadBalancer] = account.elbv2.loadBalancers.values();
    expect(loadBalancer).toMatchObject({
      scheme: 'internal',
      subnetIDs: ['subnet-private-a', 'subnet-private-b', 'subnet-private-c'],
    });
  });

  it('checks the node that is asked for under the policy Local, from the subnets of the load balancer', async () => {
    await converge(newKind(), { spec: { externalTrafficPolicy: 'Local', healthCheckNodePort: 31000 } });
    const [group] = account.elbv2.targetGroups.values();
    expect(group).toMatchObject({
      name: 'k8s-default-web-fb254b9c58',
      healthCheck: {
        protocol: 'HTTP',
        port: '31000',
        path: '/healthz',
        intervalSeconds: 10,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
      },
    });
    expect(rulesOf('sg-nodes')).toEqual([
      'icmp 3-4 0.0.0.0/0 kubernetes.io/rule/nlb/mtu',
      `tcp 30080-30080 0.0.0.0/0 kubernetes.io/rule/nlb/client=${lb}`,
      ...[0, 1, 2].map((zone) => `tcp 31000-31000 10.0.${zone}.0/24 kubernetes.io/rule/nlb/health=${lb}`),
    ]);
  });

  it('registers more than a hundred targets in hundreds', async () => {
    ids = Array.from({ length: 205 }, (_, number) => account.launch(number + 1));
    await converge(newKind());
    expect(account.recorder.takeCounts().RegisterTargets).toBe(3);
    const [group] = account.elbv2.targetGroups.values();
    expect(group?.targets).toHaveLength(205);
  });

  it('does not register a machine that is off, and keeps one that was switched off', async () => {
    const kind = newKind();
    const switchTo = (id: string, state: 'running' | 'stopped'): void =>
      void account.ec2.instances.set(id, { ...account.ec2.instances.get(id)!, state });
    const targets = (): (string | undefined)[] =>
      [...account.elbv2.targetGroups.values()].flatMap((group) => group.targets.map(({ id }) => id)).sort();
    switchTo(ids[1]!, 'stopped');
    await converge(kind);
    expect(targets()).toEqual([ids[0], ids[2]]);
    switchTo(ids[1]!, 'running');
    switchTo(ids[2]!, 'stopped');
    await clock.advance(Duration.minutes(11));
    await converge(kind);
    expect(targets()).toEqual(ids);
  });

  it('registers the others when AWS refuses one that was running a moment ago', async () => {
    const kind = newKind();
    await kind.facts(testRequest(testService(), ids), testCall());
    account.ec2.instances.set(ids[1]!, { ...account.ec2.instances.get(ids[1]!)!, state: 'stopped' });
    const outcome = await ensure(kind, testRequest(testService(), ids));
    const [group] = account.elbv2.targetGroups.values();
    expect(group?.targets.map(({ id }) => id)).toEqual([ids[0], ids[2]]);
    expect(outcome).toMatchObject({ left: [expect.stringContaining(ids[1]!)] });
  });

  it('finds out about a machine that AWS refused, and wants it no more when it is gone', async () => {
    const kind = newKind();
    await kind.facts(testRequest(testService(), ids), testCall());
    account.ec2.instances.set(ids[1]!, { ...account.ec2.instances.get(ids[1]!)!, state: 'terminated' });
    await ensure(kind, testRequest(testService(), ids));
    account.recorder.takeCounts();
    await converge(kind);
    expect(account.recorder.takeCounts().DescribeInstances).toBe(1);
    const [group] = account.elbv2.targetGroups.values();
    expect(group?.targets.map(({ id }) => id)).toEqual([ids[0], ids[2]]);
  });

  it('goes on with the rest when AWS refuses all that are to be registered', async () => {
    const kind = newKind();
    await kind.facts(testRequest(testService(), ids), testCall());
    for (const id of ids) account.ec2.instances.set(id, { ...account.ec2.instances.get(id)!, state: 'stopped' });
    const outcome = await ensure(kind, testRequest(testService(), ids));
    expect([...account.elbv2.targetGroups.values()].flatMap(({ targets }) => targets)).toEqual([]);
    expect(account.elbv2.listeners.size).toBe(1);
    expect(outcome).toMatchObject({ left: [expect.stringContaining(ids[0]!)] });
  });

  it('does not ask for a machine that EC2 does not know each time', async () => {
    const kind = newKind();
    const unknown = [...ids, testInstanceID(99)];
    await kind.facts(testRequest(testService(), unknown), testCall());
    await kind.facts(testRequest(testService(), unknown), testCall());
    expect(account.recorder.takeCounts().DescribeInstances).toBe(1);
    account.launch(99);
    await clock.advance(Duration.seconds(31));
    const facts = await kind.facts(testRequest(testService(), unknown), testCall());
    expect(facts.instances.size).toBe(4);
    expect(account.recorder.takeCounts().DescribeInstances).toBe(1);
  });

  it('does not look at the security groups when they are left alone', async () => {
    await converge(newKind('DisableSecurityGroupIngress = true'));
    expect(account.recorder.takeCounts()).not.toHaveProperty('DescribeSecurityGroups');
    expect(rulesOf('sg-nodes')).toEqual([]);
  });

  it('knows the VPC from the configuration when there is no node yet', async () => {
    ids = [];
    await converge(newKind('VPC = vpc-1'));
    expect(account.elbv2.loadBalancers.size).toBe(1);
  });
});

describe('a converged Service', () => {
  it('plans nothing, and looking live at everything costs 10 reads', async () => {
    const kind = newKind();
    await converge(kind);
    account.recorder.take();
    const outcome = await converge(kind);
    expect(outcome.applied).toEqual([]);
    expect(account.recorder.takeCounts()).toEqual({
      DescribeLoadBalancerAttributes: 1,
      DescribeSubnets: 1,
      DescribeRouteTables: 1,
      DescribeSecurityGroups: 2,
      DescribeLoadBalancers: 1,
      DescribeTargetGroups: 1,
      DescribeTags: 1,
      DescribeListeners: 1,
      DescribeTargetHealth: 1,
    });
  });
});

describe('changing', () => {
  it('adds a port, removes one, and changes a node port', async () => {
    const kind = newKind();
    await converge(kind, { spec: { ports: [tcpPort(80, 30080), tcpPort(443, 30443)] } });
    await converge(kind, { spec: { ports: [tcpPort(80, 30090), tcpPort(8080, 30081)] } });
    const groups = new Map([...account.elbv2.targetGroups.values()].map(({ arn, port }) => [arn, port]));
    const listeners = [...account.elbv2.listeners.values()].map(
      ({ port, targetGroupArn }) => `${port} → ${groups.get(targetGroupArn)}`,
    );
    expect(listeners.sort()).toEqual(['80 → 30090', '8080 → 30081']);
    expect([...groups.values()].sort()).toEqual([30081, 30090]);
    expect(rulesOf('sg-nodes')).toEqual([
      'icmp 3-4 0.0.0.0/0 kubernetes.io/rule/nlb/mtu',
      `tcp 30081-30081 0.0.0.0/0 kubernetes.io/rule/nlb/client=${lb}`,
      `tcp 30090-30090 0.0.0.0/0 kubernetes.io/rule/nlb/client=${lb}`,
    ]);
  });

  it('moves traffic to the new target group before the old one goes', async () => {
    const kind = newKind();
    await converge(kind);
    account.recorder.take();
    await converge(kind, { spec: { externalTrafficPolicy: 'Local', healthCheckNodePort: 31000 } });
    const writes = account.recorder.take().filter((operation) => !operation.startsWith('Describe'));
    expect(writes).toEqual([
      'AuthorizeSecurityGroupIngress',
      'CreateTargetGroup',
      'RegisterTargets',
      'ModifyListener',
      'DeleteTargetGroup',
    ]);
    await converge(kind);
    expect(rulesOf('sg-nodes')).toEqual([
      'icmp 3-4 0.0.0.0/0 kubernetes.io/rule/nlb/mtu',
      `tcp 30080-30080 0.0.0.0/0 kubernetes.io/rule/nlb/client=${lb}`,
    ]);
  });

  it('costs one write for each change of the nodes', async () => {
    const kind = newKind();
    await converge(kind);
    ids = [...ids, account.launch(4)];
    account.recorder.take();
    const { applied } = await converge(kind);
    expect(applied).toEqual([`update TargetGroup k8s-default-web-c527315ba2 (targets:  → ${testInstanceID(4)})`]);
    ids = ids.slice(1);
    expect((await converge(kind)).applied).toEqual([
      `update TargetGroup k8s-default-web-c527315ba2 (targets: ${testInstanceID(1)} → )`,
    ]);
  });

  it('narrows and widens the ranges that clients come from', async () => {
    const kind = newKind();
    await converge(kind, { spec: { loadBalancerSourceRanges: ['192.0.2.0/24', '198.51.100.77/24'] } });
    const health = [0, 1, 2].map((zone) => `tcp 30080-30080 10.0.${zone}.0/24 kubernetes.io/rule/nlb/health=${lb}`);
    expect(rulesOf('sg-nodes')).toEqual([
      'icmp 3-4 192.0.2.0/24 kubernetes.io/rule/nlb/mtu',
      'icmp 3-4 198.51.100.0/24 kubernetes.io/rule/nlb/mtu',
      ...health,
      `tcp 30080-30080 192.0.2.0/24 kubernetes.io/rule/nlb/client=${lb}`,
      `tcp 30080-30080 198.51.100.0/24 kubernetes.io/rule/nlb/client=${lb}`,
    ]);
    await converge(kind, {
      annotations: { 'service.beta.kubernetes.io/load-balancer-source-ranges': '10.0.0.0/24, 10.9.0.0/16' },
    });
    expect(rulesOf('sg-nodes')).toEqual([
      'icmp 3-4 10.0.0.0/24 kubernetes.io/rule/nlb/mtu',
      'icmp 3-4 10.9.0.0/16 kubernetes.io/rule/nlb/mtu',
      // To EC2 this is the health rule that was there already; it serves clients just as well.
      `tcp 30080-30080 10.0.0.0/24 kubernetes.io/rule/nlb/health=${lb}`,
      ...health.slice(1),
      `tcp 30080-30080 10.9.0.0/16 kubernetes.io/rule/nlb/client=${lb}`,
    ]);
    await remove(kind, testService());
    expect(rulesOf('sg-nodes')).toEqual([]);
  });

  it('says that the scheme can not be changed, and goes on with the rest', async () => {
    const kind = newKind();
    await converge(kind, { annotations: { 'service.beta.kubernetes.io/aws-load-balancer-internal': 'true' } });
    const outcome = await converge(kind, { spec: { ports: [tcpPort(81, 30080)] } });
    expect(outcome.next).toMatchObject({ kind: 'blocked', reason: expect.stringContaining('internet-facing') });
    expect([...account.elbv2.listeners.values()].map(({ port }) => port)).toEqual([81]);
    expect(outcome.result.status?.ingress).toHaveLength(1);
  });

  it('follows the nodes to another security group', async () => {
    const kind = newKind();
    await converge(kind);
    account.ec2.securityGroups.set('sg-2', { id: 'sg-2', name: 'sg-2', vpcID: 'vpc-1', tags: {}, rules: [] });
    ids = [account.launch(9, { securityGroupIDs: ['sg-2'] })];
    await converge(kind);
    expect(rulesOf('sg-nodes')).toEqual([]);
    expect(rulesOf('sg-2')).toHaveLength(2);
  });
});

describe('deleting', () => {
  it('leaves the account as it was', async () => {
    const before = account.snapshot();
    const kind = newKind();
    await converge(kind, { spec: { ports: [tcpPort(80, 30080), tcpPort(443, 30443)] } });
    const outcome = await remove(kind, testService());
    expect(outcome).toMatchObject({ next: { kind: 'converged' }, left: [], refusals: [] });
    expect(account.snapshot()).toEqual(before);
  });

  it('costs 4 calls that read and 3 that write for one port', async () => {
    const kind = newKind();
    await converge(kind);
    account.recorder.take();
    const service = testService();
    const metadata = { ...service.metadata, deletionTimestamp: '2026-01-01T01:00:00Z' };
    await remove(kind, { ...service, metadata });
    expect(account.recorder.takeCounts()).toEqual({
      DescribeLoadBalancers: 1,
      DescribeTargetGroups: 1,
      DescribeTags: 1,
      DescribeSecurityGroups: 1,
      DeleteLoadBalancer: 1,
      DeleteTargetGroup: 1,
      RevokeSecurityGroupIngress: 1,
    });
  });

  it.each(['DeleteLoadBalancer', 'DeleteTargetGroup', 'RevokeSecurityGroupIngress'] as const)(
    'leaves nothing behind when %s fails the first time',
    async (operation) => {
      const before = account.snapshot();
      const kind = newKind();
      await converge(kind);
      account.recorder.throttleNext(operation);
      await expect(remove(kind, testService())).rejects.toMatchObject({ code: 'Throttled' });
      await remove(kind, testService());
      expect(account.snapshot()).toEqual(before);
    },
  );

  it('removes what is left of a load balancer that somebody deleted by hand', async () => {
    const before = account.snapshot();
    const kind = newKind();
    await converge(kind);
    const [arn] = account.elbv2.loadBalancers.keys();
    await account.elbv2.deleteLoadBalancer(arn!, testCall());
    expect(await kind.traces(memberOf(testService()), testCall())).toBe('present');
    await remove(newKind(), testService());
    expect(account.snapshot()).toEqual(before);
    await clock.advance(Duration.seconds(31));
    expect(await kind.traces(memberOf(testService()), testCall())).toBe('none');
  });

  it('says why it does not know of traces when AWS does not answer', async () => {
    account.recorder.throttleNext('DescribeTargetGroups');
    const traces = newKind().traces(memberOf(testService()), testCall());
    await expect(traces).rejects.toMatchObject({ code: 'Throttled', details: { operation: 'DescribeTargetGroups' } });
  });
});

describe('two load balancers in one security group', () => {
  const other = { name: 'api', uid: 'bbbbbbbb-0000-0000-0000-000000000000', spec: { ports: [tcpPort(90, 30090)] } };

  it('share the rule for path MTU discovery until the last one goes', async () => {
    const kind = newKind();
    await converge(kind);
    await converge(kind, other);
    await remove(kind, testService());
    expect(rulesOf('sg-nodes')).toEqual([
      'icmp 3-4 0.0.0.0/0 kubernetes.io/rule/nlb/mtu',
      'tcp 30090-30090 0.0.0.0/0 kubernetes.io/rule/nlb/client=abbbbbbbb00000000000000000000000',
    ]);
    await remove(kind, testService(other));
    expect(rulesOf('sg-nodes')).toEqual([]);
  });

  it('keep it when one goes while the other comes', async () => {
    const kind = newKind();
    await converge(kind);
    // Both look before either writes.
    await Promise.all([remove(kind, testService()), converge(kind, other)]);
    expect(rulesOf('sg-nodes')).toEqual([
      'icmp 3-4 0.0.0.0/0 kubernetes.io/rule/nlb/mtu',
      expect.stringContaining('tcp 30090-30090 0.0.0.0/0'),
    ]);
  });

  it('are made side by side without missing a rule', async () => {
    const kind = newKind();
    const services = Array.from({ length: 20 }, (_, index) => ({
      name: `s${index}`,
      uid: `${String(index).padStart(8, '0')}-0000-0000-0000-000000000000`,
      spec: { ports: [tcpPort(80, 31000 + index)] },
    }));
    await Promise.all(services.map((service) => converge(kind, service)));
    expect(rulesOf('sg-nodes')).toHaveLength(21);
    const counts = account.recorder.takeCounts();
    // The list of target groups and the network are read together.
    expect(counts).toMatchObject({
      DescribeInstances: 1,
      DescribeSubnets: 2,
      DescribeTargetGroups: 3,
      CreateLoadBalancer: 20,
    });
    await Promise.all(services.map((service) => remove(kind, testService(service))));
    expect(rulesOf('sg-nodes')).toEqual([]);
    expect(account.elbv2.targetGroups.size).toBe(0);
  });
});

describe('a lost reply', () => {
  it.each([
    'CreateLoadBalancer',
    'CreateTargetGroup',
    'RegisterTargets',
    'CreateListener',
    'AuthorizeSecurityGroupIngress',
  ] as const)('of %s makes no second object', async (operation) => {
    const kind = newKind();
    account.recorder.failNext(operation, { kind: 'lost-reply' });
    await expect(converge(kind)).rejects.toMatchObject({ code: 'Unavailable' });
    await converge(kind);
    expect(account.elbv2.loadBalancers.size).toBe(1);
    expect(account.elbv2.targetGroups.size).toBe(1);
    expect(account.elbv2.listeners.size).toBe(1);
    expect(rulesOf('sg-nodes')).toHaveLength(2);
  });

  it('of an operation that is simply sent again changes nothing either', async () => {
    const kind = newKind();
    const service = testService();
    const call = testCall();
    const facts = await kind.facts(testRequest(service, ids), call);
    const desire = kind.desire(testRequest(service, ids), facts);
    if (desire.kind !== 'desired') throw new Error(desire.reason);
    let observed = await kind.observe('', [memberOf(service)], call);
    const wishes = new Map([[service.metadata.uid, { kind: 'present' as const, desired: desire.desired }]]);
    for (const operation of kind.plan(wishes, observed).operations) {
      const before = observed;
      const result = await kind.apply(operation, before, call);
      if (operation.action.kind !== 'create-listener') await kind.apply(operation, before, call);
      if (result.kind === 'done') observed = kind.fold(observed, operation, result.outputs);
    }
    expect(account.elbv2.loadBalancers.size).toBe(1);
    expect(account.elbv2.targetGroups.size).toBe(1);
    expect(rulesOf('sg-nodes')).toHaveLength(2);
  });
});

describe('ownership', () => {
  it('refuses to touch a load balancer that is stamped for another cluster', async () => {
    await converge(newKind());
    for (const [arn, tags] of account.elbv2.tags)
      account.elbv2.tags.set(arn, { ...tags, [clusterStampKey]: 'another' });
    const before = account.snapshot();
    const kind = newKind();
    const outcome = await ensure(kind, testRequest(testService({ spec: { ports: [tcpPort(81, 30081)] } }), ids));
    expect(outcome).toMatchObject({ applied: [], refusals: [{ reason: 'OwnershipConflict' }], result: {} });
    expect(account.snapshot()).toEqual(before);
  });

  it('leaves it alone when the Service is deleted', async () => {
    await converge(newKind('DisableSecurityGroupIngress = true'));
    for (const [arn, tags] of account.elbv2.tags)
      account.elbv2.tags.set(arn, { ...tags, [clusterStampKey]: 'another' });
    const before = account.snapshot();
    expect(await remove(newKind(), testService())).toMatchObject({ applied: [], next: { kind: 'converged' } });
    expect(account.snapshot()).toEqual(before);
  });

  it('takes over what the Go manager made, without a write', async () => {
    await converge(newKind());
    for (const [arn, tags] of account.elbv2.tags) {
      account.elbv2.tags.set(arn, withoutStamp(tags));
    }
    expect((await converge(newKind())).applied).toEqual([]);
    await remove(newKind(), testService());
    expect(account.elbv2.snapshot()).toMatchObject({ loadBalancers: [], targetGroups: [] });
  });

  it('removes an unstamped target group without load balancer only if the Service accounts for its name', async () => {
    await converge(newKind());
    for (const [arn, tags] of account.elbv2.tags) {
      account.elbv2.tags.set(arn, withoutStamp(tags));
    }
    const [arn] = account.elbv2.loadBalancers.keys();
    await account.elbv2.deleteLoadBalancer(arn!, testCall());
    await remove(newKind(), testService({ spec: { ports: [tcpPort(80, 31234)] } }));
    expect(account.elbv2.targetGroups.size).toBe(1);
    await remove(newKind(), testService());
    expect(account.elbv2.targetGroups.size).toBe(0);
  });

  it('does not use an unproven target group of the right name', async () => {
    const kind = newKind();
    await converge(kind);
    await remove(kind, testService());
    const healthCheck = {
      protocol: 'TCP',
      port: 'traffic-port',
      path: '',
      intervalSeconds: 30,
      healthyThreshold: 3,
      unhealthyThreshold: 3,
    };
    await account.elbv2.createTargetGroup(
      {
        name: 'k8s-default-web-c527315ba2',
        port: 30080,
        protocol: 'TCP',
        vpcID: 'vpc-1',
        healthCheck,
        tags: { 'kubernetes.io/service-name': 'default/web', [clusterStampKey]: 'another' },
      },
      testCall(),
    );
    const outcome = await ensure(kind, testRequest(testService(), ids));
    expect(outcome).toMatchObject({ refusals: [{ reason: 'OwnershipConflict' }] });
    expect(account.elbv2.listeners.size).toBe(0);
  });

  it('adopts a target group that the Service names, and no other', async () => {
    await converge(newKind());
    const [loadBalancer] = account.elbv2.loadBalancers.keys();
    const [arn] = account.elbv2.targetGroups.keys();
    await account.elbv2.deleteLoadBalancer(loadBalancer!, testCall());
    account.elbv2.tags.set(arn!, { 'kubernetes.io/service-name': 'default/web' });
    const asking = (id: string) => testService({ annotations: { [adoptAnnotation]: id } });
    const refused = { refusals: [{ reason: 'OwnershipConflict' }] };
    expect(await ensure(newKind(), testRequest(testService(), ids))).toMatchObject(refused);
    expect(await ensure(newKind(), testRequest(asking('arn:another'), ids))).toMatchObject(refused);
    expect(await ensure(newKind(), testRequest(asking(arn!), ids))).toMatchObject({ refusals: [], left: [] });
    expect([...account.elbv2.listeners.values()]).toMatchObject([{ targetGroupArn: arn }]);
    expect(account.elbv2.tags.get(arn!)).toMatchObject({ [clusterStampKey]: testCluster.uid });
    await remove(newKind(), testService());
    expect(account.elbv2.snapshot()).toMatchObject({ loadBalancers: [], targetGroups: [] });
  });

  it('leaves foreign rules and target groups of a similar name where they are', async () => {
    const kind = newKind();
    const rule = { protocol: 'tcp', fromPort: 22, toPort: 22, cidr: '203.0.113.0/24', description: 'ssh' };
    await account.ec2.authorizeIngress('sg-nodes', [rule], testCall());
    await converge(kind, {
      name: 'web-of-others',
      uid: 'dddddddd-0000-0000-0000-000000000000',
      spec: { ports: [tcpPort(80, 30500)] },
    });
    const before = account.snapshot();
    await converge(kind, { name: 'web-of-ours' });
    await remove(kind, testService({ name: 'web-of-ours' }));
    expect(account.snapshot()).toEqual(before);
  });
});

describe('claiming', () => {
  it.each([
    ['nlb', true],
    ['external', false],
    ['nlb-ip', false],
    ['clb', false],
  ])('a Service of the type %s: %s', (type, claimed) => {
    const service = testService({ annotations: { 'service.beta.kubernetes.io/aws-load-balancer-type': type } });
    expect(newKind().claims(service)).toBe(claimed);
  });
});

describe('errors', () => {
  it('come through as they are, for the budget to see', async () => {
    account.recorder.throttleNext('CreateListener');
    const failure = ensure(newKind(), testRequest(testService(), ids));
    await expect(failure).rejects.toBeInstanceOf(CloudError);
    await expect(failure).rejects.toMatchObject({ code: 'Throttled', details: { retryAfter: { milliseconds: 1000 } } });
  });
});

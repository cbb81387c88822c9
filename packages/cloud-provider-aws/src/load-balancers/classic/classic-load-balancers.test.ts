import { beforeEach, describe, expect, it } from '@jest/globals';
import { clusterStampKey } from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import type { StoredClassic } from '../../testing/in-memory-classic-elb.ts';
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
import { NetworkLoadBalancers } from '../network/network-load-balancers.ts';
import { ClassicLoadBalancers } from './classic-load-balancers.ts';

const lb = 'a12345678123412341234123456789ab';
const prefix = 'service.beta.kubernetes.io/aws-load-balancer-';
const ownGroup = 'sg-created-1';

let account: AwsAccount;
let clock: FakeClock;
let ids: string[];

beforeEach(() => {
  account = AwsAccount.withNetwork();
  clock = new FakeClock();
  ids = [1, 2, 3].map((number) => account.launch(number));
});

function newKind(...lines: readonly string[]): ClassicLoadBalancers {
  const zones = new Zones({ ec2: account.ec2, clock });
  return new ClassicLoadBalancers({ clients: account, zones, config: testConfig(...lines), clock });
}

function classicService(
  annotations: Readonly<Record<string, string>> = {},
  options: Omit<TestServiceOptions, 'annotations'> = {},
): ReturnType<typeof testService> {
  const full = Object.entries(annotations).map(([suffix, value]) => [prefix + suffix, value] as const);
  return testService({ ...options, annotations: { [`${prefix}type`]: '', ...Object.fromEntries(full) } });
}

async function converge(kind: ClassicLoadBalancers, service = classicService()): Promise<ReconcileOutcome> {
  const outcome = await ensure(kind, testRequest(service, ids));
  if (!('applied' in outcome)) throw new Error(`refused: ${JSON.stringify(outcome)}`);
  expect(outcome).toMatchObject({ refusals: [], left: [], next: { kind: 'converged' } });
  return outcome;
}

function loadBalancer(): StoredClassic {
  return account.elb.loadBalancers.get(lb)!;
}

function alter(change: Partial<StoredClassic>): void {
  account.elb.loadBalancers.set(lb, { ...loadBalancer(), ...change });
}

function rulesOf(group: string): string[] {
  const rules = account.ec2.securityGroups.get(group)?.rules ?? [];
  return rules.map((rule) => `${rule.protocol} ${rule.fromPort}-${rule.toPort} ${rule.cidr}`).sort();
}

function addGroup(id: string): void {
  account.ec2.securityGroups.set(id, { id, name: id, vpcID: 'vpc-1', tags: {}, rules: [] });
}

function snapshot(): unknown {
  return structuredClone({ elb: account.elb.loadBalancers, groups: account.ec2.securityGroups });
}

describe('creating', () => {
  it('gives what the Go manager gives', async () => {
    const outcome = await converge(newKind());
    expect(loadBalancer()).toMatchObject({
      scheme: 'internet-facing',
      subnetIDs: ['subnet-public-a', 'subnet-public-b', 'subnet-public-c'],
      securityGroupIDs: [ownGroup],
      instanceIDs: ids,
      listeners: [{ port: 80, protocol: 'TCP', instancePort: 30080, instanceProtocol: 'TCP' }],
      healthCheck: {
        target: 'TCP:30080',
        intervalSeconds: 10,
        timeoutSeconds: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 6,
      },
      tags: {
        'kubernetes.io/service-name': 'default/web',
        'kubernetes.io/cluster/judge': 'owned',
        [clusterStampKey]: testCluster.uid,
      },
    });
    expect(account.ec2.securityGroups.get(ownGroup)).toMatchObject({
      name: `k8s-elb-${lb}`,
      tags: { 'kubernetes.io/cluster/judge': 'owned', [clusterStampKey]: testCluster.uid },
    });
    expect(rulesOf(ownGroup)).toEqual(['icmp 3-4 0.0.0.0/0', 'tcp 80-80 0.0.0.0/0']);
    expect(rulesOf('sg-nodes')).toEqual([`-1 -1--1 ${ownGroup}`]);
    expect(outcome.result.status?.ingress).toMatchObject([{ hostname: loadBalancer().dnsName }]);
  });

  it('costs 6 writes, and a second look none', async () => {
    const kind = newKind();
    await converge(kind);
    const writes = account.recorder.take().filter((operation) => !operation.startsWith('Describe'));
    expect(writes).toEqual([
      'CreateSecurityGroup',
      'AuthorizeSecurityGroupIngress',
      'CreateLoadBalancer',
      'ConfigureHealthCheck',
      'AuthorizeSecurityGroupIngress',
      'RegisterInstancesWithLoadBalancer',
    ]);
    expect((await converge(kind)).applied).toEqual([]);
  });

  it.each<[string, Record<string, string>, Partial<Record<string, unknown>>]>([
    [
      'internal',
      { internal: 'true' },
      { scheme: 'internal', subnetIDs: ['subnet-private-a', 'subnet-private-b', 'subnet-private-c'] },
    ],
    [
      'TLS',
      { 'ssl-cert': 'arn:1' },
      { listeners: [{ protocol: 'SSL', instanceProtocol: 'TCP', certificate: 'arn:1' }] },
    ],
    [
      'HTTPS',
      { 'ssl-cert': 'arn:1', 'backend-protocol': 'http', 'ssl-ports': ' 80 ' },
      { listeners: [{ protocol: 'HTTPS', instanceProtocol: 'HTTP' }] },
    ],
    ['HTTP', { 'backend-protocol': 'http' }, { listeners: [{ protocol: 'HTTP', instanceProtocol: 'HTTP' }] }],
    [
      'TLS on another port',
      { 'ssl-cert': 'arn:1', 'ssl-ports': '443' },
      { listeners: [{ protocol: 'TCP', certificate: '' }] },
    ],
    [
      'a TLS policy',
      { 'ssl-cert': 'arn:1', 'ssl-negotiation-policy': 'P-1' },
      { listeners: [{ policies: ['k8s-SSLNegotiationPolicy-P-1'] }] },
    ],
    [
      'the proxy protocol',
      { 'proxy-protocol': '*' },
      { backends: [{ port: 30080, policies: ['k8s-proxyprotocol-enabled'] }] },
    ],
    [
      'attributes',
      {
        'connection-draining-enabled': 'true',
        'connection-draining-timeout': '120',
        'connection-idle-timeout': '90',
        'cross-zone-load-balancing-enabled': 'true',
      },
      { attributes: { crossZone: true, draining: { enabled: true, timeoutSeconds: 120 }, idleTimeoutSeconds: 90 } },
    ],
    [
      'access logs',
      {
        'access-log-enabled': 'true',
        'access-log-s3-bucket-name': 'b',
        'access-log-s3-bucket-prefix': 'p',
        'access-log-emit-interval': '5',
      },
      { attributes: { accessLog: { enabled: true, bucket: 'b', prefix: 'p', emitIntervalMinutes: 5 } } },
    ],
    [
      'a health check',
      {
        'healthcheck-protocol': 'http',
        'healthcheck-port': '8080',
        'healthcheck-path': '/up',
        'healthcheck-interval': '30',
      },
      { healthCheck: { target: 'HTTP:8080/up', intervalSeconds: 30 } },
    ],
    ['a check over TLS', { 'backend-protocol': 'ssl' }, { healthCheck: { target: 'SSL:30080' } }],
    ['named subnets', { subnets: 'subnet-public-b' }, { subnetIDs: ['subnet-public-b'] }],
    ['tags', { 'additional-resource-tags': 'team=a,url=x=y' }, { tags: { team: 'a', url: 'x=y' } }],
  ])('knows %s, and finds nothing to do afterwards', async (_, annotations, expected) => {
    const kind = newKind();
    await converge(kind, classicService(annotations));
    expect(loadBalancer()).toMatchObject(expected);
    expect((await converge(newKind(), classicService(annotations))).applied).toEqual([]);
    expect((await remove(kind, classicService(annotations))).left).toEqual([]);
    expect(account.elb.loadBalancers.size).toBe(0);
  });

  it('checks the health port of local traffic', async () => {
    await converge(
      newKind(),
      classicService({}, { spec: { externalTrafficPolicy: 'Local', healthCheckNodePort: 31000 } }),
    );
    expect(loadBalancer().healthCheck?.target).toBe('HTTP:31000/healthz');
  });

  it.each([
    ['proxy-protocol', 'yes'],
    ['connection-idle-timeout', '0'],
    ['cross-zone-load-balancing-enabled', 'maybe'],
    ['healthcheck-interval', '4'],
    ['healthcheck-protocol', 'UDP'],
    ['subnets', ' , '],
    ['subnets', 'nowhere'],
    ['security-groups', 'web'],
    ['target-group-attributes', 'x=y'],
    ['access-log-enabled', 'ja'],
  ])('refuses %s: %j, and leaves nothing behind', async (suffix, value) => {
    const before = snapshot();
    const outcome = await ensure(newKind(), testRequest(classicService({ [suffix]: value }), ids));
    expect(outcome).toMatchObject({ kind: 'refusal', field: prefix + suffix, value, fix: expect.any(String) });
    expect(snapshot()).toEqual(before);
  });

  it('refuses UDP', async () => {
    const ports = [{ ...tcpPort(53, 30053), protocol: 'UDP' as const }];
    const outcome = await ensure(newKind(), testRequest(classicService({}, { spec: { ports } }), ids));
    expect(outcome).toMatchObject({ kind: 'refusal', reason: 'UnsupportedProtocol' });
  });
});

describe('each owned field that somebody altered is repaired, alone', () => {
  const drifts: readonly (readonly [string, () => void | Promise<void>, readonly string[]])[] = [
    ['a tag', () => alter({ tags: { ...loadBalancer().tags, 'kubernetes.io/service-name': 'x' } }), ['AddTags']],
    ['a subnet', () => alter({ subnetIDs: ['subnet-public-a', 'subnet-public-b'] }), ['AttachLoadBalancerToSubnets']],
    ['the listener', () => alter({ listeners: [] }), ['CreateLoadBalancerListeners']],
    [
      'its node port',
      () => alter({ listeners: loadBalancer().listeners.map((listener) => ({ ...listener, instancePort: 1 })) }),
      ['DeleteLoadBalancerListeners', 'CreateLoadBalancerListeners'],
    ],
    [
      'the interval',
      () => alter({ healthCheck: { ...loadBalancer().healthCheck!, intervalSeconds: 99 } }),
      ['ConfigureHealthCheck'],
    ],
    [
      'an attribute',
      () => alter({ attributes: { ...loadBalancer().attributes, idleTimeoutSeconds: 1 } }),
      ['ModifyLoadBalancerAttributes'],
    ],
    [
      'an instance',
      () => alter({ instanceIDs: loadBalancer().instanceIDs.slice(1) }),
      ['RegisterInstancesWithLoadBalancer'],
    ],
    [
      'a foreign instance',
      () => alter({ instanceIDs: [...ids, testInstanceID(77)] }),
      ['DeregisterInstancesFromLoadBalancer'],
    ],
    ['the groups', () => alter({ securityGroupIDs: ['sg-nodes'] }), ['ApplySecurityGroupsToLoadBalancer']],
    [
      'a rule of its group',
      () =>
        account.ec2.revokeIngress(ownGroup, account.ec2.securityGroups.get(ownGroup)!.rules.slice(0, 1), testCall()),
      ['AuthorizeSecurityGroupIngress'],
    ],
    [
      'a surplus rule of its group',
      () =>
        account.ec2.authorizeIngress(
          ownGroup,
          [{ protocol: 'tcp', fromPort: 1, toPort: 1, cidr: '0.0.0.0/0', description: '' }],
          testCall(),
        ),
      ['RevokeSecurityGroupIngress'],
    ],
    [
      'the rule of the nodes',
      () => account.ec2.revokeIngress('sg-nodes', account.ec2.securityGroups.get('sg-nodes')!.rules, testCall()),
      ['AuthorizeSecurityGroupIngress'],
    ],
  ];

  it.each(drifts)('%s', async (_, change, writes) => {
    const kind = newKind();
    await converge(kind);
    const before = snapshot();
    await change();
    account.recorder.take();
    await converge(kind);
    expect(account.recorder.take().filter((operation) => !operation.startsWith('Describe'))).toEqual(writes);
    const sorted = (value: unknown): string =>
      JSON.stringify(
        [...JSON.stringify(value, (__, part: unknown) => (part instanceof Map ? [...part] : part))].sort(),
      );
    expect(sorted(snapshot())).toBe(sorted(before));
    expect((await converge(kind)).applied).toEqual([]);
  });

  it('but nothing that nobody asked for', async () => {
    const kind = newKind();
    await converge(kind);
    alter({
      tags: { ...loadBalancer().tags, 'cost-center': '7' },
      attributes: { ...loadBalancer().attributes, draining: { enabled: false, timeoutSeconds: 17 } },
    });
    expect((await converge(kind)).applied).toEqual([]);
  });
});

describe('changing', () => {
  it('moves to groups that users look after, and back', async () => {
    addGroup('sg-byo');
    const kind = newKind();
    await converge(kind);
    await converge(kind, classicService({ 'security-groups': 'sg-byo' }));
    expect(loadBalancer().securityGroupIDs).toEqual(['sg-byo']);
    expect(rulesOf('sg-nodes')).toEqual(['-1 -1--1 sg-byo']);
    expect(account.ec2.securityGroups.has(ownGroup)).toBe(false);
    await converge(kind);
    expect(rulesOf('sg-nodes')).toEqual(['-1 -1--1 sg-created-2']);
    expect(account.ec2.securityGroups.has('sg-byo')).toBe(true);
  });

  it('names the groups that were asked for when AWS refuses one of them', async () => {
    const service = classicService({ 'security-groups': 'sg-gone' });
    const failure = ensure(newKind(), testRequest(service, ids));
    await expect(failure).rejects.toThrow(/asked for: sg-gone;.*aws-load-balancer-security-groups/);
    await expect(failure).rejects.toMatchObject({ code: 'Invalid' });
  });

  it('keeps the rule of a group that another load balancer still uses', async () => {
    addGroup('sg-byo');
    const other = classicService({}, { name: 'api', uid: 'bbbbbbbb-0000-0000-0000-000000000000' });
    const kind = newKind('ElbSecurityGroup = sg-byo');
    await converge(kind);
    await converge(kind, other);
    await remove(kind, classicService());
    expect(rulesOf('sg-nodes')).toEqual(['-1 -1--1 sg-byo']);
    await remove(kind, other);
    expect(rulesOf('sg-nodes')).toEqual([]);
    expect(account.ec2.securityGroups.has('sg-byo')).toBe(true);
  });

  it('says that the scheme can not be changed, and keeps the subnets that fit it', async () => {
    const kind = newKind();
    await converge(kind);
    const outcome = await ensure(kind, testRequest(classicService({ internal: 'true' }), ids));
    expect(outcome).toMatchObject({
      applied: [],
      next: { kind: 'blocked', reason: expect.stringContaining('internet-facing') },
    });
  });

  it('follows ports, nodes and source ranges', async () => {
    const kind = newKind();
    await converge(kind);
    ids = [...ids.slice(1), account.launch(4)];
    const spec = { ports: [tcpPort(81, 30081)], loadBalancerSourceRanges: ['192.0.2.0/24', '2001:db8::/32'] };
    await converge(kind, classicService({}, { spec }));
    expect(loadBalancer()).toMatchObject({
      listeners: [{ port: 81, instancePort: 30081 }],
      healthCheck: { target: 'TCP:30081' },
    });
    expect([...loadBalancer().instanceIDs].sort()).toEqual([...ids].sort());
    expect(rulesOf(ownGroup)).toEqual([
      'icmp 3-4 192.0.2.0/24',
      'icmpv6 2-0 2001:db8::/32',
      'tcp 81-81 192.0.2.0/24',
      'tcp 81-81 2001:db8::/32',
    ]);
  });
});

describe('deleting', () => {
  it('leaves the account as it was', async () => {
    const before = snapshot();
    const kind = newKind();
    await converge(kind);
    account.recorder.take();
    expect(await remove(kind, classicService())).toMatchObject({ next: { kind: 'converged' }, left: [] });
    expect(snapshot()).toEqual(before);
    expect(account.recorder.takeCounts()).toEqual({
      DescribeLoadBalancers: 1,
      DescribeTags: 1,
      DescribeLoadBalancerAttributes: 1,
      DescribeSecurityGroups: 1,
      RevokeSecurityGroupIngress: 1,
      DeleteLoadBalancer: 1,
      DeleteSecurityGroup: 1,
    });
  });

  it.each(['RevokeSecurityGroupIngress', 'DeleteLoadBalancer', 'DeleteSecurityGroup'] as const)(
    'leaves nothing behind when %s fails the first time',
    async (operation) => {
      const before = snapshot();
      const kind = newKind();
      await converge(kind);
      account.recorder.throttleNext(operation);
      await expect(remove(kind, classicService())).rejects.toMatchObject({ code: 'Throttled' });
      expect(await kind.traces(memberOf(classicService()), testCall())).toBe('present');
      await remove(kind, classicService());
      expect(snapshot()).toEqual(before);
    },
  );

  it('waits without blocking while the group is still in use, and removes it then', async () => {
    const before = snapshot();
    const kind = newKind();
    await converge(kind);
    const users = account.ec2.usedSecurityGroups;
    account.ec2.usedSecurityGroups = () => [ownGroup];
    const first = await remove(kind, classicService());
    expect(first).toMatchObject({ next: { kind: 'settling', after: { milliseconds: 10_000 } } });
    expect(await newKind().traces(memberOf(classicService()), testCall())).toBe('present');
    account.ec2.usedSecurityGroups = users;
    expect(await remove(newKind(), classicService())).toMatchObject({ next: { kind: 'converged' } });
    expect(snapshot()).toEqual(before);
  });

  it('removes the group of a load balancer that could not be made', async () => {
    const before = snapshot();
    const kind = newKind();
    account.recorder.throttleNext('CreateLoadBalancer');
    await expect(converge(kind)).rejects.toMatchObject({ code: 'Throttled' });
    expect(await kind.traces(memberOf(classicService()), testCall())).toBe('present');
    await remove(kind, classicService());
    expect(snapshot()).toEqual(before);
  });

  it('removes what is left of a load balancer that somebody deleted by hand', async () => {
    const before = snapshot();
    await converge(newKind());
    await account.elb.deleteLoadBalancer(lb, testCall());
    await remove(newKind(), classicService());
    expect(snapshot()).toEqual(before);
  });

  it("opens no group of nodes but the cluster's, and closes all that refer to the group that goes", async () => {
    const kind = newKind();
    await converge(kind);
    addGroup('sg-foreign');
    const rule = { protocol: '-1', fromPort: -1, toPort: -1, cidr: ownGroup, description: '' };
    await account.ec2.authorizeIngress('sg-foreign', [rule], testCall());
    await remove(kind, classicService());
    expect(rulesOf('sg-foreign')).toEqual([]);
    expect(account.ec2.securityGroups.has(ownGroup)).toBe(false);
  });
});

describe('ownership', () => {
  it('takes over what carries no stamp, without a write', async () => {
    await converge(newKind());
    const unstamped = (tags: Readonly<Record<string, string>>): Record<string, string> =>
      Object.fromEntries(Object.entries(tags).filter(([key]) => key !== clusterStampKey));
    alter({ tags: unstamped(loadBalancer().tags) });
    const group = account.ec2.securityGroups.get(ownGroup)!;
    account.ec2.securityGroups.set(ownGroup, { ...group, tags: unstamped(group.tags) });
    expect((await converge(newKind())).applied).toEqual([]);
  });

  it.each(['load balancer', 'group'])('touches nothing when the %s is stamped for another cluster', async (which) => {
    await converge(newKind());
    const foreign = { [clusterStampKey]: 'another' };
    if (which === 'load balancer') alter({ tags: { ...loadBalancer().tags, ...foreign } });
    else account.ec2.securityGroups.set(ownGroup, { ...account.ec2.securityGroups.get(ownGroup)!, tags: foreign });
    const before = snapshot();
    const changed = classicService({}, { spec: { ports: [tcpPort(81, 30081)] } });
    expect(await ensure(newKind(), testRequest(changed, ids))).toMatchObject({
      applied: [],
      refusals: [{ reason: 'OwnershipConflict' }],
    });
    expect(snapshot()).toEqual(before);
  });
});

describe('a lost reply', () => {
  it.each([
    'CreateSecurityGroup',
    'AuthorizeSecurityGroupIngress',
    'CreateLoadBalancer',
    'RegisterInstancesWithLoadBalancer',
  ] as const)('of %s makes no second object', async (operation) => {
    const kind = newKind();
    account.recorder.failNext(operation, { kind: 'lost-reply' });
    await expect(converge(kind)).rejects.toMatchObject({ code: 'Unavailable' });
    await converge(kind);
    expect(account.elb.loadBalancers.size).toBe(1);
    expect(account.ec2.securityGroups.size).toBe(2);
  });
});

describe('changing the type', () => {
  it('is seen by the kind that is left, which removes all of its own', async () => {
    const zones = new Zones({ ec2: account.ec2, clock });
    const network = new NetworkLoadBalancers({ clients: account, zones, config: testConfig(), clock });
    const classic = newKind();
    await converge(classic);
    const asNetwork = testService();
    expect(classic.claims(asNetwork)).toBe(false);
    expect(await classic.traces(memberOf(asNetwork), testCall())).toBe('present');
    await remove(classic, asNetwork);
    expect(await classic.traces(memberOf(asNetwork), testCall())).toBe('none');
    await ensure(network, testRequest(asNetwork, ids));
    expect(await network.traces(memberOf(classicService()), testCall())).toBe('present');
    await remove(network, classicService());
    expect(await network.traces(memberOf(classicService()), testCall())).toBe('none');
  });

  it("to another controller's is not claimed", () => {
    const types = ['', 'clb', 'nlb', 'external', 'nlb-ip'];
    const claimed = types.filter((type) => newKind().claims(classicService({ type })));
    expect(claimed).toEqual(['', 'clb']);
  });
});

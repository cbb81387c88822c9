import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Service } from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { AwsAccount, testCall, testConfig } from '../../testing/aws-account.ts';
import { ensure, ensureUntouched, remove } from '../../testing/reconcile.ts';
import { tcpPort, testRequest, testService } from '../../testing/services.ts';
import { Zones } from '../../zones.ts';
import { NetworkLoadBalancers } from './network-load-balancers.ts';

const lb = 'a12345678123412341234123456789ab';
const managed = 'NLBSecurityGroupMode = Managed';
const done = { refusals: [], left: [], next: { kind: 'converged' } };
const ranges = ['192.0.2.0/24', '2001:db8:1::/48'];
const client = `kubernetes.io/rule/nlb/client=${lb}`;
const health = `kubernetes.io/rule/nlb/health=${lb}`;

let account: AwsAccount;
let ids: string[];

beforeEach(() => {
  account = AwsAccount.withNetwork();
  ids = [1, 2].map((number) => account.launch(number));
  giveIPv6(() => true);
});

/** Gives the subnets IPv6 ranges that stand for their IPv4 ranges. */
function giveIPv6(isGiven: (id: string) => boolean): void {
  const { subnets } = account.ec2;
  for (const [index, { id, zone, cidr, tags, vpcID }] of subnets.entries()) {
    const range = isGiven(id) ? { ipv6Cidr: `2001:db8:0:${index}::/64` } : {};
    subnets[index] = { id, zone, cidr, tags, vpcID, ...range };
  }
}

function newKind(...lines: readonly string[]): NetworkLoadBalancers {
  const clock = new FakeClock();
  const zones = new Zones({ ec2: account.ec2, clock });
  return new NetworkLoadBalancers({ clients: account, zones, config: testConfig(...lines), clock });
}

function serviceOf(ipFamilies: readonly string[], spec: Partial<Service['spec']> = {}): Service {
  return testService({ spec: { ipFamilies, ...spec } });
}

const pass = (service: Service, ...lines: readonly string[]) => ensure(newKind(...lines), testRequest(service, ids));

/** What the user is told about a Service that is served. */
async function remarksOn(service: Service, ...lines: readonly string[]): Promise<readonly string[]> {
  const kind = newKind(...lines);
  const request = testRequest(service, ids);
  const desire = kind.desire(request, await kind.facts(request, testCall()));
  if (desire.kind === 'refusal') throw new Error(desire.fix);
  return (desire.remarks ?? []).map(({ reason, text }) => `${reason}: ${text}`);
}

function rulesOf(isTheGroup: (name: string) => boolean): readonly string[] {
  const [group] = [...account.ec2.securityGroups.values()].filter(({ name }) => isTheGroup(name));
  return (group?.rules ?? [])
    .map((rule) => `${rule.protocol} ${rule.fromPort} ${rule.cidr} ${rule.description}`)
    .sort();
}

const nodeRules = () => rulesOf((name) => name === 'nodes');
const balancer = () => [...account.elbv2.loadBalancers.values()][0];
const groups = () => [...account.elbv2.targetGroups.values()];

describe('a Service of both families', () => {
  it('has addresses of both, and reaches its nodes by the first', async () => {
    expect(await pass(serviceOf(['IPv4', 'IPv6']))).toMatchObject(done);
    expect(balancer()).toMatchObject({ addressType: 'dualstack' });
    expect(groups()).toMatchObject([{ name: 'k8s-default-web-c527315ba2', addressType: 'ipv4' }]);
    expect(nodeRules()).toEqual(['icmp 3 0.0.0.0/0 kubernetes.io/rule/nlb/mtu', `tcp 30080 0.0.0.0/0 ${client}`]);
    expect(await pass(serviceOf(['IPv4', 'IPv6']))).toMatchObject({ ...done, applied: [] });
  });

  it.each([[['IPv6', 'IPv4']], [['IPv6']]])('reaches its nodes by IPv6 when it has %j', async (families) => {
    expect(await ensureUntouched(newKind(), testRequest(serviceOf(families), ids))).toMatchObject(done);
    expect(balancer()).toMatchObject({ addressType: 'dualstack' });
    const [group] = groups();
    expect(group).toMatchObject({ addressType: 'ipv6', targets: ids.map((id) => ({ id, port: 30080 })) });
    expect(group!.name).not.toBe('k8s-default-web-c527315ba2');
    expect(nodeRules()).toEqual(['icmpv6 2 ::/0 kubernetes.io/rule/nlb/mtu', `tcp 30080 ::/0 ${client}`]);
    await remove(newKind(), serviceOf(families));
    expect(account.elbv2.snapshot()).toMatchObject({ loadBalancers: [], targetGroups: [] });
    expect(nodeRules()).toEqual([]);
  });

  it('has health checks by IPv6 where nodes are reached by it', async () => {
    const spec = { externalTrafficPolicy: 'Local', healthCheckNodePort: 32000 };
    expect(await pass(serviceOf(['IPv6'], spec))).toMatchObject(done);
    expect(nodeRules().filter((rule) => rule.endsWith(health))).toEqual([
      `tcp 32000 2001:db8:0:0::/64 ${health}`,
      `tcp 32000 2001:db8:0:2::/64 ${health}`,
      `tcp 32000 2001:db8:0:4::/64 ${health}`,
    ]);
  });

  it('keeps ranges of both families in its own group, and lets the nodes see its own addresses', async () => {
    const service = serviceOf(['IPv4', 'IPv6'], { loadBalancerSourceRanges: ranges });
    expect(await pass(service, managed)).toMatchObject(done);
    expect(rulesOf((name) => name.startsWith('k8s-')).filter((rule) => rule.startsWith('tcp'))).toEqual([
      'tcp 80 192.0.2.0/24 ',
      'tcp 80 2001:db8:1::/48 ',
    ]);
    const seen = ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24', '192.0.2.0/24'];
    expect(nodeRules().filter((rule) => rule.startsWith('tcp'))).toEqual(
      seen.map((cidr) => `tcp 30080 ${cidr} ${client}`),
    );
    expect(await pass(service, managed)).toMatchObject({ ...done, applied: [] });
  });

  it('lets everybody of both families into its own group without ranges', async () => {
    expect(await pass(serviceOf(['IPv4', 'IPv6']), managed)).toMatchObject(done);
    expect(rulesOf((name) => name.startsWith('k8s-')).filter((rule) => rule.startsWith('tcp'))).toEqual([
      'tcp 80 0.0.0.0/0 ',
      'tcp 80 ::/0 ',
    ]);
  });
});

describe('UDP of both families', () => {
  const udp = { ports: [{ ...tcpPort(53, 30053), protocol: 'UDP' }] };

  it.each([[['IPv4', 'IPv6']], [['IPv6']]])('is served with ranges to translate by, of %j', async (families) => {
    expect(await ensureUntouched(newKind(), testRequest(serviceOf(families, udp), ids))).toMatchObject(done);
    expect(balancer()).toMatchObject({ addressType: 'dualstack', ipv6SourceNat: 'on' });
    expect(groups()).toMatchObject([{ protocol: 'UDP' }]);
    expect(await pass(serviceOf(families, udp))).toMatchObject({ ...done, applied: [] });
  });

  it('comes to a load balancer that has IPv6 addresses already', async () => {
    await pass(serviceOf(['IPv4', 'IPv6']));
    expect(balancer()).toMatchObject({ ipv6SourceNat: 'off' });
    expect(await pass(serviceOf(['IPv4', 'IPv6'], udp))).toMatchObject(done);
    expect(balancer()).toMatchObject({ addressType: 'dualstack', ipv6SourceNat: 'on' });
  });

  it('is given IPv6 addresses in one step, and loses them in one', async () => {
    await pass(serviceOf(['IPv4'], udp));
    const changed = await pass(serviceOf(['IPv4', 'IPv6'], udp));
    expect(changed).toMatchObject({
      ...done,
      applied: [expect.stringMatching(/ipv6SourceNat: off → on.*addressType: ipv4 → dualstack/)],
    });
    giveIPv6(() => false);
    await pass(serviceOf(['IPv4', 'IPv6'], udp));
    expect(balancer()).toMatchObject({ addressType: 'ipv4', ipv6SourceNat: 'off' });
  });

  it('leaves the ranges when it goes', async () => {
    await pass(serviceOf(['IPv4', 'IPv6'], udp));
    expect(await pass(serviceOf(['IPv4', 'IPv6']))).toMatchObject(done);
    expect(balancer()).toMatchObject({ addressType: 'dualstack', ipv6SourceNat: 'on' });
  });
});

describe('IPv6 that can not be had', () => {
  it.each<[string, Partial<Service['spec']>, string]>([
    ['without IPv6 ranges', {}, 'give the subnet subnet-public-b an IPv6 range'],
    [
      'of ranges that nothing would enforce',
      { loadBalancerSourceRanges: ranges },
      'set NLBSecurityGroupMode = Managed',
    ],
  ])('leaves the Service with IPv4 and a remark, %s', async (name, spec, fix) => {
    if (name === 'without IPv6 ranges') giveIPv6((id) => id !== 'subnet-public-b');
    const service = serviceOf(['IPv4', 'IPv6'], spec);
    expect(await pass(service)).toMatchObject(done);
    expect(balancer()).toMatchObject({ addressType: 'ipv4' });
    expect(await remarksOn(service)).toEqual([expect.stringContaining(fix)]);
    const first = await pass(serviceOf(['IPv6', 'IPv4'], spec));
    expect(first).toMatchObject({ kind: 'refusal', field: 'spec.ipFamilies', fix: expect.stringContaining(fix) });
  });

  it('is told where the load balancer is in other subnets than would be chosen today', async () => {
    giveIPv6(() => false);
    await pass(serviceOf(['IPv4']));
    const [subnet] = account.ec2.subnets;
    account.ec2.subnets[0] = { ...subnet!, tags: { 'kubernetes.io/cluster/other': 'owned' } };
    giveIPv6((id) => id !== subnet!.id);
    const outcome = await pass(serviceOf(['IPv4', 'IPv6']));
    const reason = expect.stringContaining(`its subnet ${subnet!.id} has no IPv6 range`);
    expect(outcome).toMatchObject({ applied: [], next: { kind: 'blocked', reason } });
  });

  it('is told where the load balancer can not enforce ranges', async () => {
    await pass(serviceOf(['IPv4'], { loadBalancerSourceRanges: ranges }));
    const outcome = await pass(serviceOf(['IPv4', 'IPv6'], { loadBalancerSourceRanges: ranges }), managed);
    const reason = expect.stringContaining('made without a security group');
    expect(outcome).toMatchObject({ next: { kind: 'blocked', reason } });
    expect(balancer()).toMatchObject({ addressType: 'ipv4' });
  });
});

describe('an existing load balancer', () => {
  it('is given IPv6 addresses, and keeps them when UDP comes', async () => {
    await pass(serviceOf(['IPv4']));
    const before = balancer();
    expect(before).toMatchObject({ addressType: 'ipv4' });
    const outcome = await pass(serviceOf(['IPv4', 'IPv6']));
    expect(outcome).toMatchObject({ ...done, applied: [`update LoadBalancer ${lb} (addressType: ipv4 → dualstack)`] });
    expect(balancer()).toEqual({ ...before, addressType: 'dualstack' });
    const udp = { ...tcpPort(53, 30053), protocol: 'UDP' };
    expect(await pass(serviceOf(['IPv4', 'IPv6'], { ports: [tcpPort(80, 30080), udp] }))).toMatchObject(done);
    expect(balancer()).toMatchObject({ addressType: 'dualstack', ipv6SourceNat: 'on' });
  });

  it('keeps what was set by hand when its Service asks for IPv4 alone', async () => {
    await pass(serviceOf(['IPv4']));
    await account.elbv2.setAddressType(balancer()!.arn, 'dualstack', testCall());
    expect(await pass(serviceOf(['IPv4']))).toMatchObject({ ...done, applied: [] });
  });
});

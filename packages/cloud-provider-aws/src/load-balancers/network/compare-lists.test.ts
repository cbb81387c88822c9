import { beforeEach, describe, expect, it } from '@jest/globals';
import { Duration, clusterStampKey } from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import type { IngressRule } from '../../client/ec2-port.ts';
import type { LoadBalancer, TargetGroup } from '../../client/elbv2-port.ts';
import { AwsAccount, testCall, testConfig } from '../../testing/aws-account.ts';
import { ensure, remove } from '../../testing/reconcile.ts';
import { memberOf, tcpPort, testRequest, testService } from '../../testing/services.ts';
import { Zones } from '../../zones.ts';
import { NetworkLoadBalancers } from './network-load-balancers.ts';
import type { NetworkObserved } from './observe.ts';

const lb = 'a12345678123412341234123456789ab';
const otherUID = '87654321-1234-1234-1234-123456789abc';
const web = testService();
const other = testService({ name: 'other', uid: otherUID, spec: { ports: [tcpPort(80, 30090)] } });

let account: AwsAccount;
let clock: FakeClock;
let ids: string[];

beforeEach(() => {
  account = AwsAccount.withNetwork();
  clock = new FakeClock();
  ids = [1, 2].map((number) => account.launch(number));
});

/** A kind with the Service converged and observed; afterwards every load balancer is as AWS leaves it. */
async function converged(...lines: readonly string[]) {
  const zones = new Zones({ ec2: account.ec2, clock });
  const kind = new NetworkLoadBalancers({ clients: account, zones, config: testConfig(...lines), clock });
  await ensure(kind, testRequest(web, ids));
  const group = `service/${web.metadata.uid}`;
  const observe = (): Promise<NetworkObserved> => kind.observe(group, [memberOf(web)], testCall());
  const known = await observe();
  account.recorder.take();
  return {
    kind,
    observe,
    isUnchanged: async (observed = known) => {
      const unchanged = await kind.listUnchanged(new Map([[group, observed]]), testCall({ priority: 'sweep' }));
      return unchanged.has(group);
    },
  };
}

function alterLoadBalancer(change: Partial<LoadBalancer>): void {
  const [present] = account.elbv2.loadBalancers.values();
  account.elbv2.loadBalancers.set(present!.arn, { ...present!, ...change });
}

function alterTargetGroup(change: Partial<TargetGroup>): void {
  const [present] = account.elbv2.targetGroups.values();
  account.elbv2.targetGroups.set(present!.arn, { ...present!, ...change });
}

function alterRules(id: string, change: (rules: readonly IngressRule[]) => readonly IngressRule[]): void {
  const present = account.ec2.securityGroups.get(id)!;
  account.ec2.securityGroups.set(id, { ...present, rules: [...change(present.rules)] });
}

function rule(description: string, cidr = '10.1.0.0/16'): IngressRule {
  return { protocol: 'tcp', fromPort: 30080, toPort: 30080, cidr, description };
}

describe('the lists of network load balancers', () => {
  it('show that nothing changed, with three requests for all', async () => {
    const { isUnchanged } = await converged();
    expect(await isUnchanged()).toBe(true);
    expect(account.recorder.takeCounts()).toEqual({
      DescribeLoadBalancers: 1,
      DescribeTargetGroups: 1,
      DescribeSecurityGroups: 1,
    });
  });

  it('need no security groups where none are looked after', async () => {
    const { isUnchanged } = await converged('DisableSecurityGroupIngress = true');
    expect(await isUnchanged()).toBe(true);
    expect(account.recorder.takeCounts()).toEqual({ DescribeLoadBalancers: 1, DescribeTargetGroups: 1 });
  });

  it.each<[string, Partial<LoadBalancer>]>([
    ['name', { name: 'other' }],
    ['type', { type: 'application' }],
    ['scheme', { scheme: 'internal' }],
    ['state', { state: 'failed' }],
    ['DNS name', { dnsName: 'other' }],
    ['VPC', { vpcID: 'vpc-2' }],
    ['subnets', { subnetIDs: ['subnet-public-a'] }],
    ['elastic IPs', { allocationIDs: ['eipalloc-1'] }],
    ['private addresses', { privateAddresses: ['10.0.0.9'] }],
    ['security groups', { securityGroupIDs: ['sg-nodes'] }],
  ])('show another %s of a load balancer', async (_field, change) => {
    const { isUnchanged } = await converged();
    alterLoadBalancer(change);
    expect(await isUnchanged()).toBe(false);
  });

  it.each<[string, (group: TargetGroup) => Partial<TargetGroup>]>([
    ['name', () => ({ name: 'other' })],
    ['port', () => ({ port: 1 })],
    ['protocol', () => ({ protocol: 'UDP' })],
    ['VPC', () => ({ vpcID: 'vpc-2' })],
    ['protocol of the check', ({ healthCheck }) => ({ healthCheck: { ...healthCheck, protocol: 'HTTP' } })],
    ['port of the check', ({ healthCheck }) => ({ healthCheck: { ...healthCheck, port: '1' } })],
    ['path of the check', ({ healthCheck }) => ({ healthCheck: { ...healthCheck, path: '/other' } })],
    ['interval of the check', ({ healthCheck }) => ({ healthCheck: { ...healthCheck, intervalSeconds: 5 } })],
    ['timeout of the check', ({ healthCheck }) => ({ healthCheck: { ...healthCheck, timeoutSeconds: 2 } })],
    ['threshold of health', ({ healthCheck }) => ({ healthCheck: { ...healthCheck, healthyThreshold: 9 } })],
    ['threshold of illness', ({ healthCheck }) => ({ healthCheck: { ...healthCheck, unhealthyThreshold: 9 } })],
  ])('show another %s of a target group', async (_field, change) => {
    const { isUnchanged } = await converged();
    const [present] = await account.elbv2.describeTargetGroups(testCall());
    alterTargetGroup(change(present!));
    expect(await isUnchanged()).toBe(false);
  });

  it.each<[string, () => void]>([
    ['load balancer that is gone', () => account.elbv2.loadBalancers.clear()],
    ['target group that is gone', () => account.elbv2.targetGroups.clear()],
    ['listener that is gone', () => account.elbv2.listeners.clear()],
    [
      'client rule that is gone',
      () => alterRules('sg-nodes', (rules) => rules.filter(({ protocol }) => protocol !== 'tcp')),
    ],
    [
      'rule for path MTU that is gone',
      () => alterRules('sg-nodes', (rules) => rules.filter(({ protocol }) => protocol === 'tcp')),
    ],
    ['rule too many', () => alterRules('sg-nodes', (rules) => [...rules, rule(`kubernetes.io/rule/nlb/client=${lb}`)])],
    ['security group that is gone', () => account.ec2.securityGroups.delete('sg-nodes')],
    [
      'rule left in another group',
      () => {
        const id = 'sg-more';
        const rules = [rule(`kubernetes.io/rule/nlb/health=${lb}`)];
        account.ec2.securityGroups.set(id, { id, name: id, vpcID: 'vpc-1', tags: {}, rules });
      },
    ],
  ])('show a %s', async (_name, alter) => {
    const { isUnchanged } = await converged();
    alter();
    expect(await isUnchanged()).toBe(false);
  });

  it('show a listener that sends its traffic to a strange target group', async () => {
    const { isUnchanged } = await converged();
    const [arn] = account.elbv2.loadBalancers.keys();
    const [known] = account.elbv2.targetGroups.values();
    account.elbv2.targetGroups.set('strange', { ...known!, arn: 'strange', name: 'strange' });
    account.elbv2.listeners.set('more', {
      arn: 'more',
      loadBalancerArn: arn!,
      port: 81,
      protocol: 'TCP',
      targetGroupArn: 'strange',
      tls: undefined,
    });
    expect(await isUnchanged()).toBe(false);
  });

  it.each<[string, (id: string) => void]>([
    ['a rule that is gone', (id) => alterRules(id, (rules) => rules.slice(1))],
    ['a rule too many', (id) => alterRules(id, (rules) => [...rules, rule('')])],
    [
      'the stamp of another cluster',
      (id) => {
        const group = account.ec2.securityGroups.get(id)!;
        account.ec2.securityGroups.set(id, { ...group, tags: { ...group.tags, [clusterStampKey]: 'another' } });
      },
    ],
    ['another name', (id) => account.ec2.securityGroups.set(id, { ...account.ec2.securityGroups.get(id)!, name: 'n' })],
    ['nothing at all', (id) => account.ec2.securityGroups.delete(id)],
  ])("show %s at the load balancer's own group", async (_name, alter) => {
    const { isUnchanged } = await converged('NLBSecurityGroupMode = Managed');
    expect(await isUnchanged()).toBe(true);
    const [id] = [...account.ec2.securityGroups.keys()].filter((one) => one !== 'sg-nodes');
    alter(id!);
    expect(await isUnchanged()).toBe(false);
  });

  it('make nobody a suspect for what is done for another Service, or by others', async () => {
    const { isUnchanged, kind } = await converged();
    await ensure(kind, testRequest(other, ids));
    alterRules('sg-nodes', (rules) => [...rules, rule('of the user'), rule('', 'sg-created-9')]);
    expect(await isUnchanged()).toBe(true);
    alterRules('sg-nodes', (rules) => rules.filter(({ cidr }) => cidr !== 'sg-created-9'));
    await remove(kind, other);
    expect(await isUnchanged()).toBe(true);
  });

  it("do not need another Service's rules that were there when the load balancer was observed", async () => {
    const { isUnchanged, kind, observe } = await converged();
    await ensure(kind, testRequest(other, ids));
    const observed = await observe();
    await remove(kind, other);
    expect(await isUnchanged(observed)).toBe(true);
  });

  it('leave what they do not show to a look once a day', async () => {
    const { isUnchanged, observe } = await converged();
    const observed = await observe();
    await clock.advance(Duration.hours(11));
    expect(await isUnchanged(observed)).toBe(true);
    await clock.advance(Duration.hours(1));
    expect(await isUnchanged(observed)).toBe(false);
    await observe();
    expect(await isUnchanged(observed)).toBe(true);
  });
});

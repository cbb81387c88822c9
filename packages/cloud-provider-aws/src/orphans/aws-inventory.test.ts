import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type InventoryItem,
  type InventoryKind,
  type Service,
  OwnerIndex,
  clusterStampKey,
  describeOperation,
  findOrphans,
  guardOperation,
} from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { AwsAccount, testCall, testConfig } from '../testing/aws-account.ts';
import { ensure } from '../testing/reconcile.ts';
import { testCluster, testRequest, testService } from '../testing/services.ts';
import { ClassicLoadBalancers } from '../load-balancers/classic/classic-load-balancers.ts';
import { AccountReads } from '../load-balancers/surroundings/account-reads.ts';
import { NetworkLoadBalancers } from '../load-balancers/network/network-load-balancers.ts';
import { Zones } from '../zones.ts';
import { awsInventory } from './aws-inventory.ts';
import { claimOfName } from './owner-signs.ts';

const uid = '12345678-1234-1234-1234-123456789abc';
const typeAnnotation = 'service.beta.kubernetes.io/aws-load-balancer-type';
const lb = 'a12345678123412341234123456789ab';
const managed = 'NLBSecurityGroupMode = Managed';
const network = testService();
const classic = testService({ annotations: { [typeAnnotation]: '' } });

let account: AwsAccount;
let kinds: ReadonlyMap<string, InventoryKind>;

beforeEach(() => {
  account = AwsAccount.withNetwork();
  const owner = { cluster: testCluster, config: testConfig(`VPC = vpc-1`) };
  const reads = new AccountReads({ clients: account, clock: new FakeClock() });
  kinds = new Map(awsInventory({ clients: account, reads }, owner).map((kind) => [kind.name, kind]));
});

async function serve(service: Service, ...lines: readonly string[]): Promise<void> {
  const clock = new FakeClock();
  const zones = new Zones({ ec2: account.ec2, clock });
  const options = { clients: account, zones, config: testConfig(...lines), clock };
  const ids = [1, 2].map((number) => account.launch(number));
  const request = testRequest(service, ids);
  const outcome =
    service === network
      ? await ensure(new NetworkLoadBalancers(options), request)
      : await ensure(new ClassicLoadBalancers(options), request);
  expect(outcome).toMatchObject({ refusals: [], left: [] });
}

function list(kind: string): Promise<readonly InventoryItem[]> {
  return kinds.get(kind)!.list(testCall());
}

/** What the sweeper does with an orphan, in lines for people; the last says what then. */
async function sweep(kindName: string, item: InventoryItem): Promise<readonly string[]> {
  const kind = kinds.get(kindName)!;
  let observed = await kind.observe(item, testCall());
  const done: string[] = [];
  const plan = kind.plan(observed);
  for (const operation of plan.operations) {
    const refusal = guardOperation(operation, { mode: 'run', isProtected: () => false });
    if (refusal) return [...done, refusal.reason];
    const result = await kind.apply(operation, observed, testCall());
    if (result.kind === 'pending') return [...done, `pending for ${result.after.milliseconds / 1000} s`];
    observed = kind.fold(observed, operation, {});
    done.push(describeOperation(operation));
  }
  expect(kind.plan(observed).operations).toEqual([]);
  return [...done, plan.next.kind === 'blocked' ? `blocked by ${plan.next.by}` : plan.next.kind];
}

describe('the inventory', () => {
  it('is empty in an account without load balancers', async () => {
    for (const kind of kinds.keys()) expect(await list(kind)).toEqual([]);
  });

  it('lists a network load balancer with the Service that it is for, and its target groups by name', async () => {
    await serve(network);
    const [item] = await list('NetworkLoadBalancer');
    expect(item).toMatchObject({
      name: lb,
      ownership: { kind: 'ours', proof: 'stamp' },
      claim: { kind: 'service', uid: uid.slice(0, 35), name: '' },
    });
    const groups = await list('TargetGroup');
    expect(groups.map(({ claim }) => claim)).toEqual([{ kind: 'service', uid: '', name: 'default/web' }]);
    expect(await list('ClassicLoadBalancer')).toEqual([]);
  });

  it('calls nothing an orphan while its Service is there, and everything once it is gone', async () => {
    await serve(network);
    const items = (await Promise.all([...kinds.keys()].map(list))).flat();
    const known = new OwnerIndex({ kind: 'complete', services: [network], nodes: [] });
    const empty = new OwnerIndex({ kind: 'complete', services: [], nodes: [] });
    expect(items).toHaveLength(2);
    expect(findOrphans(items, known)).toEqual([]);
    expect(findOrphans(items, empty)).toEqual(items);
  });

  it('deletes a network load balancer with its rules and the target groups that serve it alone', async () => {
    await serve(network);
    const [item] = await list('NetworkLoadBalancer');
    const done = await sweep('NetworkLoadBalancer', item!);
    expect(account.ec2.securityGroups.get('sg-nodes')?.rules).toEqual([]);
    expect(done).toEqual([
      `delete SecurityGroupRules sg-nodes/${lb}`,
      `delete NetworkLoadBalancer ${lb}`,
      expect.stringMatching(/^delete TargetGroup k8s-default-web-/),
      'converged',
    ]);
    expect(account.elbv2.snapshot()).toMatchObject({ loadBalancers: [], listeners: [], targetGroups: [] });
    const kind = kinds.get('NetworkLoadBalancer')!;
    expect(kind.itemIn(await kind.observe(item!, testCall()))).toBeUndefined();
  });

  it('leaves a target group that another cluster stamped', async () => {
    await serve(network);
    const [item] = await list('NetworkLoadBalancer');
    for (const [arn, tags] of account.elbv2.tags) {
      if (arn.includes('targetgroup')) account.elbv2.tags.set(arn, { ...tags, [clusterStampKey]: 'another' });
    }
    expect(await sweep('NetworkLoadBalancer', item!)).toEqual([
      `delete SecurityGroupRules sg-nodes/${lb}`,
      `delete NetworkLoadBalancer ${lb}`,
      'converged',
    ]);
    expect(account.elbv2.snapshot().targetGroups).toHaveLength(1);
  });

  it('leaves the rules of other load balancers, and those that all share while another needs them', async () => {
    await serve(network);
    const nodes = account.ec2.securityGroups.get('sg-nodes')!;
    const description = 'kubernetes.io/rule/nlb/client=a00000000000000000000000000000000';
    const other = { protocol: 'tcp', fromPort: 30081, toPort: 30081, cidr: '0.0.0.0/0', description };
    account.ec2.securityGroups.set('sg-nodes', { ...nodes, rules: [...nodes.rules, other] });
    const [item] = await list('NetworkLoadBalancer');
    await sweep('NetworkLoadBalancer', item!);
    const rules = account.ec2.securityGroups.get('sg-nodes')?.rules ?? [];
    expect(rules.map((rule) => rule.description)).toEqual(['kubernetes.io/rule/nlb/mtu', description]);
  });

  it('tells of rules whose load balancer is gone, and the guard keeps them', async () => {
    await serve(network);
    expect(await list('SecurityGroupRules')).toEqual([]);
    account.elbv2.loadBalancers.clear();
    const [item, ...others] = await list('SecurityGroupRules');
    expect(others).toEqual([]);
    expect(item).toMatchObject({ id: `sg-nodes/${lb}`, claim: claimOfName(lb), ownership: { kind: 'unproven' } });
    expect(await sweep('SecurityGroupRules', item!)).toEqual(['OwnershipConflict']);
    const nodes = account.ec2.securityGroups.get('sg-nodes')!;
    account.ec2.securityGroups.set('sg-nodes', { ...nodes, tags: {} });
    expect(await list('SecurityGroupRules')).toEqual([]);
  });

  it('deletes a classic load balancer, and its own security group when nothing refers to it any more', async () => {
    await serve(classic);
    const [balancer] = await list('ClassicLoadBalancer');
    const [group] = await list('SecurityGroup');
    expect([balancer?.claim, group?.claim]).toEqual([claimOfName(lb), claimOfName(lb)]);
    expect(await sweep('ClassicLoadBalancer', balancer!)).toEqual([`delete ClassicLoadBalancer ${lb}`, 'converged']);
    expect(await sweep('SecurityGroup', group!)).toEqual(['blocked by security-group/sg-nodes']);
    const nodes = account.ec2.securityGroups.get('sg-nodes')!;
    account.ec2.securityGroups.set('sg-nodes', { ...nodes, rules: [] });
    expect(await sweep('SecurityGroup', group!)).toEqual([`delete SecurityGroup k8s-elb-${lb}`, 'converged']);
    expect([...account.ec2.securityGroups.keys()]).toEqual(['sg-nodes']);
  });

  it('deletes the own security group of a network load balancer once that is gone and has let go of it', async () => {
    await serve(network, managed);
    const [group, ...others] = await list('SecurityGroup');
    expect(others).toEqual([]);
    expect(group).toMatchObject({
      name: expect.stringMatching(/^k8s-default-web-/),
      ownership: { kind: 'ours', proof: 'stamp' },
      claim: { kind: 'service', uid, name: '' },
    });
    expect(await sweep('SecurityGroup', group!)).toEqual([`blocked by load-balancer/${lb}`]);
    const [balancer] = await list('NetworkLoadBalancer');
    await sweep('NetworkLoadBalancer', balancer!);
    const { usedSecurityGroups } = account.ec2;
    account.ec2.usedSecurityGroups = () => [group!.id];
    expect(await sweep('SecurityGroup', group!)).toEqual(['pending for 30 s']);
    account.ec2.usedSecurityGroups = usedSecurityGroups;
    expect(await sweep('SecurityGroup', group!)).toEqual([`delete SecurityGroup ${group!.name}`, 'converged']);
    expect([...account.ec2.securityGroups.keys()]).toEqual(['sg-nodes']);
  });

  it("leaves a network load balancer's group that the Go manager made, which tells no Service", async () => {
    await serve(network, managed);
    for (const group of account.ec2.securityGroups.values()) {
      account.ec2.securityGroups.set(group.id, { ...group, tags: { 'kubernetes.io/cluster/judge': 'owned' } });
    }
    expect(await list('SecurityGroup')).toEqual([]);
  });

  it('reads the tags of a classic load balancer once for lists, and again for each look', async () => {
    await serve(classic);
    account.recorder.take();
    const [item] = await list('ClassicLoadBalancer');
    await list('ClassicLoadBalancer');
    expect(account.recorder.takeCounts()).toEqual({ DescribeLoadBalancers: 2, DescribeTags: 1 });
    await kinds.get('ClassicLoadBalancer')!.observe(item!, testCall());
    expect(account.recorder.takeCounts()).toMatchObject({ DescribeTags: 1 });
  });

  it.each([
    ['another cluster stamped', { [clusterStampKey]: 'another' }],
    ['carries the tag of another cluster', { 'kubernetes.io/cluster/other': 'owned' }],
    ['carries no tag', {}],
  ])('leaves out what %s', async (_name, tags) => {
    await serve(network);
    for (const arn of account.elbv2.tags.keys()) account.elbv2.tags.set(arn, tags);
    expect(await list('NetworkLoadBalancer')).toEqual([]);
    expect(await list('TargetGroup')).toEqual([]);
  });

  it("lists what the Go manager made, and the guard keeps it: the cluster's tag proves nothing", async () => {
    await serve(network);
    for (const arn of account.elbv2.tags.keys())
      account.elbv2.tags.set(arn, { 'kubernetes.io/cluster/judge': 'owned' });
    const [item] = await list('NetworkLoadBalancer');
    expect(item?.ownership.kind).toBe('unproven');
    expect(await sweep('NetworkLoadBalancer', item!)).toEqual(['OwnershipConflict']);
    expect(account.elbv2.snapshot().loadBalancers).toHaveLength(1);
  });

  it('takes another load balancer of the name for another one', async () => {
    await serve(network);
    const [item] = await list('NetworkLoadBalancer');
    const kind = kinds.get('NetworkLoadBalancer')!;
    expect(kind.itemIn(await kind.observe({ ...item!, id: 'arn:gone' }, testCall()))).toBeUndefined();
  });
});

describe('claimOfName', () => {
  it.each([
    ['app', 'production'],
    ['too long', `${lb}0`],
    ['too short', lb.slice(0, -1)],
    ['no digits', 'agggggggggggggggggggggggggggggggg'],
  ])('finds nothing in a name that is none of ours: %s', (_case, name) => {
    expect(claimOfName(name)).toEqual({ kind: 'none' });
  });
});

import { CloudError, clusterStampKey } from '@ccm-ts/cloud-provider';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { annotationPrefix } from '../../annotations.ts';
import { AwsAccount, testCall, testClusterTag, testConfig } from '../../testing/aws-account.ts';
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

const groupName = 'k8s-default-web-66024da280';
const managed = 'NLBSecurityGroupMode = Managed';
const shared = 'ClusterServiceLoadBalancerHealthProbeMode = Shared';

let account: AwsAccount;
let ids: string[];

beforeEach(() => {
  account = AwsAccount.withNetwork();
  ids = [1, 2].map((number) => account.launch(number));
});

function newKind(...lines: readonly string[]): NetworkLoadBalancers {
  const clock = new FakeClock();
  const zones = new Zones({ ec2: account.ec2, clock });
  return new NetworkLoadBalancers({ clients: account, zones, config: testConfig(...lines), clock });
}

async function reconcile(kind: NetworkLoadBalancers, options: TestServiceOptions = {}): Promise<ReconcileOutcome> {
  const outcome = await ensure(kind, testRequest(testService(options), ids));
  if (!('applied' in outcome)) throw new Error(outcome.fix);
  return outcome;
}

async function converge(kind: NetworkLoadBalancers, options: TestServiceOptions = {}): Promise<readonly string[]> {
  const outcome = await reconcile(kind, options);
  expect(outcome).toMatchObject({ refusals: [], left: [], next: { kind: 'converged' } });
  expect((await reconcile(kind, options)).applied).toEqual([]);
  return outcome.applied;
}

const given = (...groups: string[]): TestServiceOptions => ({
  annotations: { [`${annotationPrefix}security-groups`]: groups.join(',') },
});

function addGroup(id: string): void {
  account.ec2.securityGroups.set(id, { id, name: id, vpcID: 'vpc-1', tags: {}, rules: [] });
}

function ownGroup() {
  return [...account.ec2.securityGroups.values()].find(({ name }) => name.startsWith('k8s-'));
}

function groupsOfLoadBalancer(): readonly string[] {
  return [...account.elbv2.loadBalancers.values()].flatMap(({ securityGroupIDs }) => securityGroupIDs);
}

const keys = (group: string): string[] =>
  (account.ec2.securityGroups.get(group)?.rules ?? [])
    .map(({ protocol, fromPort, cidr }) => `${protocol} ${fromPort} ${cidr}`)
    .sort();

describe('a security group of its own', () => {
  it("is made before the load balancer, with the Go manager's name, tags and rules", async () => {
    const applied = await converge(newKind(managed), {
      annotations: { [`${annotationPrefix}additional-resource-tags`]: 'team=a' },
    });
    expect(applied.slice(0, 3)).toEqual([
      expect.stringMatching(/^create SecurityGroup k8s-default-web-/),
      expect.stringMatching(/^create LoadBalancer /),
      expect.stringMatching(/^create SecurityGroupRules k8s-default-web-.*tcp 80-80 0.0.0.0\/0.*icmp 3-4/),
    ]);
    const group = ownGroup();
    expect(group).toMatchObject({
      tags: { ...testClusterTag, team: 'a', [clusterStampKey]: testCluster.uid },
    });
    expect(group!.rules.every(({ description }) => description === '')).toBe(true);
    expect(groupsOfLoadBalancer()).toEqual([group!.id]);
  });

  it('follows ports and ranges, of both families, whatever else is in it', async () => {
    const kind = newKind(managed);
    await converge(kind);
    const { id } = ownGroup()!;
    await account.ec2.authorizeIngress(
      id,
      [{ protocol: 'tcp', fromPort: 22, toPort: 22, cidr: '0.0.0.0/0', description: 'by hand' }],
      testCall(),
    );
    await converge(kind, {
      spec: {
        ports: [tcpPort(81, 30081), { ...tcpPort(53, 30053), protocol: 'UDP' }],
        loadBalancerSourceRanges: ['192.0.2.0/24', '2001:db8::/32'],
      },
    });
    expect(keys(id)).toEqual([
      'icmp 3 192.0.2.0/24',
      'icmpv6 2 2001:db8::/32',
      'tcp 81 192.0.2.0/24',
      'tcp 81 2001:db8::/32',
      'udp 53 192.0.2.0/24',
      'udp 53 2001:db8::/32',
    ]);
  });

  it('lets TLS in as TCP: EC2 knows no protocol of that name', async () => {
    await converge(newKind(managed), { annotations: { [`${annotationPrefix}ssl-cert`]: 'arn:1' } });
    expect(keys(ownGroup()!.id)).toEqual(['icmp 3 0.0.0.0/0', 'tcp 80 0.0.0.0/0']);
  });

  it('goes with the Service, and nothing stays', async () => {
    const before = structuredClone(account.snapshot());
    const kind = newKind(managed);
    await converge(kind);
    await remove(kind, testService());
    expect(account.snapshot()).toEqual(before);
  });

  it('goes with the Service when the load balancer could not be made', async () => {
    const before = structuredClone(account.snapshot());
    const kind = newKind(managed);
    account.recorder.throttleNext('CreateLoadBalancer');
    await expect(reconcile(kind)).rejects.toBeInstanceOf(CloudError);
    expect(ownGroup()).toBeDefined();
    const member = memberOf(testService());
    expect(await kind.traces(member, testCall())).toBe('present');
    await remove(kind, testService());
    expect(account.snapshot()).toEqual(before);
    expect(await kind.traces(member, testCall())).toBe('none');
  });

  it('that is still in use is looked at again, without waiting for it', async () => {
    const kind = newKind(managed);
    await converge(kind);
    const { id } = ownGroup()!;
    account.ec2.usedSecurityGroups = () => [id];
    const member = memberOf(testService());
    const observed = await kind.observe('', [member], testCall());
    const { operations } = kind.plan(new Map([[member.uid, { kind: 'gone' }]]), observed);
    const last = operations.at(-1)!;
    expect(last.action).toEqual({ kind: 'delete-security-group', id });
    expect(await kind.apply(last, observed, testCall())).toMatchObject({
      kind: 'pending',
      handle: { kind: 'security-group', id },
      after: { milliseconds: 5000 },
    });
  });

  it('of another cluster with the same UIDs is left alone', async () => {
    const kind = newKind(managed);
    await converge(kind);
    await remove(kind, testService());
    const foreign = {
      id: 'sg-foreign',
      name: groupName,
      vpcID: 'vpc-1',
      tags: { [clusterStampKey]: 'another' },
      rules: [],
    };
    account.ec2.securityGroups.set('sg-foreign', foreign);
    const outcome = await reconcile(kind);
    expect(outcome).toMatchObject({ applied: [], refusals: [{ reason: 'OwnershipConflict' }] });
    await remove(kind, testService());
    expect(account.ec2.securityGroups.get('sg-foreign')).toEqual(foreign);
  });
});

describe("the user's security groups", () => {
  it('take the place of its own, which goes, and the other way round', async () => {
    const kind = newKind(managed);
    addGroup('sg-1');
    addGroup('sg-2');
    await converge(kind);
    const applied = await converge(kind, given('sg-1', 'sg-2'));
    expect(applied).toEqual([
      expect.stringMatching(/^update LoadBalancer .* \(securityGroups: sg-created-1 → sg-1, sg-2\)$/),
      expect.stringMatching(/^delete SecurityGroup k8s-/),
    ]);
    expect(ownGroup()).toBeUndefined();
    await converge(kind);
    expect(groupsOfLoadBalancer()).toEqual([ownGroup()!.id]);
    expect(keys('sg-1')).toEqual([]);
    expect(account.ec2.securityGroups.has('sg-1')).toBe(true);
  });

  it('are refused while groups are not managed', async () => {
    expect(await ensure(newKind(), testRequest(testService(given('sg-1')), ids))).toMatchObject({
      kind: 'refusal',
      field: `${annotationPrefix}security-groups`,
      value: 'sg-1',
      fix: expect.stringContaining('NLBSecurityGroupMode'),
    });
  });

  it('can not be given to a load balancer that was made without any', async () => {
    await converge(newKind());
    addGroup('sg-1');
    const kind = newKind(managed);
    expect((await reconcile(kind, given('sg-1'))).next).toMatchObject({
      kind: 'blocked',
      reason: expect.stringContaining('made without security groups'),
    });
    // Without the annotation there is nothing to be told.
    expect(await converge(kind)).toEqual([]);
    expect(ownGroup()).toBeUndefined();
  });
});

describe('a mode that does not exist', () => {
  it('is told on the Services that it keeps from a load balancer', async () => {
    expect(await ensure(newKind('NLBSecurityGroupMode = managed'), testRequest(testService(), ids))).toMatchObject({
      kind: 'refusal',
      field: '[Global] NLBSecurityGroupMode',
      value: 'managed',
      fix: expect.stringContaining('write Managed'),
    });
  });
});

describe('the shared health check', () => {
  it('stays open for a Service when that which came first goes', async () => {
    const kind = newKind(shared);
    const second: TestServiceOptions = {
      name: 'api',
      uid: '22222222-2222-2222-2222-222222222222',
      spec: { ports: [tcpPort(90, 30090)] },
    };
    await converge(kind);
    await converge(kind, second);
    await remove(kind, testService());
    expect(keys('sg-nodes')).toContain('tcp 10256 10.0.0.0/24');
    expect(await converge(kind, second)).toEqual([]);
    await remove(kind, testService(second));
    expect(keys('sg-nodes')).toEqual([]);
  });
});

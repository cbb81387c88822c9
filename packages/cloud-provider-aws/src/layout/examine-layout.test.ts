import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { AccountReads } from '../load-balancers/surroundings/account-reads.ts';
import { AwsAccount, testCall, testConfig, testVpc } from '../testing/aws-account.ts';
import { testBackends } from '../testing/services.ts';
import { Zones } from '../zones.ts';
import { examineLayout } from './examine-layout.ts';

const role = 'kubernetes.io/role/internal-elb';

describe('examineLayout', () => {
  let account: AwsAccount;
  let ids: string[];

  beforeEach(() => {
    account = AwsAccount.withNetwork();
    ids = [1, 2].map((number) => account.launch(number));
    // Of two subnets in each zone the private one is meant for internal load balancers.
    account.ec2.subnets.forEach((subnet, index) => {
      if (subnet.id.includes('private'))
        account.ec2.subnets[index] = { ...subnet, tags: { ...subnet.tags, [role]: '1' } };
    });
  });

  async function told(zone = 'eu-test-1a'): Promise<readonly string[]> {
    const { ec2 } = account;
    const clock = new FakeClock();
    const { securityGroups } = new AccountReads({ clients: account, clock });
    const zones = new Zones({ ec2, clock });
    const nodes = testBackends(ids).map((node) => ({ ...node, labels: { 'topology.kubernetes.io/zone': zone } }));
    const findings = await examineLayout(
      nodes,
      { ec2, clock, zones, securityGroups, config: testConfig() },
      testCall(),
    );
    expect(account.recorder.take().filter((operation) => !operation.startsWith('Describe'))).toEqual([]);
    return findings.map(({ fix, state, text }) => `${state}: ${text}${fix && ` — ${fix}`}`);
  }

  it('finds nothing in an account as installers leave it', async () => {
    expect(await told()).toEqual([
      'good: 2 instances, their security groups and 6 subnets of vpc-1 are tagged as they need to be',
    ]);
  });

  it('names machines without the tag of the cluster', async () => {
    ids.push(account.launch(3, { tags: { 'kubernetes.io/cluster/another': 'owned' } }));
    expect(await told()).toEqual([
      'bad: the machines of 1 nodes lack the tag kubernetes.io/cluster/judge, so they get neither traffic nor routes: ' +
        'i-00000000000000003 — aws ec2 create-tags --resources i-00000000000000003 --tags Key=kubernetes.io/cluster/judge,Value=owned',
    ]);
  });

  it('names machines in several security groups of the cluster', async () => {
    const group = account.ec2.securityGroups.get('sg-nodes');
    if (group) account.ec2.securityGroups.set('sg-more', { ...group, id: 'sg-more', name: 'more' });
    ids.push(account.launch(3, { securityGroupIDs: ['sg-nodes', 'sg-more'] }));
    expect(await told()).toEqual([
      expect.stringMatching(/^bad: .*i-00000000000000003: sg-nodes, sg-more.* — tag exactly one security group/),
    ]);
  });

  it('names zones without subnets, and says when only an id decides', async () => {
    expect(await told('eu-test-1x')).toEqual([
      expect.stringMatching(
        /^warn: nodes are in the zone eu-test-1x, where internal load balancers have no subnet — aws /,
      ),
      expect.stringMatching(/^warn: nodes are in the zone eu-test-1x, where public load balancers/),
    ]);
    const tags = { 'kubernetes.io/cluster/judge': 'shared' };
    account.ec2.subnets.push({ id: 'subnet-z', zone: 'eu-test-1a', cidr: '10.9.0.0/24', tags, vpcID: testVpc });
    account.ec2.routeTables.push({
      vpcID: testVpc,
      isMain: false,
      subnetIDs: ['subnet-z'],
      gatewayIDs: ['igw-1'],
    });
    expect(await told()).toEqual([
      'warn: only its id makes subnet-public-a the subnet of public load balancers in eu-test-1a, beside subnet-z' +
        ' — aws ec2 create-tags --resources subnet-public-a --tags Key=kubernetes.io/role/elb,Value=1',
    ]);
  });

  it("says when no subnet is the cluster's", async () => {
    account.ec2.subnets.forEach((subnet, index) => {
      account.ec2.subnets[index] = { ...subnet, tags: { 'kubernetes.io/cluster/another': 'owned' } };
    });
    expect(await told()).toEqual([
      "bad: no subnet of vpc-1 can hold an internal load balancer: none is the cluster's — aws ec2 create-tags --resources subnet-public-a --tags Key=kubernetes.io/cluster/judge,Value=shared",
      expect.stringMatching(/^warn: no subnet of vpc-1, of those that lead to an internet gateway, can hold a public/),
    ]);
    account.ec2.routeTables.splice(1);
    expect(await told()).toHaveLength(1);
  });
});

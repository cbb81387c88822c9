import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LoadBalancerKind } from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { AwsAccount, testClusterTag, testConfig, testVpc } from '../testing/aws-account.ts';
import { ensure, ensureUntouched } from '../testing/reconcile.ts';
import { tcpPort, testRequest, testService } from '../testing/services.ts';
import { Zones } from '../zones.ts';
import { ClassicLoadBalancers } from './classic/classic-load-balancers.ts';
import { NetworkLoadBalancers } from './network/network-load-balancers.ts';

const type = 'service.beta.kubernetes.io/aws-load-balancer-type';
const done = { refusals: [], left: [], next: { kind: 'converged' } };

let account: AwsAccount;
let ids: string[];

beforeEach(() => {
  account = AwsAccount.withNetwork();
  ids = [1, 2].map((number) => account.launch(number));
});

function optionsOn(where: AwsAccount, ...lines: readonly string[]) {
  const clock = new FakeClock();
  return { clients: where, zones: new Zones({ ec2: where.ec2, clock }), config: testConfig(...lines), clock };
}

/** A second Service, with a name and a UID of its own. */
function sibling(annotations: Readonly<Record<string, string>>) {
  return testService({ name: 'other', uid: '87654321-1234-1234-1234-123456789abc', annotations });
}

describe.each<[string, string, (where: AwsAccount) => LoadBalancerKind]>([
  ['nlb', '', (where) => new NetworkLoadBalancers(optionsOn(where))],
  [
    'nlb',
    'a group of its own',
    (where) => new NetworkLoadBalancers(optionsOn(where, 'NLBSecurityGroupMode = Managed')),
  ],
  [
    'nlb',
    'groups left alone',
    (where) => new NetworkLoadBalancers(optionsOn(where, 'DisableSecurityGroupIngress = true')),
  ],
  ['', 'classic', (where) => new ClassicLoadBalancers(optionsOn(where))],
])('a Service that nothing was ever made for, type %j %s', (name, _case, open) => {
  const annotations = { [type]: name };

  it('gets the same without a look', async () => {
    const request = testRequest(testService({ annotations }), ids);
    expect(await ensureUntouched(open(account), request)).toMatchObject(done);
    const other = AwsAccount.withNetwork();
    for (const number of [1, 2]) other.launch(number);
    expect(await ensure(open(other), request)).toMatchObject(done);
    expect(account.snapshot()).toEqual(other.snapshot());
    expect([...account.elb.loadBalancers.values()]).toEqual([...other.elb.loadBalancers.values()]);
    expect(await ensure(open(account), request)).toMatchObject({ ...done, applied: [] });
  });

  it('costs nothing that only reads, apart from target groups by name, once the network is known', async () => {
    const kind = open(account);
    await ensureUntouched(kind, testRequest(sibling(annotations), ids));
    account.recorder.take();
    const request = testRequest(testService({ annotations }), ids);
    expect(await ensureUntouched(kind, request)).toMatchObject(done);
    const reads = account.recorder.take().filter((operation) => operation.startsWith('Describe'));
    expect(reads).toEqual(name === '' ? [] : ['DescribeTargetGroups']);
    expect(await ensure(kind, request)).toMatchObject({ ...done, applied: [] });
    expect(await ensure(kind, testRequest(sibling(annotations), ids))).toMatchObject({ ...done, applied: [] });
  });
});

describe('what is there all the same', () => {
  const request = () => testRequest(testService(), ids);

  it('is looked at when it is a target group, before anything is registered with it', async () => {
    await ensure(new NetworkLoadBalancers(optionsOn(account)), request());
    account.elbv2.loadBalancers.clear();
    account.elbv2.listeners.clear();
    const [group] = account.elbv2.targetGroups.values();
    account.elbv2.targetGroups.set(group!.arn, { ...group!, targets: [] });
    const pass = ensureUntouched(new NetworkLoadBalancers(optionsOn(account)), request());
    await expect(pass).rejects.toMatchObject({ code: 'Conflict' });
    expect(account.elbv2.targetGroups.get(group!.arn)).toMatchObject({ targets: [] });
  });

  it('is looked at when it is a load balancer', async () => {
    await ensure(new NetworkLoadBalancers(optionsOn(account)), request());
    for (const [arn, one] of account.elbv2.loadBalancers) {
      account.elbv2.loadBalancers.set(arn, { ...one, state: 'active' });
    }
    const pass = ensureUntouched(new NetworkLoadBalancers(optionsOn(account)), request());
    await expect(pass).rejects.toMatchObject({ code: 'Conflict' });
  });

  it('is looked at when it is a group of nodes that is not known', async () => {
    const kind = new NetworkLoadBalancers(optionsOn(account));
    await ensureUntouched(kind, testRequest(sibling({}), ids));
    const id = 'sg-new';
    account.ec2.securityGroups.set(id, { id, name: 'new', vpcID: testVpc, tags: testClusterTag, rules: [] });
    const more = [...ids, account.launch(3, { securityGroupIDs: [id] })];
    const outcome = await ensureUntouched(kind, testRequest(testService(), more));
    expect(outcome).toMatchObject(done);
    expect(account.ec2.securityGroups.get(id)?.rules).toHaveLength(2);
  });

  it('is looked at when it is a rule that somebody else made or removed', async () => {
    const kind = new NetworkLoadBalancers(optionsOn(account));
    await ensureUntouched(kind, testRequest(sibling({}), ids));
    const group = account.ec2.securityGroups.get('sg-nodes')!;
    const rule = { protocol: 'tcp', fromPort: 30080, toPort: 30080, cidr: '0.0.0.0/0', description: 'by hand' };
    account.ec2.securityGroups.set('sg-nodes', { ...group, rules: [...group.rules, rule] });
    const service = testService({ spec: { ports: [tcpPort(80, 30080), tcpPort(81, 30081)] } });
    expect(await ensureUntouched(kind, testRequest(service, ids))).toMatchObject(done);
    expect(account.ec2.securityGroups.get('sg-nodes')?.rules.map(({ fromPort }) => fromPort)).toEqual([
      30080, 3, 30080, 30081,
    ]);
  });
});

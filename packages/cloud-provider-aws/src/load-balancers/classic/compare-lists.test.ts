import { beforeEach, describe, expect, it } from '@jest/globals';
import { Duration, clusterStampKey } from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import type { ObservedListener } from '../../client/classic-elb-port.ts';
import type { IngressRule } from '../../client/ec2-port.ts';
import type { StoredClassic } from '../../testing/in-memory-classic-elb.ts';
import { AwsAccount, testCall, testConfig } from '../../testing/aws-account.ts';
import { ensure } from '../../testing/reconcile.ts';
import { memberOf, tcpPort, testRequest, testService } from '../../testing/services.ts';
import { Zones } from '../../zones.ts';
import { ClassicLoadBalancers } from './classic-load-balancers.ts';
import type { ClassicObserved } from './observe.ts';

const lb = 'a12345678123412341234123456789ab';
const prefix = 'service.beta.kubernetes.io/aws-load-balancer-';
const ownGroup = 'sg-created-1';

let account: AwsAccount;
let clock: FakeClock;
let ids: string[];

beforeEach(() => {
  account = AwsAccount.withNetwork();
  clock = new FakeClock();
  ids = [1, 2].map((number) => account.launch(number));
});

function classicService(annotations: Readonly<Record<string, string>> = {}, options = {}) {
  return testService({ ...options, annotations: { [`${prefix}type`]: '', ...annotations } });
}

async function converged(service = classicService()) {
  const zones = new Zones({ ec2: account.ec2, clock });
  const kind = new ClassicLoadBalancers({ clients: account, zones, config: testConfig(), clock });
  await ensure(kind, testRequest(service, ids));
  const group = `service/${service.metadata.uid}`;
  const observe = (): Promise<ClassicObserved> => kind.observe(group, [memberOf(service)], testCall());
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

function alter(change: Partial<StoredClassic>): void {
  account.elb.loadBalancers.set(lb, { ...account.elb.loadBalancers.get(lb)!, ...change });
}

function alterListener(change: Partial<ObservedListener>): void {
  alter({ listeners: account.elb.loadBalancers.get(lb)!.listeners.map((listener) => ({ ...listener, ...change })) });
}

function alterRules(id: string, change: (rules: readonly IngressRule[]) => readonly IngressRule[]): void {
  const present = account.ec2.securityGroups.get(id)!;
  account.ec2.securityGroups.set(id, { ...present, rules: [...change(present.rules)] });
}

const strangeRule: IngressRule = { protocol: 'tcp', fromPort: 1, toPort: 1, cidr: '10.1.0.0/16', description: '' };

const check = {
  target: 'TCP:30080',
  intervalSeconds: 10,
  timeoutSeconds: 5,
  healthyThreshold: 2,
  unhealthyThreshold: 6,
};

describe('the lists of classic load balancers', () => {
  it('show that nothing changed, with two requests for all', async () => {
    const { isUnchanged } = await converged();
    expect(await isUnchanged()).toBe(true);
    expect(account.recorder.takeCounts()).toEqual({ DescribeLoadBalancers: 1, DescribeSecurityGroups: 1 });
  });

  it.each<[string, Partial<StoredClassic>]>([
    ['DNS name', { dnsName: 'other' }],
    ['scheme', { scheme: 'internal' }],
    ['VPC', { vpcID: 'vpc-2' }],
    ['subnets', { subnetIDs: ['subnet-public-a'] }],
    ['security groups', { securityGroupIDs: ['sg-nodes'] }],
    ['instances', { instanceIDs: [] }],
    ['policies', { policies: [{ name: 'theirs', type: 'SSLNegotiationPolicyType', attributes: {} }] }],
    ['policies of instance ports', { backends: [{ port: 30080, policies: ['theirs'] }] }],
    ['listeners', { listeners: [] }],
    ['target of the check', { healthCheck: { ...check, target: 'TCP:1' } }],
    ['interval of the check', { healthCheck: { ...check, intervalSeconds: 99 } }],
    ['timeout of the check', { healthCheck: { ...check, timeoutSeconds: 99 } }],
    ['threshold of health', { healthCheck: { ...check, healthyThreshold: 9 } }],
    ['threshold of illness', { healthCheck: { ...check, unhealthyThreshold: 9 } }],
  ])('show other %s', async (_field, change) => {
    const { isUnchanged } = await converged();
    expect(account.elb.loadBalancers.get(lb)?.healthCheck).toEqual(check);
    alter(change);
    expect(await isUnchanged()).toBe(false);
  });

  it.each<[string, Partial<ObservedListener>]>([
    ['port', { port: 1 }],
    ['protocol', { protocol: 'HTTP' }],
    ['instance port', { instancePort: 1 }],
    ['instance protocol', { instanceProtocol: 'HTTP' }],
    ['certificate', { certificate: 'arn:other' }],
    ['policy', { policies: ['theirs'] }],
  ])('show another %s of a listener', async (_field, change) => {
    const { isUnchanged } = await converged();
    alterListener(change);
    expect(await isUnchanged()).toBe(false);
  });

  it.each<[string, () => void]>([
    ['load balancer that is gone', () => account.elb.loadBalancers.clear()],
    ['security group that is gone', () => account.ec2.securityGroups.delete(ownGroup)],
    ['rule too many in its group', () => alterRules(ownGroup, (rules) => [...rules, strangeRule])],
    ['rule too few in its group', () => alterRules(ownGroup, (rules) => rules.slice(1))],
    ['closed group of nodes', () => alterRules('sg-nodes', () => [])],
    [
      'group that is open without need',
      () => {
        const id = 'sg-more';
        const { rules } = account.ec2.securityGroups.get('sg-nodes')!;
        account.ec2.securityGroups.set(id, { id, name: id, vpcID: 'vpc-1', tags: {}, rules });
      },
    ],
    [
      'group of another cluster',
      () => {
        const group = account.ec2.securityGroups.get(ownGroup)!;
        account.ec2.securityGroups.set(ownGroup, { ...group, tags: { ...group.tags, [clusterStampKey]: 'another' } });
      },
    ],
    [
      'group of another name',
      () => account.ec2.securityGroups.set(ownGroup, { ...account.ec2.securityGroups.get(ownGroup)!, name: 'other' }),
    ],
  ])('show a %s', async (_name, change) => {
    const { isUnchanged } = await converged();
    change();
    expect(await isUnchanged()).toBe(false);
  });

  it('show that a group is shared now', async () => {
    account.ec2.securityGroups.set('sg-mine', { id: 'sg-mine', name: 'mine', vpcID: 'vpc-1', tags: {}, rules: [] });
    const { isUnchanged } = await converged(classicService({ [`${prefix}security-groups`]: 'sg-mine' }));
    expect(await isUnchanged()).toBe(true);
    account.elb.loadBalancers.set('theirs', { ...account.elb.loadBalancers.get(lb)!, name: 'theirs' });
    expect(await isUnchanged()).toBe(false);
  });

  it('make nobody a suspect for what is done for another Service, or by others', async () => {
    const { isUnchanged, kind } = await converged();
    const uid = '87654321-1234-1234-1234-123456789abc';
    const other = classicService({}, { name: 'other', uid, spec: { ports: [tcpPort(80, 30090)] } });
    await ensure(kind, testRequest(other, ids));
    alterRules('sg-nodes', (rules) => [...rules, strangeRule]);
    expect(await isUnchanged()).toBe(true);
  });

  it('leave attributes and tags to a look once a day', async () => {
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

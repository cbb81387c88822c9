import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  CloudError,
  type RouteDifference,
  type TargetedRoute,
  compareRoutes,
  describeOperation,
  guardOperation,
  parseCidr,
} from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import type { RouteEntry } from '../client/ec2-port.ts';
import { KnownInstances } from '../instances/known-instances.ts';
import { AwsAccount, testCall, testClusterTag, testConfig, testInstanceID } from '../testing/aws-account.ts';
import { AwsRoutes } from './aws-routes.ts';
import type { ObservedTable } from './observe.ts';

const clusterCIDRs = [parseCidr('10.244.0.0/16')!, parseCidr('fd00:10::/48')!];
const table = 'route-table/rtb-1';
let account: AwsAccount;
let routes: AwsRoutes;
let known: KnownInstances;

beforeEach(() => {
  account = AwsAccount.withNetwork();
  addTable('rtb-1', testClusterTag);
  routes = newRoutes();
});

function newRoutes(...lines: readonly string[]): AwsRoutes {
  const clock = new FakeClock();
  known = new KnownInstances({ ec2: account.ec2, clock });
  return new AwsRoutes({ ec2: account.ec2, instances: known, config: testConfig(...lines), clock });
}

const internet: RouteEntry = { cidr: '0.0.0.0/0', target: { kind: 'other', id: 'igw-1' }, state: 'active' };

function addTable(id: string, tags: Readonly<Record<string, string>>, ...entries: readonly RouteEntry[]): void {
  account.ec2.routingTables.set(id, { id, tags, routes: [internet, ...entries] });
}

function routeTo(number: number, cidr = `10.244.${number}.0/24`): TargetedRoute {
  const target = testInstanceID(number);
  return {
    node: `node-${number}`,
    nodeUID: `uid-${number}`,
    providerID: `aws:///z/${target}`,
    cidr,
    addresses: [],
    target,
  };
}

function entry(cidr: string, target: RouteEntry['target'], state: RouteEntry['state'] = 'active'): RouteEntry {
  return { cidr, target, state };
}

function difference(wanted: readonly TargetedRoute[], observed: ObservedTable): RouteDifference {
  return compareRoutes({ wanted, reserved: new Set(), clusterCIDRs }, routes.routesIn(observed));
}

/** One pass as the framework makes it, with what it wrote and what it would write after that. */
async function reconcile(wanted: readonly TargetedRoute[]) {
  const facts = await routes.facts(testCall());
  let observed = await routes.observe(table, facts, testCall());
  const { operations } = routes.plan(difference(wanted, observed), observed);
  for (const operation of operations) {
    expect(guardOperation(operation, { mode: 'run', isProtected: () => false })).toBeUndefined();
    expect(await routes.apply(operation, observed, testCall())).toEqual({ kind: 'done', outputs: {} });
    observed = routes.fold(observed, operation);
  }
  expect(routes.plan(difference(wanted, observed), observed).operations).toEqual([]);
  return operations.map(describeOperation);
}

function written(): string[] {
  const { routes: all = [] } = account.ec2.routingTables.get('rtb-1') ?? {};
  return all.filter(({ cidr }) => cidr !== '0.0.0.0/0').map(({ cidr, target }) => `${cidr} ${target.id}`);
}

describe('the calls', () => {
  it('are one for a table that is as it should be, and one for the instances behind it, once', async () => {
    const wanted = Array.from({ length: 300 }, (_, index) => routeTo(index + 1, `10.244.${index}.0/26`));
    for (const [index, { cidr }] of wanted.entries()) {
      const id = account.launch(index + 1);
      account.ec2.routingTables.get('rtb-1');
      const { routes: before } = account.ec2.routingTables.get('rtb-1')!;
      addTable('rtb-1', testClusterTag, ...before.slice(1), entry(cidr, { kind: 'instance', id }));
    }
    expect(await reconcile(wanted)).toEqual([]);
    expect(account.recorder.takeCounts()).toEqual({ DescribeRouteTables: 1, DescribeInstances: 2 });
    expect(await reconcile(wanted)).toEqual([]);
    expect(account.recorder.takeCounts()).toEqual({ DescribeRouteTables: 1 });
  });

  it('are two for a new route, and one once the instance takes foreign packets', async () => {
    for (const number of [1, 2]) account.launch(number);
    account.launch(3, { sourceDestCheck: false });
    // As the node controller leaves it.
    known.note(account.ec2.instances.values());
    expect(await reconcile([1, 2, 3].map((number) => routeTo(number)))).toHaveLength(3);
    expect(account.recorder.takeCounts()).toEqual({
      DescribeRouteTables: 1,
      ModifyInstanceAttribute: 2,
      CreateRoute: 3,
    });
    expect([...account.ec2.instances.values()].map(({ sourceDestCheck }) => sourceDestCheck)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('read what is not known of all new instances at once', async () => {
    for (const number of [1, 2, 3]) account.launch(number, { sourceDestCheck: false });
    await reconcile([1, 2, 3].map((number) => routeTo(number)));
    expect(account.recorder.takeCounts()).toEqual({ DescribeRouteTables: 1, DescribeInstances: 1, CreateRoute: 3 });
  });

  it('are one for a node that left', async () => {
    account.launch(1);
    await reconcile([routeTo(1)]);
    account.recorder.take();
    expect(await reconcile([])).toEqual([`delete Route rtb-1 10.244.1.0/24 (target: ${testInstanceID(1)} → )`]);
    expect(account.recorder.takeCounts()).toEqual({ DescribeRouteTables: 1, DeleteRoute: 1 });
    expect(written()).toEqual([]);
  });
});

describe('routes', () => {
  it('that lead nowhere are replaced in one step', async () => {
    account.launch(1, { state: 'terminated' });
    account.launch(2);
    addTable('rtb-1', testClusterTag, entry('10.244.1.0/24', { kind: 'instance', id: testInstanceID(1) }));
    await reconcile([{ ...routeTo(2), cidr: '10.244.1.0/24' }]);
    expect(account.recorder.takeCounts()).toMatchObject({ ReplaceRoute: 1 });
    expect(written()).toEqual([`10.244.1.0/24 ${testInstanceID(2)}`]);
  });

  it('that lead nowhere and that nobody needs are deleted', async () => {
    account.launch(1, { state: 'terminated' });
    addTable('rtb-1', testClusterTag, entry('10.244.1.0/24', { kind: 'instance', id: testInstanceID(1) }));
    await reconcile([]);
    expect(written()).toEqual([]);
  });

  it('of others are left alone, and do not hold up ours', async () => {
    account.launch(1);
    account.launch(7, { tags: { 'kubernetes.io/cluster/other': 'owned' } });
    const theirs = [
      entry('10.244.7.0/24', { kind: 'instance', id: testInstanceID(7) }),
      entry('10.244.8.0/24', { kind: 'network-interface', id: 'eni-appliance' }),
      entry('10.244.9.0/24', { kind: 'other', id: 'tgw-1' }),
      entry('10.244.10.0/24', { kind: 'other', id: 'pcx-1' }, 'blackhole'),
    ];
    addTable('rtb-1', testClusterTag, ...theirs);
    const before = written();
    expect(await reconcile([routeTo(1)])).toHaveLength(1);
    expect(written()).toEqual([...before, `10.244.1.0/24 ${testInstanceID(1)}`]);
    const observed = await routes.observe(table, { tableID: 'rtb-1' }, testCall());
    expect(difference([routeTo(1, '10.244.7.0/24')], observed).blocked).toHaveLength(1);
  });

  it('of IPv6 lead to the first interface, and so do those of machines that have several', async () => {
    const eni = (id: string, deviceIndex: number) => ({
      id,
      deviceIndex,
      status: 'in-use',
      privateIPs: ['10.0.0.9'],
      ipv6s: [],
    });
    account.launch(1);
    account.launch(2, { networkInterfaces: [eni('eni-b', 1), eni('eni-a', 0)] });
    const inputs: unknown[] = [];
    const create = account.ec2.createRoute.bind(account.ec2);
    account.ec2.createRoute = (input, call) => {
      inputs.push([input.cidr, input.target]);
      return create(input, call);
    };
    await reconcile([routeTo(1), routeTo(1, 'fd00:10:0:1::/64'), routeTo(2)]);
    expect(inputs).toEqual([
      ['10.244.1.0/24', { kind: 'instance', id: testInstanceID(1) }],
      ['fd00:10:0:1::/64', { kind: 'network-interface', id: 'eni-1' }],
      ['10.244.2.0/24', { kind: 'network-interface', id: 'eni-a' }],
    ]);
  });
});

describe('a write', () => {
  const planned = async (wanted: readonly TargetedRoute[]) => {
    const observed = await routes.observe(table, await routes.facts(testCall()), testCall());
    const [operation] = routes.plan(difference(wanted, observed), observed).operations;
    account.recorder.take();
    return () => routes.apply(operation!, observed, testCall());
  };

  it.each(['CreateRoute', 'ModifyInstanceAttribute'] as const)(
    '%s whose answer was lost is repeated without harm',
    async (operation) => {
      account.launch(1);
      const apply = await planned([routeTo(1)]);
      account.recorder.failNext(operation, { kind: 'lost-reply' });
      await expect(apply()).rejects.toMatchObject({ code: 'Unavailable' });
      expect(await apply()).toEqual({ kind: 'done', outputs: {} });
      expect(written()).toEqual([`10.244.1.0/24 ${testInstanceID(1)}`]);
    },
  );

  it('does not take the route of somebody who was quicker for its own', async () => {
    account.launch(1);
    account.launch(2);
    const apply = await planned([routeTo(1)]);
    addTable('rtb-1', testClusterTag, entry('10.244.1.0/24', { kind: 'instance', id: testInstanceID(2) }));
    await expect(apply()).rejects.toMatchObject({ code: 'Conflict', details: { cloudCode: 'RouteAlreadyExists' } });
  });

  it('deletes what is gone already, and creates what is not there to be replaced', async () => {
    account.launch(1);
    account.launch(2);
    addTable('rtb-1', testClusterTag, entry('10.244.1.0/24', { kind: 'instance', id: testInstanceID(1) }));
    const applyDelete = await planned([]);
    const applyReplace = await planned([{ ...routeTo(2), cidr: '10.244.1.0/24' }]);
    addTable('rtb-1', testClusterTag);
    expect(await applyDelete()).toEqual({ kind: 'done', outputs: {} });
    expect(await applyReplace()).toEqual({ kind: 'done', outputs: {} });
    expect(written()).toEqual([`10.244.1.0/24 ${testInstanceID(2)}`]);
  });

  it('fails for an instance that EC2 does not show, and for a full table, by itself', async () => {
    const apply = await planned([routeTo(1)]);
    await expect(apply()).rejects.toMatchObject({ code: 'Unavailable' });
    account.launch(1);
    const error = new CloudError('Quota', 'full', { cloudCode: 'RouteLimitExceeded' });
    account.recorder.failNext('CreateRoute', { kind: 'error', error });
    await expect(apply()).rejects.toMatchObject({ code: 'Quota' });
    expect(await apply()).toEqual({ kind: 'done', outputs: {} });
  });
});

describe('the table', () => {
  it('is the one that the cloud-config names, whatever its tags', async () => {
    addTable('rtb-2', {});
    routes = newRoutes('RouteTableID = rtb-2');
    expect(routes.tables(await routes.facts(testCall()))).toEqual(['route-table/rtb-2']);
  });

  it('is the one that is tagged, not one of another cluster', async () => {
    addTable('rtb-2', { KubernetesCluster: 'other' });
    expect(routes.tables(await routes.facts(testCall()))).toEqual([table]);
  });

  it('of a cluster from before the prefix is found by the legacy tag', async () => {
    account.ec2.routingTables.clear();
    addTable('rtb-2', { KubernetesCluster: 'other' });
    addTable('rtb-3', { KubernetesCluster: 'judge' });
    expect(routes.tables(await routes.facts(testCall()))).toEqual(['route-table/rtb-3']);
    expect(account.recorder.takeCounts()).toEqual({ DescribeRouteTables: 2 });
  });

  it.each([
    ['carries no tag', (): void => account.ec2.routingTables.clear(), [], /no route table carries the tag/],
    ['is not alone', (): void => addTable('rtb-2', testClusterTag), [], /is on rtb-1, rtb-2: name the one/],
    ['does not exist', (): void => {}, ['RouteTableID = rtb-9'], /RouteTableID: there is no route table rtb-9/],
  ])('that %s is told', async (_name, prepare, lines, message) => {
    prepare();
    routes = newRoutes(...lines);
    await expect(routes.facts(testCall())).rejects.toMatchObject({
      code: 'Invalid',
      message: expect.stringMatching(message),
    });
  });
});

describe('targets', () => {
  it.each([
    ['aws:///eu-test-1a/i-1', { kind: 'known', target: 'i-1' }],
    ['', { kind: 'unknown', reason: 'the node has no providerID yet' }],
    ['aws://i-1', { kind: 'unknown' }],
    ['aws:///z/x/fargate-10.0.0.1', { kind: 'foreign' }],
    ['gce://p/z/n', { kind: 'foreign' }],
  ])('%s', (providerID, expected) => {
    expect(routes.targetOf({ ...routeTo(1), providerID })).toMatchObject(expected);
  });
});

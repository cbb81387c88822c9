import { beforeEach, describe, expect, it } from '@jest/globals';
import { CloudError, Duration, type InstanceView, type NodeRef } from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { formatProviderID } from '../provider-id.ts';
import { AwsAccount, testCall, testConfig, testInstanceID, testVpc } from '../testing/aws-account.ts';
import { Zones } from '../zones.ts';
import { AwsInstances, zoneIDLabel } from './aws-instances.ts';
import { KnownInstances } from './known-instances.ts';

let account: AwsAccount;
let instances: AwsInstances;
let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
  account = AwsAccount.withNetwork();
  instances = newInstances();
});

function newInstances(...lines: readonly string[]): AwsInstances {
  const { ec2 } = account;
  const known = new KnownInstances({ ec2, clock });
  return new AwsInstances({ ec2, zones: new Zones({ ec2, clock }), config: testConfig(...lines), clock, known });
}

function node(name: string, providerID = '', labels: Record<string, string> = {}): NodeRef {
  return { name, uid: `uid-${name}`, providerID, labels, annotations: {} };
}

function nodeOf(number: number): NodeRef {
  return node(`node-${number}`, formatProviderID('eu-test-1a', testInstanceID(number)));
}

async function viewOf(ref: NodeRef, need: 'existence' | 'metadata' = 'existence'): Promise<InstanceView | undefined> {
  return (await instances.describe([ref], need, testCall())).get(ref.name);
}

describe('what is asked', () => {
  it('is one filtered call for 200 nodes that have providerIDs', async () => {
    const nodes = Array.from({ length: 200 }, (_, index) => {
      account.launch(index + 1);
      return nodeOf(index + 1);
    });
    const views = await instances.describe(nodes, 'existence', testCall());
    expect(views.size).toBe(200);
    expect(account.recorder.takeCounts()).toEqual({ DescribeInstances: 1 });
  });

  describe('of more than 200 nodes', () => {
    const many = (number: number) =>
      Array.from({ length: number }, (_, index) => {
        account.launch(index + 1);
        return nodeOf(index + 1);
      });

    it('is one list of the cluster’s instances', async () => {
      const nodes = many(1000);
      account.launch(2000, { tags: { 'kubernetes.io/cluster/other': 'owned' } });
      const views = await instances.describe(nodes, 'existence', testCall());
      expect([...views.values()].filter(({ kind }) => kind === 'present')).toHaveLength(1000);
      expect(account.recorder.takeCounts()).toEqual({ DescribeInstances: 1 });
    });

    it('is a list of several pages only while that is less than asking for each', async () => {
      const nodes = many(1500);
      await instances.describe(nodes, 'existence', testCall());
      expect(account.recorder.takeCounts()).toEqual({ DescribeInstances: 2 });
      await instances.describe(nodes.slice(0, 400), 'existence', testCall());
      expect(account.recorder.takeCounts()).toEqual({ DescribeInstances: 2 });
    });

    it('is by their ids for those that the list does not show, and a proof for those that are gone', async () => {
      const nodes = many(300);
      const first = account.ec2.instances.get(testInstanceID(1))!;
      account.ec2.instances.set(first.id, { ...first, tags: { KubernetesCluster: 'judge' } });
      account.ec2.instances.delete(testInstanceID(2));
      const third = account.ec2.instances.get(testInstanceID(3))!;
      account.ec2.instances.set(third.id, { ...third, state: 'terminated' });
      const views = await instances.describe(nodes, 'existence', testCall());
      const kinds = [1, 2, 3, 4].map((number) => views.get(`node-${number}`)?.kind);
      expect(kinds).toEqual(['present', 'absent', 'absent', 'present']);
      expect(account.recorder.takeCounts()).toEqual({ DescribeInstances: 3 });
    });

    it('is asking for each when the list is refused', async () => {
      const nodes = many(300);
      const error = new CloudError('Denied', 'no lists', { operation: 'DescribeInstances' });
      account.recorder.failNext('DescribeInstances', { kind: 'error', error });
      const views = await instances.describe(nodes, 'existence', testCall());
      expect([...views.values()].filter(({ kind }) => kind === 'present')).toHaveLength(300);
      expect(account.recorder.takeCounts()).toEqual({ DescribeInstances: 3 });
    });
  });

  it('is two calls when some are found by name, and the zones once', async () => {
    account.launch(1);
    account.launch(2);
    const nodes = [nodeOf(1), node('ip-10-0-0-3.eu-test-1.compute.internal')];
    await instances.describe(nodes, 'metadata', testCall());
    expect(account.recorder.takeCounts()).toEqual({
      DescribeInstances: 2,
      DescribeAvailabilityZones: 1,
      DescribeInstanceTopology: 1,
    });
    await instances.describe(nodes, 'metadata', testCall());
    expect(account.recorder.takeCounts()).toEqual({ DescribeInstances: 2 });
  });

  it('is one more call for all that are missing, and one for the rest of them', async () => {
    for (const number of [1, 2, 3, 4]) account.launch(number);
    account.ec2.instances.delete(testInstanceID(2));
    account.ec2.instances.delete(testInstanceID(3));
    const views = await instances.describe([1, 2, 3, 4].map(nodeOf), 'existence', testCall());
    const kinds = [1, 2, 3, 4].map((number) => views.get(`node-${number}`)?.kind);
    expect(kinds).toEqual(['present', 'absent', 'absent', 'present']);
    expect(account.recorder.takeCounts()).toEqual({ DescribeInstances: 2 });
  });

  it('is nothing for nodes that can not be looked up', async () => {
    await instances.describe(
      [node('a', 'gce://p/z/n'), node('b', 'aws:///z/x/fargate-ip-1'), node('c', 'aws://x')],
      'metadata',
      testCall(),
    );
    expect(account.recorder.take()).toEqual([]);
  });
});

describe('what is answered', () => {
  it('is everything that initialisation writes', async () => {
    account.launch(1, { publicIP: '198.51.100.1' });
    expect(await viewOf(nodeOf(1), 'metadata')).toEqual({
      kind: 'present',
      state: 'running',
      metadata: {
        providerID: `aws:///eu-test-1b/${testInstanceID(1)}`,
        instanceType: 'm5.large',
        zone: 'eu-test-1b',
        region: 'eu-test-1',
        additionalLabels: { [zoneIDLabel]: 'eut1-az2' },
        addresses: [
          { type: 'InternalIP', address: '10.0.0.2' },
          { type: 'ExternalIP', address: '198.51.100.1' },
          { type: 'InternalDNS', address: 'ip-10-0-0-2.eu-test-1.compute.internal' },
          { type: 'Hostname', address: 'ip-10-0-0-2.eu-test-1.compute.internal' },
        ],
      },
    });
  });

  it('gives the id of a zone that the node has already as it is, and does not look for it', async () => {
    account.launch(1);
    const labelled = { ...nodeOf(1), labels: { [zoneIDLabel]: 'theirs' } };
    expect(await viewOf(labelled, 'metadata')).toMatchObject({
      metadata: { additionalLabels: { [zoneIDLabel]: 'theirs' } },
    });
    expect(account.recorder.takeCounts()).toEqual({ DescribeInstances: 1, DescribeInstanceTopology: 1 });
  });

  it.each([
    ['pending', 'running'],
    ['running', 'running'],
    ['stopping', 'running'],
    ['stopped', 'stopped'],
    ['shutting-down', 'terminating'],
  ] as const)('%s is %s', async (state, expected) => {
    account.launch(1, { state });
    expect(await viewOf(nodeOf(1))).toEqual({ kind: 'present', state: expected });
  });

  it('takes a terminated instance for gone, with the answer as evidence', async () => {
    account.launch(1, { state: 'terminated' });
    expect(await viewOf(nodeOf(1))).toEqual({
      kind: 'absent',
      evidence: { statement: 'state terminated', operation: 'DescribeInstances', requestId: 'req-find' },
    });
  });

  it('takes an instance for gone only when EC2 says so to its id', async () => {
    expect(await viewOf(nodeOf(7))).toEqual({
      kind: 'absent',
      evidence: { statement: 'InvalidInstanceID.NotFound', operation: 'DescribeInstances', requestId: 'req-1' },
    });
  });

  it('never takes one for gone because a call failed', async () => {
    account.recorder.throttleNext('DescribeInstances');
    expect(await viewOf(nodeOf(7))).toMatchObject({ kind: 'unknown', reason: { code: 'Throttled' } });
    // The filter answers, the look-up by id does not.
    account.recorder.failNext('DescribeInstances', {
      kind: 'error',
      error: new CloudError('Denied', 'no', { operation: 'DescribeInstances' }),
    });
    account.launch(1);
    expect(await viewOf(nodeOf(1))).toMatchObject({ kind: 'unknown', reason: { code: 'Denied' } });
  });

  it('asks one by one, up to a limit, when EC2 does not say which ids it does not know', async () => {
    for (const number of [1, 2, 3]) account.launch(number);
    const nodes = Array.from({ length: 15 }, (_, index) => nodeOf(index + 101));
    const find = account.ec2.findInstances.bind(account.ec2);
    account.ec2.findInstances = async (query, call) => {
      const answer = await find(query, call);
      const error = new CloudError('NotFound', 'Some instances do not exist', {
        cloudCode: 'InvalidInstanceID.NotFound',
      });
      account.recorder.failNext('DescribeInstances', { kind: 'error', error });
      return answer;
    };
    const views = await instances.describe(nodes, 'existence', testCall());
    const kinds = [...views.values()].map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'absent')).toHaveLength(10);
    expect(kinds.filter((kind) => kind === 'unknown')).toHaveLength(5);
  });

  it('does not let an id that can not exist spoil the look-up of the others', async () => {
    account.launch(1);
    const views = await instances.describe([nodeOf(1), node('i-fake.example'), nodeOf(5)], 'existence', testCall());
    expect(views.get('i-fake.example')).toMatchObject({ kind: 'unknown', reason: { code: 'Invalid' } });
    expect(views.get('node-1')).toMatchObject({ kind: 'present' });
    expect(views.get('node-5')).toMatchObject({ kind: 'absent' });
  });

  it('finds a node that is named after its instance', async () => {
    const id = account.launch(1);
    expect(await viewOf(node(`${id}.eu-test-1.compute.internal`))).toMatchObject({ kind: 'present' });
    expect(await viewOf(node(id))).toMatchObject({ kind: 'present' });
  });

  it.each([
    ['one', [{}], { kind: 'present' }],
    ['none', [], { kind: 'unknown', reason: { code: 'NotFound' } }],
    ['a terminated one', [{ state: 'terminated' }], { kind: 'unknown', reason: { code: 'NotFound' } }],
    [
      "another cluster's",
      [{ tags: { 'kubernetes.io/cluster/other': 'owned' } }],
      { kind: 'unknown', reason: { code: 'NotFound' } },
    ],
    ["ours beside another cluster's", [{}, { tags: {} }], { kind: 'present' }],
    ['two', [{}, {}], { kind: 'ambiguous', ids: [testInstanceID(1), testInstanceID(2)] }],
  ] as const)('by name, %s', async (_name, machines, expected) => {
    for (const [index, overrides] of machines.entries())
      account.launch(index + 1, { ...overrides, privateDnsName: 'ip-name' });
    expect(await viewOf(node('ip-name'))).toMatchObject(expected);
  });

  it.each([
    ['gce://p/z/n', { kind: 'foreign' }],
    ['aws:///z/x/fargate-ip-1', { kind: 'unknown', reason: { code: 'Invalid' } }],
    ['aws://wrong', { kind: 'unknown', reason: { code: 'Invalid' } }],
  ])('the providerID %s', async (providerID, expected) => {
    expect(await viewOf(node('n', providerID))).toMatchObject(expected);
  });

  it('does not guess the id of a zone', async () => {
    account.launch(1, { zone: 'eu-test-1z' });
    expect(await viewOf(nodeOf(1), 'metadata')).toMatchObject({ kind: 'unknown' });
    account.launch(2);
    account.recorder.take();
    account.recorder.throttleNext('DescribeAvailabilityZones');
    const fresh = newInstances();
    const views = await fresh.describe([nodeOf(1), nodeOf(2)], 'metadata', testCall());
    expect([...views.values()]).toMatchObject([{ reason: { code: 'Throttled' } }, { reason: { code: 'Throttled' } }]);
    expect(account.recorder.takeCounts()).toEqual({
      DescribeInstances: 1,
      DescribeAvailabilityZones: 1,
      DescribeInstanceTopology: 1,
    });
  });
});

describe('places in the network', () => {
  const placesOf = async (numbers: readonly number[], ...lines: readonly string[]) => {
    instances = lines.length === 0 ? instances : newInstances(...lines);
    const views = await instances.describe(numbers.map(nodeOf), 'metadata', testCall());
    return numbers.map((number) => {
      const view = views.get(`node-${number}`);
      if (view?.kind !== 'present') return view;
      return Object.entries(view.metadata?.additionalLabels ?? {}).filter(([key]) => key !== zoneIDLabel);
    });
  };

  it('are asked for 100 at a time where the type must have them', async () => {
    const numbers = Array.from({ length: 150 }, (_, index) => index + 1);
    for (const number of numbers) {
      account.ec2.topology.set(account.launch(number, { type: 'p4d.24xlarge' }), ['nn-1', 'nn-2', `nn-${number}`]);
    }
    const places = await placesOf(numbers);
    expect(places[7]).toEqual([
      ['topology.k8s.aws/network-node-layer-1', 'nn-1'],
      ['topology.k8s.aws/network-node-layer-2', 'nn-2'],
      ['topology.k8s.aws/network-node-layer-3', 'nn-8'],
    ]);
    expect(account.recorder.takeCounts()).toMatchObject({ DescribeInstanceTopology: 2 });
  });

  it('are asked for once a day for all machines of a type that has none', async () => {
    const numbers = Array.from({ length: 150 }, (_, index) => index + 1);
    for (const number of numbers) account.launch(number, { type: number % 2 === 0 ? 'm5.large' : 'c5.large' });
    await placesOf(numbers);
    expect(account.recorder.takeCounts()).toMatchObject({ DescribeInstanceTopology: 1 });
    await placesOf(numbers);
    expect(account.recorder.takeCounts()).toEqual({ DescribeInstances: 1 });
    await clock.advance(Duration.hours(25));
    await placesOf(numbers);
    expect(account.recorder.takeCounts()).toMatchObject({ DescribeInstanceTopology: 1 });
  });

  it('are found for types nobody expected to have one', async () => {
    for (const number of [1, 2, 3]) account.ec2.topology.set(account.launch(number, { type: 'g9.large' }), ['nn-1']);
    expect((await placesOf([1, 2, 3])).flat()).toHaveLength(3);
    expect(account.recorder.takeCounts()).toMatchObject({ DescribeInstanceTopology: 2 });
  });

  it('are not asked for when the node has them, and given as they are', async () => {
    account.launch(1, { type: 'p4d.24xlarge' });
    const layers = { 'topology.k8s.aws/network-node-layer-1': 'nn', 'topology.k8s.aws/network-node-layer-2': 'mm' };
    const labelled = { ...nodeOf(1), labels: { ...layers, [zoneIDLabel]: 'z', other: 'label' } };
    const view = await viewOf(labelled, 'metadata');
    expect(view).toMatchObject({ kind: 'present', metadata: { additionalLabels: { ...layers, [zoneIDLabel]: 'z' } } });
    if (view?.kind === 'present') expect(view.metadata?.additionalLabels).not.toHaveProperty('other');
    expect(account.recorder.takeCounts()).toEqual({ DescribeInstances: 1 });
  });

  it('that EC2 does not give for a machine are asked for again a day later', async () => {
    account.launch(1, { type: 'p4d.24xlarge' });
    expect(await placesOf([1])).toEqual([[]]);
    account.recorder.take();
    expect(await placesOf([1])).toEqual([[]]);
    expect(account.recorder.takeCounts()).toEqual({ DescribeInstances: 1 });
  });

  it.each([
    ['p4d.24xlarge', new CloudError('Throttled', 'slow down'), { kind: 'unknown', reason: { code: 'Throttled' } }, 1],
    ['m5.large', new CloudError('Throttled', 'slow down'), [], 1],
    ['p4d.24xlarge', new CloudError('Denied', 'no'), [], 0],
    ['p4d.24xlarge', new CloudError('Invalid', 'no', { cloudCode: 'UnsupportedOperation' }), [], 0],
  ])('of %s after %s', async (type, error, expected, asksAgain) => {
    account.launch(1, { type });
    account.recorder.failNext('DescribeInstanceTopology', { kind: 'error', error });
    expect(await placesOf([1])).toMatchObject([expected]);
    account.recorder.take();
    await placesOf([1]);
    expect(account.recorder.takeCounts().DescribeInstanceTopology ?? 0).toBe(asksAgain);
  });
});

describe('machines of Fargate', () => {
  const fargate = (name: string, id: string): NodeRef => node(name, `aws:///eu-test-1a/1234567890-abc/${id}`);

  beforeEach(() => {
    for (const [index, address] of ['10.0.1.7', '10.0.1.8', '10.0.1.9', '10.0.1.9'].entries()) {
      account.ec2.interfaces.push({
        id: `eni-f${index}`,
        vpcID: index === 3 ? 'vpc-other' : testVpc,
        zone: 'eu-test-1a',
        privateDnsName: `ip-${address.replaceAll('.', '-')}.eu-test-1.compute.internal`,
        privateIPs: [address],
        ipv6s: ['2001:db8::7', '2001:db8::8'],
      });
    }
  });

  it('are found by address, all with one request', async () => {
    instances = newInstances(`VPC = ${testVpc}`, 'NodeIPFamilies = ipv4', 'NodeIPFamilies = ipv6');
    const nodes = [
      fargate('f1', 'fargate-10.0.1.7'),
      fargate('f2', 'fargate-ip-10-0-1-8.eu-test-1.compute.internal'),
      fargate('f3', 'fargate-ip-10-0-1-9.eu-test-1.compute.internal'),
    ];
    const views = await instances.describe(nodes, 'metadata', testCall());
    expect(views.get('f2')).toEqual({
      kind: 'present',
      state: 'running',
      metadata: {
        providerID: nodes[1]!.providerID,
        instanceType: '',
        zone: 'eu-test-1a',
        region: 'eu-test-1',
        additionalLabels: { [zoneIDLabel]: 'eut1-az1' },
        addresses: [
          { type: 'InternalIP', address: '10.0.1.8' },
          { type: 'InternalIP', address: '2001:db8::7' },
          { type: 'InternalDNS', address: 'ip-10-0-1-8.eu-test-1.compute.internal' },
        ],
      },
    });
    expect([...views.values()].map(({ kind }) => kind)).toEqual(['present', 'present', 'present']);
    expect(account.recorder.takeCounts()).toEqual({ DescribeNetworkInterfaces: 1, DescribeAvailabilityZones: 1 });
  });

  it('are never off, and told apart by the VPC', async () => {
    expect(await viewOf(fargate('f1', 'fargate-10.0.1.7'))).toEqual({ kind: 'present', state: 'running' });
    const both = await viewOf(fargate('f3', 'fargate-10.0.1.9'));
    expect(both).toEqual({ kind: 'ambiguous', ids: ['eni-f2', 'eni-f3'] });
  });

  it('are gone only after five minutes without a sight of them', async () => {
    const gone = fargate('f1', 'fargate-10.0.9.9');
    expect(await viewOf(gone)).toMatchObject({ kind: 'unknown', reason: { code: 'NotFound' } });
    await clock.advance(Duration.minutes(4));
    account.recorder.throttleNext('DescribeNetworkInterfaces');
    expect(await viewOf(gone)).toMatchObject({ kind: 'unknown', reason: { code: 'Throttled' } });
    await clock.advance(Duration.minutes(1));
    expect(await viewOf(gone)).toEqual({
      kind: 'absent',
      evidence: {
        statement: 'no attached network interface has the address 10.0.9.9',
        operation: 'DescribeNetworkInterfaces',
        requestId: '',
      },
    });
  });
});

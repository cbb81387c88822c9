import { clusterStampKey } from '@ccm-ts/cloud-provider';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { annotationPrefix } from '../../annotations.ts';
import { AwsAccount, testCall, testConfig } from '../../testing/aws-account.ts';
import { type ReconcileOutcome, ensure } from '../../testing/reconcile.ts';
import { tcpPort, testBackends, testCluster, testRequest, testService } from '../../testing/services.ts';
import { Zones } from '../../zones.ts';
import { NetworkLoadBalancers } from './network-load-balancers.ts';

let account: AwsAccount;
let kind: NetworkLoadBalancers;
let ids: string[];

beforeEach(() => {
  account = AwsAccount.withNetwork();
  const clock = new FakeClock();
  const zones = new Zones({ ec2: account.ec2, clock });
  kind = new NetworkLoadBalancers({ clients: account, zones, config: testConfig(), clock });
  ids = [1, 2].map((number) => account.launch(number));
});

type Written = Readonly<Record<string, string>>;

const serviceWith = (written: Written) =>
  testService({
    annotations: Object.fromEntries(
      Object.entries(written).map(([suffix, value]) => [annotationPrefix + suffix, value]),
    ),
    spec: { ports: [tcpPort(80, 30080), tcpPort(443, 30443)] },
  });

async function reconcile(written: Written): Promise<ReconcileOutcome> {
  const outcome = await ensure(kind, testRequest(serviceWith(written), ids));
  if (!('applied' in outcome)) throw new Error(outcome.fix);
  expect(outcome).toMatchObject({ refusals: [], left: [] });
  return outcome;
}

/** What was done; and that looking again finds nothing to do. */
async function converge(written: Written): Promise<readonly string[]> {
  const { applied } = await reconcile(written);
  expect((await reconcile(written)).applied).toEqual([]);
  return applied;
}

function listenerOf(port: number) {
  return [...account.elbv2.listeners.values()].find((listener) => listener.port === port)!;
}

function loadBalancer() {
  return [...account.elbv2.loadBalancers.values()][0]!;
}

const everything: Written = {
  'ssl-cert': 'arn:1',
  'ssl-ports': '443',
  'ssl-negotiation-policy': 'P1',
  'cross-zone-load-balancing-enabled': 'true',
  'access-log-enabled': 'true',
  'access-log-s3-bucket-name': 'logs',
  'access-log-s3-bucket-prefix': 'web',
  'target-group-attributes': 'preserve_client_ip.enabled=false,proxy_protocol_v2.enabled=true',
  'additional-resource-tags': 'team=a',
  'healthcheck-timeout': '6',
  subnets: 'subnet-public-a,subnet-public-b',
  'target-node-labels': 'pool=web',
};

describe('a single value that was changed in the cloud', () => {
  beforeEach(() => {
    const backends = testBackends(ids).map((backend) => ({ ...backend, labels: { pool: 'web' } }));
    const request = { ...testRequest(serviceWith(everything), ids), backends };
    full = async () => {
      const outcome = await ensure(kind, request);
      if (!('applied' in outcome)) throw new Error(outcome.fix);
      expect(outcome).toMatchObject({ refusals: [], left: [], next: { kind: 'converged' } });
      return outcome.applied;
    };
  });
  let full: () => Promise<readonly string[]>;

  const targetGroup = (port: number): string =>
    [...account.elbv2.targetGroups.values()].find((group) => group.port === port)!.arn;

  it.each<[string, () => Promise<void> | void, RegExp]>([
    [
      'a certificate',
      () => account.elbv2.modifyListener(listenerOf(443).arn, { tls: { certificateArn: 'x', policy: '' } }, testCall()),
      /^update Listener .*:443 \(certificateArn: x → arn:1\)$/,
    ],
    [
      'a policy',
      () =>
        account.elbv2.modifyListener(
          listenerOf(443).arn,
          { tls: { certificateArn: 'arn:1', policy: 'x' } },
          testCall(),
        ),
      /^update Listener .*:443 \(policy: x → P1\)$/,
    ],
    ...(
      [
        ['load_balancing.cross_zone.enabled', 'false'],
        ['access_logs.s3.enabled', 'false'],
        ['access_logs.s3.bucket', 'x'],
        ['access_logs.s3.prefix', 'x'],
      ] as const
    ).map(([key, value]): [string, () => Promise<void>, RegExp] => [
      key,
      () => account.elbv2.modifyLoadBalancerAttributes(loadBalancer().arn, { [key]: value }, testCall()),
      new RegExp(`^update LoadBalancer a\\w+ \\(${key}: ${value} → \\w+\\)$`),
    ]),
    ...(
      [
        ['preserve_client_ip.enabled', 'true'],
        ['proxy_protocol_v2.enabled', 'false'],
      ] as const
    ).map(([key, value]): [string, () => Promise<void>, RegExp] => [
      key,
      () => account.elbv2.modifyTargetGroupAttributes(targetGroup(30080), { [key]: value }, testCall()),
      new RegExp(`^update TargetGroup k8s-.* \\(${key}: ${value} → \\w+\\)$`),
    ]),
    [
      'a time-out',
      () => account.elbv2.modifyHealthCheck(targetGroup(30080), { timeoutSeconds: 9 }, testCall()),
      /^update TargetGroup k8s-.* \(healthCheck.timeoutSeconds: 9 → 6\)$/,
    ],
    [
      'a tag of the load balancer',
      () => account.elbv2.addTags([loadBalancer().arn], { team: 'x' }, testCall()),
      /^update LoadBalancer a\w+ \(tags.team: {2}→ a\)$/,
    ],
    [
      'a tag of a listener',
      () => account.elbv2.addTags([listenerOf(80).arn], { 'kubernetes.io/service-name': 'x' }, testCall()),
      /^update LoadBalancer a\w+ \(tags.kubernetes.io\/service-name: {2}→ default\/web\)$/,
    ],
    [
      'the subnets',
      () =>
        account.elbv2.setSubnets(
          loadBalancer().arn,
          { subnets: [{ subnetID: 'subnet-public-a', allocationID: '', privateAddress: '' }] },
          testCall(),
        ),
      /^update LoadBalancer a\w+ \(subnets: subnet-public-a → subnet-public-a, subnet-public-b\)$/,
    ],
  ])('is repaired, and nothing else: %s', async (_name, alter, repair) => {
    await full();
    expect(await full()).toEqual([]);
    await alter();
    expect(await full()).toEqual([expect.stringMatching(repair)]);
    expect(await full()).toEqual([]);
  });
});

describe('a load balancer of the Go manager', () => {
  it('is left as it is, its tags without our stamp too', async () => {
    await converge({ 'additional-resource-tags': 'team=a' });
    for (const [arn, tags] of account.elbv2.tags) {
      const others = Object.entries(tags).filter(([key]) => key !== clusterStampKey);
      account.elbv2.tags.set(arn, Object.fromEntries(others));
    }
    expect(await converge({ 'additional-resource-tags': 'team=a' })).toEqual([]);
    // The stamp comes with a write that is due anyway.
    expect(await converge({ 'additional-resource-tags': 'team=b' })).toHaveLength(1);
    for (const tags of account.elbv2.tags.values()) {
      expect(tags).toMatchObject({ team: 'b', [clusterStampKey]: testCluster.uid });
    }
  });

  it('with TLS keeps the policy that AWS chose, without a write at each look', async () => {
    await converge({ 'ssl-cert': 'arn:1' });
    await account.elbv2.modifyListener(
      listenerOf(443).arn,
      { tls: { certificateArn: 'arn:1', policy: 'AnotherDefault' } },
      testCall(),
    );
    expect(await converge({ 'ssl-cert': 'arn:1' })).toEqual([]);
  });

  it('keeps its subnets while users name none, even when there are more by now', async () => {
    await converge({ subnets: 'subnet-public-a' });
    expect(await converge({})).toEqual([]);
  });
});

describe('an edit', () => {
  it('from TCP to TLS and back frees the port first', async () => {
    await converge({});
    expect(await converge({ 'ssl-cert': 'arn:1', 'ssl-ports': '443' })).toEqual([
      expect.stringMatching(/^delete Listener .*:443$/),
      expect.stringMatching(/^create Listener .*:443 /),
    ]);
    expect(listenerOf(443)).toMatchObject({ protocol: 'TLS', tls: { certificateArn: 'arn:1' } });
    await converge({});
    expect(listenerOf(443)).toMatchObject({ protocol: 'TCP', tls: undefined });
  });

  it('to TLS behind replaces the target groups while the listeners stay', async () => {
    await converge({ 'ssl-cert': 'arn:1', 'ssl-ports': '443' });
    const before = listenerOf(443);
    await converge({ 'ssl-cert': 'arn:2', 'ssl-ports': '443', 'backend-protocol': 'ssl' });
    expect(listenerOf(443)).toMatchObject({ arn: before.arn, tls: { certificateArn: 'arn:2' } });
    expect([...account.elbv2.targetGroups.values()].map(({ protocol }) => protocol).sort()).toEqual(['TCP', 'TLS']);
  });

  it('of the subnets moves the load balancer, and the rules for its health checks with it', async () => {
    const local = { 'healthcheck-port': '8081' };
    await converge({ ...local, subnets: 'subnet-public-a' });
    await converge({ ...local, subnets: 'subnet-public-a,subnet-public-b' });
    expect(loadBalancer().subnetIDs).toEqual(['subnet-public-a', 'subnet-public-b']);
    const checked = account.ec2.securityGroups.get('sg-nodes')!.rules.filter(({ fromPort }) => fromPort === 8081);
    expect(checked.map(({ cidr }) => cidr).sort()).toEqual(['10.0.0.0/24', '10.0.1.0/24']);
  });

  it('that takes target group attributes back leaves them as they are', async () => {
    await converge({ 'target-group-attributes': 'proxy_protocol_v2.enabled=true' });
    expect(await converge({})).toEqual([]);
  });

  it('of elastic IPs is told, as AWS gives them only at the creation', async () => {
    const eips = { 'eip-allocations': 'eipalloc-1,eipalloc-2,eipalloc-3' };
    await converge(eips);
    expect(loadBalancer().allocationIDs).toEqual(['eipalloc-1', 'eipalloc-2', 'eipalloc-3']);
    const other = await reconcile({ 'eip-allocations': 'eipalloc-1,eipalloc-2,eipalloc-9' });
    expect(other).toMatchObject({
      applied: [],
      next: { kind: 'blocked', reason: expect.stringContaining('eipalloc-9') },
    });
    // Who asks for none is content with those that are there.
    expect(await reconcile({})).toMatchObject({ applied: [], next: { kind: 'converged' } });
  });

  it('of labels takes nodes in and out', async () => {
    await converge({});
    const labelled = testBackends(ids).map((backend, index) => ({
      ...backend,
      labels: index === 0 ? { pool: 'web', spot: '' } : { pool: 'db' },
    }));
    const request = { ...testRequest(serviceWith({ 'target-node-labels': 'pool=web,spot' }), ids), backends: labelled };
    await ensure(kind, request);
    for (const { targets } of account.elbv2.targetGroups.values()) {
      expect(targets.map(({ id }) => id)).toEqual([ids[0]]);
    }
  });
});

describe('subnets and addresses that can not be', () => {
  it.each<[string, Written, string]>([
    ['eip-allocations', { 'eip-allocations': 'eipalloc-1' }, 'one for each of the 3 subnets'],
    ['private-ipv4-addresses', { internal: 'true', 'private-ipv4-addresses': '10.0.0.9' }, 'one for each of the 3'],
    [
      'private-ipv4-addresses',
      { internal: 'true', subnets: 'subnet-private-a', 'private-ipv4-addresses': '10.9.9.9' },
      '10.9.9.9 is not in subnet-private-a (10.0.10.0/24)',
    ],
    ['subnets', { subnets: 'subnet-public-a,subnet-x' }, 'has no subnet-x'],
    ['subnets', { subnets: 'by-name' }, 'has no by-name'],
    ['subnets', { subnets: 'subnet-public-a,subnet-private-a' }, 'both in eu-test-1a'],
  ])('%s in %j', async (suffix, written, fix) => {
    expect(await ensure(kind, testRequest(serviceWith(written), ids))).toMatchObject({
      kind: 'refusal',
      field: annotationPrefix + suffix,
      value: written[suffix],
      fix: expect.stringContaining(fix),
    });
  });

  it('but addresses in their subnets can', async () => {
    await converge({
      internal: 'true',
      subnets: 'subnet-private-a,subnet-private-b',
      'private-ipv4-addresses': '10.0.10.9,10.0.11.9',
    });
    expect(loadBalancer()).toMatchObject({ scheme: 'internal', privateAddresses: ['10.0.10.9', '10.0.11.9'] });
  });
});

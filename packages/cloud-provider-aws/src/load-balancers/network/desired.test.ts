import { describe, expect, it } from '@jest/globals';
import { testConfig } from '../../testing/aws-account.ts';
import { type TestServiceOptions, tcpPort, testRequest, testService } from '../../testing/services.ts';
import { desireNetworkLoadBalancer } from './desired.ts';
import type { NetworkFacts } from '../surroundings/facts.ts';

const facts: NetworkFacts = {
  vpcID: 'vpc-1',
  subnets: [
    { id: 'subnet-1', zone: 'a', cidr: '10.0.0.0/24', tags: {}, zoneType: 'availability-zone', isPublic: true },
    { id: 'subnet-2', zone: 'b', cidr: '10.0.1.0/24', tags: {}, zoneType: 'availability-zone', isPublic: false },
  ],
  instances: new Map([
    ['i-1', { state: 'running', securityGroupIDs: ['sg-a', 'sg-nodes'] }],
    ['i-2', { state: 'running', securityGroupIDs: ['sg-nodes'] }],
  ]),
  taggedSecurityGroups: new Set(['sg-nodes']),
};

const desire = (options: TestServiceOptions, changed: Partial<NetworkFacts> = {}, ...lines: string[]) =>
  desireNetworkLoadBalancer(
    testRequest(testService(options), ['i-2', 'i-1', 'i-gone']),
    { ...facts, ...changed },
    testConfig(...lines),
  );

describe('what a Service means', () => {
  it('is a load balancer for the instances that EC2 knows', () => {
    expect(desire({})).toMatchObject({
      kind: 'desired',
      desired: {
        scheme: 'internet-facing',
        subnets: { chosenBy: 'discovery', mappings: [{ subnetID: 'subnet-1', allocationID: '', privateAddress: '' }] },
        instanceIDs: ['i-1', 'i-2'],
        nodeAccess: { securityGroupIDs: ['sg-nodes'], sources: ['0.0.0.0/0'], healthPorts: [30080] },
      },
    });
  });

  it('leaves out ports without a node port while others have one', () => {
    expect(desire({ spec: { ports: [tcpPort(80, 0), tcpPort(443, 30443)] } })).toMatchObject({
      desired: { ports: [{ port: 443 }] },
    });
  });

  it.each([
    [{ loadBalancerSourceRanges: ['10.1.2.3/8', '10.0.0.0/8'] }, {}, ['10.0.0.0/8']],
    [{ loadBalancerSourceRanges: ['2001:DB8::/32'] }, {}, ['2001:db8::/32']],
    [
      {},
      { 'service.beta.kubernetes.io/load-balancer-source-ranges': ' 192.0.2.0/24,198.51.100.1/32 ' },
      ['192.0.2.0/24', '198.51.100.1/32'],
    ],
    [
      { loadBalancerSourceRanges: ['192.0.2.0/24'] },
      { 'service.beta.kubernetes.io/load-balancer-source-ranges': 'ignored' },
      ['192.0.2.0/24'],
    ],
    [{}, { 'service.beta.kubernetes.io/load-balancer-source-ranges': ' ' }, ['0.0.0.0/0']],
    [{ loadBalancerSourceRanges: ['255.255.255.255/32', '128.0.0.1/1'] }, {}, ['128.0.0.0/1', '255.255.255.255/32']],
  ])('%j with %j lets %j in', (spec, annotations, sources) => {
    expect(desire({ spec, annotations })).toMatchObject({ desired: { nodeAccess: { sources } } });
  });

  it('takes the only group of an instance when none is tagged', () => {
    expect(
      desire(
        {},
        {
          taggedSecurityGroups: new Set(),
          instances: new Map([['i-1', { state: 'running', securityGroupIDs: ['sg-x'] }]]),
        },
      ),
    ).toMatchObject({
      desired: { nodeAccess: { securityGroupIDs: ['sg-x'] } },
    });
  });
});

describe('what is refused, with the field, the value and what to do', () => {
  it.each<[string, TestServiceOptions, Partial<NetworkFacts>, string]>([
    ['no port', { spec: { ports: [] } }, {}, 'NoPorts'],
    ['SCTP', { spec: { ports: [{ ...tcpPort(53, 30053), protocol: 'SCTP' }] } }, {}, 'UnsupportedProtocol'],
    [
      'TCP and UDP of one port at different node ports',
      { spec: { ports: [tcpPort(53, 30053), { ...tcpPort(53, 30054), protocol: 'UDP' }] } },
      {},
      'DifferentNodePorts',
    ],
    ['no node ports', { spec: { ports: [tcpPort(80, 0)] } }, {}, 'NoNodePorts'],
    ['affinity', { spec: { sessionAffinity: 'ClientIP' } }, {}, 'UnsupportedAffinity'],
    ['an address', { spec: { loadBalancerIP: '192.0.2.1' } }, {}, 'UnsupportedAddress'],
    ['Local without health check port', { spec: { externalTrafficPolicy: 'Local' } }, {}, 'NoHealthCheckPort'],
    ['a range that is none', { spec: { loadBalancerSourceRanges: ['192.0.2.0/33'] } }, {}, 'InvalidSourceRange'],
    ['an address for a range', { spec: { loadBalancerSourceRanges: ['192.0.2.1'] } }, {}, 'InvalidSourceRange'],
    ['no VPC', {}, { vpcID: '' }, 'UnknownVPC'],
    ['no subnet', {}, { subnets: [] }, 'NoSubnets'],
    ['two tagged groups', {}, { taggedSecurityGroups: new Set(['sg-a', 'sg-nodes']) }, 'AmbiguousSecurityGroup'],
    ['two untagged groups', {}, { taggedSecurityGroups: new Set() }, 'AmbiguousSecurityGroup'],
  ])('%s', (_name, options, changed, reason) => {
    const refusal = desire(options, changed);
    expect(refusal).toMatchObject({ kind: 'refusal', reason });
    expect(refusal).toHaveProperty('fix', expect.stringMatching(/.{10}/));
  });

  it('not the groups when they are left alone', () => {
    expect(desire({}, { taggedSecurityGroups: new Set() }, 'DisableSecurityGroupIngress = true')).toMatchObject({
      desired: { nodeAccess: undefined },
    });
  });
});

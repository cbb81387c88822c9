import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from '@jest/globals';
import { FakeClock, directGate } from '@ccm-ts/cloud-provider/testing';
import { testCall } from '../../testing/aws-account.ts';
import { ScriptedAws } from '../../testing/scripted-aws.ts';
import { AskingAgents } from '../asking-agents.ts';
import { CallSender } from '../call-sender.ts';
import type { Elbv2Port } from '../elbv2-port.ts';
import { sdkElbv2 } from './sdk-elbv2.ts';

const answer = (operation: string, inside: string): string =>
  `<${operation}Response xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><${operation}Result>${inside}</${operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${operation}Response>`;

function connect(url: string): Elbv2Port {
  const client = new ElasticLoadBalancingV2Client({
    region: 'eu-test-1',
    endpoint: url,
    maxAttempts: 1,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'not-a-secret' },
  });
  return sdkElbv2(
    client,
    new CallSender({
      gate: directGate(),
      scope: { account: 'default', region: 'eu-test-1' },
      clock: new FakeClock(),
      agents: new AskingAgents(),
    }),
  );
}

describe('network load balancing through the SDK', () => {
  it('gives addresses and groups at the creation, and reads them', async () => {
    const shown = `<LoadBalancers><member><LoadBalancerArn>arn:lb</LoadBalancerArn><SecurityGroups><member>sg-1</member></SecurityGroups>
      <AvailabilityZones><member><SubnetId>subnet-1</SubnetId><LoadBalancerAddresses><member><AllocationId>eipalloc-1</AllocationId></member></LoadBalancerAddresses></member></AvailabilityZones></member></LoadBalancers>`;
    await using server = await ScriptedAws.start(() => ({ body: answer('CreateLoadBalancer', shown) }));
    const created = await connect(server.url).createLoadBalancer(
      {
        name: 'a1',
        scheme: 'internet-facing',
        subnets: [{ subnetID: 'subnet-1', allocationID: 'eipalloc-1', privateAddress: '' }],
        securityGroupIDs: ['sg-1'],
        tags: {},
      },
      testCall(),
    );
    expect(created).toMatchObject({
      subnetIDs: ['subnet-1'],
      allocationIDs: ['eipalloc-1'],
      privateAddresses: [],
      securityGroupIDs: ['sg-1'],
    });
    const body = server.requests[0]?.parameters ?? new URLSearchParams();
    expect(Object.fromEntries(body)).toMatchObject({
      'SubnetMappings.member.1.AllocationId': 'eipalloc-1',
      'SecurityGroups.member.1': 'sg-1',
    });
    expect(body.has('SubnetMappings.member.1.PrivateIPv4Address')).toBe(false);
  });

  it('changes subnets and addresses in one request', async () => {
    await using server = await ScriptedAws.start(() => ({ body: answer('SetSubnets', '') }));
    const subnets = [{ subnetID: 'subnet-1', allocationID: '', privateAddress: '' }];
    const elbv2 = connect(server.url);
    await elbv2.setSubnets('arn:lb', { subnets, addressType: 'dualstack', ipv6SourceNat: 'on' }, testCall());
    await elbv2.setSubnets('arn:lb', { subnets }, testCall());
    const [both, alone] = server.requests.map(({ parameters }) => Object.fromEntries(parameters));
    expect(both).toMatchObject({
      'SubnetMappings.member.1.SubnetId': 'subnet-1',
      IpAddressType: 'dualstack',
      EnablePrefixForIpv6SourceNat: 'on',
    });
    expect(Object.keys(alone ?? {})).not.toEqual(expect.arrayContaining(['EnablePrefixForIpv6SourceNat']));
    expect(alone).not.toHaveProperty('IpAddressType');
  });

  it('reads TLS of TLS listeners alone', async () => {
    const listener = (protocol: string): string =>
      `<member><ListenerArn>arn:${protocol}</ListenerArn><Port>443</Port><Protocol>${protocol}</Protocol><SslPolicy>P</SslPolicy><Certificates><member><CertificateArn>arn:cert</CertificateArn></member></Certificates></member>`;
    const body = answer('DescribeListeners', `<Listeners>${listener('TLS')}${listener('TCP')}</Listeners>`);
    await using server = await ScriptedAws.start(() => ({ body }));
    const listeners = await connect(server.url).describeListeners('arn:lb', testCall());
    expect(listeners.map(({ tls }) => tls)).toEqual([{ certificateArn: 'arn:cert', policy: 'P' }, undefined]);
  });

  it('changes of a listener only what is to change', async () => {
    await using server = await ScriptedAws.start(() => ({ body: answer('ModifyListener', '') }));
    const tls = { certificateArn: 'arn:cert', policy: '' };
    await connect(server.url).modifyListener('arn:l', { tls }, testCall());
    const body = Object.fromEntries(server.requests[0]?.parameters ?? []);
    expect(body).toMatchObject({ 'Certificates.member.1.CertificateArn': 'arn:cert' });
    expect(Object.keys(body).filter((key) => key.startsWith('DefaultActions') || key === 'SslPolicy')).toEqual([]);
  });

  it('reads and writes attributes by their keys', async () => {
    const inside =
      '<Attributes><member><Key>a</Key><Value>1</Value></member><member><Key>b</Key></member></Attributes>';
    await using server = await ScriptedAws.start((request) => ({
      body: answer(request.action, inside),
    }));
    const elbv2 = connect(server.url);
    expect(await elbv2.describeLoadBalancerAttributes('arn:lb', testCall())).toEqual({ a: '1', b: '' });
    expect(await elbv2.describeTargetGroupAttributes('arn:tg', testCall())).toEqual({ a: '1', b: '' });
    await elbv2.modifyTargetGroupAttributes('arn:tg', { a: '2' }, testCall());
    expect(Object.fromEntries(server.requests[2]?.parameters ?? [])).toMatchObject({
      Action: 'ModifyTargetGroupAttributes',
      'Attributes.member.1.Key': 'a',
      'Attributes.member.1.Value': '2',
    });
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock, directGate } from '@ccm-ts/cloud-provider/testing';
import { readCloudConfig } from '../config/cloud-config.ts';
import { testCall } from '../testing/aws-account.ts';
import { ScriptedAws } from '../testing/scripted-aws.ts';
import type { ClassicElbPort } from './classic-elb-port.ts';
import { createAwsClients } from './sdk-clients.ts';

let saved: NodeJS.ProcessEnv;

beforeEach(() => {
  saved = process.env;
  // The SDK's own chain of credentials looks here.
  process.env = { ...saved, AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-secret' };
});

afterEach(() => {
  process.env = saved;
});

function connect(url: string): { readonly elb: ClassicElbPort; readonly close: () => void } {
  const config = readCloudConfig({
    file: { path: 'cloud.conf', text: '[Global]\nRegion = eu-test-1\nKubernetesClusterID = c1\n' },
    environment: { AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING: url },
    allowUntaggedCloud: 'no',
    clusterName: 'c1',
  });
  const clients = createAwsClients(config, { gate: directGate(), clock: new FakeClock() });
  return { elb: clients.elb, close: () => clients.close() };
}

const answer = (operation: string, inside: string): string =>
  `<${operation}Response xmlns="http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/"><${operation}Result>${inside}</${operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${operation}Response>`;
const refusal = (code: string): string =>
  `<ErrorResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/"><Error><Type>Sender</Type><Code>${code}</Code><Message>said so</Message></Error><RequestId>r</RequestId></ErrorResponse>`;

describe('classic load balancing through the SDK', () => {
  it('takes an unknown name for none', async () => {
    await using server = await ScriptedAws.start(() => ({ status: 400, body: refusal('LoadBalancerNotFound') }));
    const { elb, close } = connect(server.url);
    expect(await elb.findLoadBalancer('a1', testCall())).toBeUndefined();
    close();
  });

  it('reads a load balancer as AWS describes it', async () => {
    const description =
      '<member><LoadBalancerName>a1</LoadBalancerName><DNSName>a1.example</DNSName><Scheme>internal</Scheme><VPCId>vpc-1</VPCId>' +
      '<Subnets><member>subnet-1</member></Subnets><SecurityGroups><member>sg-1</member></SecurityGroups>' +
      '<Instances><member><InstanceId>i-1</InstanceId></member></Instances>' +
      '<ListenerDescriptions><member><PolicyNames><member>p</member></PolicyNames><Listener><Protocol>HTTPS</Protocol>' +
      '<LoadBalancerPort>443</LoadBalancerPort><InstanceProtocol>HTTP</InstanceProtocol><InstancePort>30443</InstancePort>' +
      '<SSLCertificateId>arn:1</SSLCertificateId></Listener></member></ListenerDescriptions>' +
      '<Policies><OtherPolicies><member>p</member></OtherPolicies></Policies>' +
      '<BackendServerDescriptions><member><InstancePort>30443</InstancePort><PolicyNames><member>q</member></PolicyNames></member></BackendServerDescriptions>' +
      '<HealthCheck><Target>TCP:30443</Target><Interval>10</Interval><Timeout>5</Timeout><HealthyThreshold>2</HealthyThreshold>' +
      '<UnhealthyThreshold>6</UnhealthyThreshold></HealthCheck></member>';
    await using server = await ScriptedAws.start(() => ({
      body: answer('DescribeLoadBalancers', `<LoadBalancerDescriptions>${description}</LoadBalancerDescriptions>`),
    }));
    const { elb, close } = connect(server.url);
    expect(await elb.findLoadBalancer('a1', testCall())).toEqual({
      name: 'a1',
      dnsName: 'a1.example',
      scheme: 'internal',
      vpcID: 'vpc-1',
      subnetIDs: ['subnet-1'],
      securityGroupIDs: ['sg-1'],
      instanceIDs: ['i-1'],
      listeners: [
        {
          port: 443,
          protocol: 'HTTPS',
          instancePort: 30443,
          instanceProtocol: 'HTTP',
          certificate: 'arn:1',
          policies: ['p'],
        },
      ],
      policies: ['p'],
      backends: [{ port: 30443, policies: ['q'] }],
      healthCheck: {
        target: 'TCP:30443',
        intervalSeconds: 10,
        timeoutSeconds: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 6,
      },
    });
    close();
  });

  it('leaves the public scheme unsaid and takes policies away with an empty list', async () => {
    await using server = await ScriptedAws.start(({ action }) => ({
      body: answer(action, action === 'CreateLoadBalancer' ? '<DNSName>a1.example</DNSName>' : ''),
    }));
    const { elb, close } = connect(server.url);
    const listener = { port: 80, protocol: 'tcp', instancePort: 30080, instanceProtocol: 'tcp', certificate: '' };
    const input = {
      name: 'a1',
      scheme: 'internet-facing' as const,
      subnetIDs: ['subnet-1'],
      securityGroupIDs: ['sg-1'],
      listeners: [listener],
      tags: { k: 'v' },
    };
    expect(await elb.createLoadBalancer(input, testCall())).toBe('a1.example');
    await elb.setBackendPolicies('a1', { port: 30080, policies: [] }, testCall());
    const [created, cleared] = server.requests;
    expect(created?.parameters.get('Scheme')).toBeNull();
    expect(created?.parameters.get('Listeners.member.1.SSLCertificateId')).toBeNull();
    expect(created?.parameters.get('Tags.member.1.Key')).toBe('k');
    expect(cleared?.parameters.get('PolicyNames')).toBe('');
    close();
  });
});

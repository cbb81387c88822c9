import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Duration } from '@ccm-ts/cloud-provider';
import { type DirectGate, FakeClock, directGate } from '@ccm-ts/cloud-provider/testing';
import { readCloudConfig } from '../config/cloud-config.ts';
import { ScriptedAws, type ScriptedReply, type SeenRequest } from '../testing/scripted-aws.ts';
import { testCall } from '../testing/aws-account.ts';
import { type AwsClients, createAwsClients } from './sdk-clients.ts';

const credentials = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-secret' };
let saved: NodeJS.ProcessEnv;
let gate: DirectGate;
let clock: FakeClock;

beforeEach(() => {
  saved = process.env;
  // The SDK's own chain of credentials looks here.
  process.env = { ...saved, ...credentials };
  gate = directGate();
  clock = new FakeClock();
});

afterEach(() => {
  process.env = saved;
});

function connect(url: string, lines = ''): AwsClients {
  const text = `[Global]\nRegion = eu-test-1\nKubernetesClusterID = c1\n${lines}`;
  const config = readCloudConfig({
    file: { path: 'cloud.conf', text },
    environment: lines === '' ? { AWS_ENDPOINT_URL: url } : {},
    allowUntaggedCloud: 'no',
    clusterName: 'c1',
  });
  return createAwsClients(config, { gate, clock });
}

function script(...replies: readonly ScriptedReply[]): (request: SeenRequest) => ScriptedReply {
  let next = 0;
  return () => replies[next++] ?? { status: 500, body: 'no more replies' };
}

const ec2 = (operation: string, inside: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>${inside}</${operation}Response>`;
const elb = (operation: string, inside: string): string =>
  `<${operation}Response xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><${operation}Result>${inside}</${operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${operation}Response>`;
const ec2Error = (code: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Response><Errors><Error><Code>${code}</Code><Message>said so</Message></Error></Errors><RequestID>req-7</RequestID></Response>`;
const elbError = (code: string): string =>
  `<ErrorResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><Error><Type>Sender</Type><Code>${code}</Code><Message>said so</Message></Error><RequestId>req-8</RequestId></ErrorResponse>`;
const instance = (id: string): string =>
  `<item><instancesSet><item><instanceId>${id}</instanceId><instanceState><name>running</name></instanceState><placement><availabilityZone>eu-test-1a</availabilityZone></placement></item></instancesSet></item>`;

describe('EC2 through the SDK', () => {
  it('looks a volume up by id, and tells of one that is not there', async () => {
    const volume =
      '<volumeSet><item><volumeId>vol-1</volumeId><availabilityZone>eu-test-1a</availabilityZone></item></volumeSet>';
    await using server = await ScriptedAws.start(
      script({ body: ec2('DescribeVolumes', volume) }, { status: 400, body: ec2Error('InvalidVolume.NotFound') }),
    );
    const clients = connect(server.url);
    expect(await clients.ec2.getVolume('vol-1', testCall())).toEqual({ id: 'vol-1', zone: 'eu-test-1a' });
    await expect(clients.ec2.getVolume('vol-2', testCall())).rejects.toMatchObject({ code: 'NotFound' });
    clients.close();
    expect(server.requests.map(({ parameters }) => parameters.get('VolumeId.1'))).toEqual(['vol-1', 'vol-2']);
  });

  it('follows pages, each through the gate once, and signs as ourselves', async () => {
    await using server = await ScriptedAws.start(
      script(
        {
          body: ec2(
            'DescribeInstances',
            `<reservationSet>${instance('i-1')}</reservationSet><nextToken>t2</nextToken>`,
          ),
        },
        { body: ec2('DescribeInstances', `<reservationSet>${instance('i-2')}</reservationSet>`) },
      ),
    );
    const clients = connect(server.url);
    const { value } = await clients.ec2.findInstances({ by: 'private-dns-name', values: ['a', 'b'] }, testCall());
    clients.close();
    expect(value.map(({ id, state, zone }) => [id, state, zone])).toEqual([
      ['i-1', 'running', 'eu-test-1a'],
      ['i-2', 'running', 'eu-test-1a'],
    ]);
    expect(gate.calls).toEqual(
      [1, 2].map(() => ({
        apiGroup: 'ec2-read',
        operation: 'DescribeInstances',
        scope: { account: 'default', region: 'eu-test-1' },
        kind: 'read',
      })),
    );
    const [first, second] = server.requests;
    expect(first!.parameters.get('Filter.1.Name')).toBe('private-dns-name');
    expect(first!.parameters.get('Filter.2.Name')).toBe('instance-state-name');
    expect(second!.parameters.get('NextToken')).toBe('t2');
    expect(first!.headers.authorization).toContain('/eu-test-1/ec2/aws4_request');
    expect(first!.headers['user-agent']).toContain('aws-cloud-controller-manager/1.36.0');
  });

  it('maps an error, and does not send again what cannot succeed', async () => {
    await using server = await ScriptedAws.start(() => ({
      status: 403,
      headers: { 'x-amzn-requestid': 'req-7' },
      body: ec2Error('UnauthorizedOperation'),
    }));
    const clients = connect(server.url);
    await expect(clients.ec2.describeAvailabilityZones(testCall())).rejects.toMatchObject({
      code: 'Denied',
      details: { cloudCode: 'UnauthorizedOperation', requestId: 'req-7', operation: 'DescribeAvailabilityZones' },
    });
    clients.close();
    expect(server.requests).toHaveLength(1);
  });

  it('writes rules in the groups that EC2 answers with, and reads them one by one', async () => {
    const permission =
      '<item><ipProtocol>tcp</ipProtocol><fromPort>1</fromPort><toPort>2</toPort><ipRanges><item><cidrIp>10.0.0.0/8</cidrIp><description>d</description></item><item><cidrIp>11.0.0.0/8</cidrIp></item></ipRanges><ipv6Ranges><item><cidrIpv6>2001:db8::/32</cidrIpv6></item></ipv6Ranges></item>';
    await using server = await ScriptedAws.start(
      script(
        {
          body: ec2(
            'DescribeSecurityGroups',
            `<securityGroupInfo><item><groupId>sg-1</groupId><vpcId>vpc-1</vpcId><ipPermissions>${permission}</ipPermissions><tagSet><item><key>k</key><value>v</value></item></tagSet></item></securityGroupInfo>`,
          ),
        },
        { body: ec2('AuthorizeSecurityGroupIngress', '<return>true</return>') },
      ),
    );
    const clients = connect(server.url);
    const [group] = await clients.ec2.describeSecurityGroups('vpc-1', testCall());
    await clients.ec2.authorizeIngress('sg-1', group!.rules, testCall());
    clients.close();
    expect(group).toEqual({
      id: 'sg-1',
      name: '',
      vpcID: 'vpc-1',
      tags: { k: 'v' },
      rules: [
        { protocol: 'tcp', fromPort: 1, toPort: 2, cidr: '10.0.0.0/8', description: 'd' },
        { protocol: 'tcp', fromPort: 1, toPort: 2, cidr: '11.0.0.0/8', description: '' },
        { protocol: 'tcp', fromPort: 1, toPort: 2, cidr: '2001:db8::/32', description: '' },
      ],
    });
    const sent = Object.fromEntries(server.requests[1]!.parameters);
    expect(sent).toMatchObject({
      'IpPermissions.1.IpProtocol': 'tcp',
      'IpPermissions.1.IpRanges.1.CidrIp': '10.0.0.0/8',
      'IpPermissions.1.IpRanges.1.Description': 'd',
      'IpPermissions.1.IpRanges.2.CidrIp': '11.0.0.0/8',
      'IpPermissions.1.Ipv6Ranges.1.CidrIpv6': '2001:db8::/32',
    });
    expect(gate.calls.map(({ kind }) => kind)).toEqual(['read', 'write']);
  });

  it('sends nothing once it may not, whatever it waited for behind the gate', async () => {
    await using server = await ScriptedAws.start(() => ({ body: ec2('CreateTags', '<return>true</return>') }));
    const clients = connect(server.url);
    let isHeld = true;
    const fence = (): void => {
      if (!isHeld) throw new Error('the lease is lost');
    };
    gate.run = (_call, context, send) => send(context.signal, fence);
    await clients.ec2.createTags(['i-1'], { k: 'v' }, testCall());
    const late = clients.ec2.createTags(['i-2'], { k: 'v' }, testCall());
    isHeld = false;
    await expect(late).rejects.toMatchObject({ details: { cause: { message: 'the lease is lost' } } });
    clients.close();
    expect(server.requests).toHaveLength(1);
  });

  it('stops when nobody waits any more', async () => {
    const asked = Promise.withResolvers<void>();
    await using server = await ScriptedAws.start(() => {
      asked.resolve();
      return undefined;
    });
    const clients = connect(server.url);
    const controller = new AbortController();
    const call = clients.ec2.describeAvailabilityZones(testCall({ signal: controller.signal }));
    await asked.promise;
    controller.abort(new Error('lease lost'));
    await expect(call).rejects.toMatchObject({ code: 'Unavailable' });
    clients.close();
  });

  it('says that nobody is there', async () => {
    const server = await ScriptedAws.start(() => undefined);
    const { url } = server;
    await server[Symbol.asyncDispose]();
    const clients = connect(url);
    // The SDK does not know errors of Node for such inside of jest's realm, and wraps them: the code is lost there alone.
    await expect(clients.ec2.describeAvailabilityZones(testCall())).rejects.toMatchObject({ isOutcomeUnknown: true });
    clients.close();
  });
});

describe('load balancing through the SDK', () => {
  it('takes an unknown name for an answer', async () => {
    await using server = await ScriptedAws.start(() => ({ status: 400, body: elbError('LoadBalancerNotFound') }));
    const clients = connect(server.url);
    expect(await clients.elbv2.findLoadBalancer('a1', testCall())).toBeUndefined();
    clients.close();
  });

  it('leaves out targets that are being drained', async () => {
    const target = (id: string, reason: string): string =>
      `<member><Target><Id>${id}</Id><Port>80</Port></Target><TargetHealth><State>x</State>${reason}</TargetHealth></member>`;
    const draining = target('i-2', '<Reason>Target.DeregistrationInProgress</Reason>');
    const body = elb(
      'DescribeTargetHealth',
      `<TargetHealthDescriptions>${target('i-1', '')}${draining}</TargetHealthDescriptions>`,
    );
    await using server = await ScriptedAws.start(() => ({ body }));
    const clients = connect(server.url);
    expect(await clients.elbv2.describeTargets('arn', testCall())).toEqual([{ id: 'i-1', port: 80 }]);
    clients.close();
  });

  it('asks for the tags of twenty objects at a time', async () => {
    await using server = await ScriptedAws.start(({ parameters }) => ({
      body: elb(
        'DescribeTags',
        `<TagDescriptions><member><ResourceArn>${parameters.get('ResourceArns.member.1')}</ResourceArn><Tags><member><Key>k</Key><Value>v</Value></member></Tags></member></TagDescriptions>`,
      ),
    }));
    const clients = connect(server.url);
    const arns = Array.from({ length: 41 }, (_, index) => `arn-${index}`);
    const tags = await clients.elbv2.describeTags(arns, testCall());
    clients.close();
    expect([...tags.keys()]).toEqual(['arn-0', 'arn-20', 'arn-40']);
    expect(server.requests).toHaveLength(3);
  });

  it('follows markers', async () => {
    const group = (name: string): string =>
      `<member><TargetGroupName>${name}</TargetGroupName><HealthCheckProtocol>TCP</HealthCheckProtocol><HealthCheckPath>/x</HealthCheckPath></member>`;
    await using server = await ScriptedAws.start(
      script(
        { body: elb('DescribeTargetGroups', `<TargetGroups>${group('g1')}</TargetGroups><NextMarker>m</NextMarker>`) },
        { body: elb('DescribeTargetGroups', `<TargetGroups>${group('g2')}</TargetGroups>`) },
      ),
    );
    const clients = connect(server.url);
    const groups = await clients.elbv2.describeTargetGroups(testCall());
    clients.close();
    expect(groups.map(({ name, healthCheck }) => [name, healthCheck.path])).toEqual([
      ['g1', ''],
      ['g2', ''],
    ]);
    expect(server.requests[1]!.parameters.get('Marker')).toBe('m');
  });
});

describe('a service override', () => {
  it('leads elsewhere and signs for the region and name that it says', async () => {
    await using server = await ScriptedAws.start(() => ({
      body: ec2('DescribeAvailabilityZones', '<availabilityZoneInfo/>'),
    }));
    const override = `[ServiceOverride "1"]\nService = EC2\nRegion = eu-test-1\nURL = ${server.url}\nSigningRegion = sign-1\nSigningName = myec2`;
    const clients = connect(server.url, override);
    expect(await clients.ec2.describeAvailabilityZones(testCall())).toEqual([]);
    clients.close();
    expect(server.requests[0]!.headers.authorization).toContain('/sign-1/myec2/aws4_request');
  });
});

describe('an assumed role', () => {
  const role = 'RoleARN = arn:aws:iam::123456789012:role/ccm\nSourceARN = arn:aws:eks:eu-test-1:123456789012:cluster/c';
  const assumed = (key: string, end: string): string =>
    `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>${key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>token-${key}</SessionToken><Expiration>${end}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;

  function connectAs(url: string, clock: FakeClock): AwsClients {
    const text = `[Global]\nRegion = eu-test-1\nKubernetesClusterID = c1\n${role}`;
    const config = readCloudConfig({
      file: { path: 'cloud.conf', text },
      environment: { AWS_ENDPOINT_URL: url },
      allowUntaggedCloud: 'no',
      clusterName: 'c1',
    });
    return createAwsClients(config, { gate, clock });
  }

  it('is assumed once for all clients and all who ask at once, and again before it ends', async () => {
    let roles = 0;
    const start = new Date();
    const clock = new FakeClock(start);
    await using server = await ScriptedAws.start(({ action }) => {
      if (action === 'AssumeRole') {
        roles += 1;
        return { body: assumed(`KEY${roles}`, new Date(start.getTime() + roles * 3_600_000).toISOString()) };
      }
      if (action === 'DescribeTargetGroups') return { body: elb(action, '<TargetGroups/>') };
      return { body: ec2('DescribeAvailabilityZones', '<availabilityZoneInfo/>') };
    });
    const clients = connectAs(server.url, clock);
    await Promise.all([
      clients.ec2.describeAvailabilityZones(testCall()),
      clients.ec2.describeAvailabilityZones(testCall()),
      clients.elbv2.describeTargetGroups(testCall()),
    ]);
    const byAction = (action: string) => server.requests.filter((request) => request.action === action);
    const [request] = byAction('AssumeRole');
    expect(request!.headers).toMatchObject({
      'x-amz-source-account': '123456789012',
      'x-amz-source-arn': 'arn:aws:eks:eu-test-1:123456789012:cluster/c',
    });
    expect(request!.headers.authorization).toContain('AKIDEXAMPLE');
    expect(request!.headers.authorization).toContain('x-amz-source-arn');
    expect(request!.parameters.get('RoleArn')).toBe('arn:aws:iam::123456789012:role/ccm');
    for (const { action, headers } of server.requests) {
      if (action !== 'AssumeRole') expect(headers).toMatchObject({ 'x-amz-security-token': 'token-KEY1' });
    }
    expect(roles).toBe(1);
    expect(gate.calls.map(({ operation }) => operation).toSorted()).toEqual([
      'AssumeRole',
      'DescribeAvailabilityZones',
      'DescribeAvailabilityZones',
      'DescribeTargetGroups',
    ]);
    clients.close();
  });

  it('that may not be assumed is told as that', async () => {
    const denied =
      '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>';
    await using server = await ScriptedAws.start(() => ({ status: 403, body: denied }));
    const clients = connectAs(server.url, new FakeClock());
    await expect(clients.ec2.describeAvailabilityZones(testCall())).rejects.toMatchObject({
      code: 'Denied',
      details: { operation: 'AssumeRole', permission: 'sts:AssumeRole' },
    });
    clients.close();
  });
});

describe('what AWS did not do', () => {
  const throttled: ScriptedReply = { status: 503, body: ec2Error('RequestLimitExceeded') };
  const broken: ScriptedReply = { status: 500, body: ec2Error('InternalError') };
  const zones: ScriptedReply = {
    body: ec2('DescribeAvailabilityZones', '<availabilityZoneInfo></availabilityZoneInfo>'),
  };
  const rule = { protocol: 'tcp', fromPort: 1, toPort: 1, cidr: '10.0.0.0/8', description: '' };

  /** Lets time go by until the call has come to its end. */
  async function settle<Value>(call: Promise<Value>): Promise<Value> {
    let isOver = false;
    const end = (): void => {
      isOver = true;
    };
    call.then(end, end);
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      if (clock.pending() > 0) await clock.advance(Duration.seconds(1));
    }
    return call;
  }

  it.each([
    ['throttled', [throttled, throttled, zones]],
    ['without an answer', [broken, zones]],
  ])('is asked again: a read that was %s', async (_, replies) => {
    await using server = await ScriptedAws.start(script(...replies));
    const clients = connect(server.url);
    expect(await settle(clients.ec2.describeAvailabilityZones(testCall()))).toEqual([]);
    clients.close();
    expect(gate.calls).toHaveLength(replies.length);
  });

  it('is asked three times at most', async () => {
    await using server = await ScriptedAws.start(() => throttled);
    const clients = connect(server.url);
    await expect(settle(clients.ec2.describeAvailabilityZones(testCall()))).rejects.toMatchObject({
      code: 'Throttled',
    });
    clients.close();
    expect(server.requests).toHaveLength(3);
  });

  it('is written again when it was throttled, and not when nobody knows whether it was done', async () => {
    await using server = await ScriptedAws.start(
      script(throttled, { body: ec2('AuthorizeSecurityGroupIngress', '<return>true</return>') }, broken),
    );
    const clients = connect(server.url);
    await settle(clients.ec2.authorizeIngress('sg-1', [rule], testCall()));
    expect(server.requests).toHaveLength(2);
    await expect(settle(clients.ec2.authorizeIngress('sg-1', [rule], testCall()))).rejects.toMatchObject({
      code: 'Unavailable',
    });
    clients.close();
    expect(server.requests).toHaveLength(3);
  });

  it('is given up when nobody waits any more', async () => {
    await using server = await ScriptedAws.start(() => throttled);
    const clients = connect(server.url);
    const aborting = new AbortController();
    const call = clients.ec2.describeAvailabilityZones({ ...testCall(), signal: aborting.signal });
    while (clock.pending() === 0) await new Promise((resolve) => setImmediate(resolve));
    aborting.abort(new DOMException('enough', 'AbortError'));
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    clients.close();
    expect(server.requests).toHaveLength(1);
  });
});

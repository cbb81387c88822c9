import { describe, expect, it } from '@jest/globals';
import { ConfigError, type ProviderConfigInput } from '@ccm-ts/cloud-provider';
import fc from 'fast-check';
import { type CloudConfig, type DiscoveredFacts, readCloudConfig } from './cloud-config.ts';

const minimal = '[Global]\nRegion = eu-west-1\nKubernetesClusterID = c1\n';

function read(text: string, overrides: Partial<ProviderConfigInput> = {}, facts?: DiscoveredFacts): CloudConfig {
  const input: ProviderConfigInput = {
    file: { path: '/etc/cloud.conf', text },
    environment: {},
    allowUntaggedCloud: 'no',
    clusterName: 'kubernetes',
    ...overrides,
  };
  return readCloudConfig(input, facts);
}

/** The faults that are told once the machine was asked and knew nothing. */
function faultsOf(text: string, overrides: Partial<ProviderConfigInput> = {}): unknown {
  try {
    read(text, overrides, {});
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ field, value }) => [field, value]);
    throw error;
  }
  return [];
}

describe('[Global]', () => {
  it('has the defaults of the Go manager', () => {
    expect(read(minimal)).toMatchObject({
      scope: { region: 'eu-west-1' },
      endpoints: {},
      tagging: { id: 'c1', isLegacy: false },
      vpcID: '',
      fallbackSubnetID: '',
      nodeSecurityGroups: 'managed',
      nodeIPFamilies: ['ipv4'],
      networkSecurityGroups: 'none',
      clusterHealthProbe: { kind: 'node-port' },
      warnings: [],
    });
  });

  it('is read without regard to case, in pieces, the last of a repeated key winning', () => {
    const config = read(
      '[GLOBAL]\nregion = us-east-1\n[global]\nREGION = us-east-2\nkubernetesclusterid = c1\nvpc = vpc-9',
    );
    expect(config).toMatchObject({ scope: { region: 'us-east-2' }, vpcID: 'vpc-9' });
  });

  it.each([
    ['Zone = us-east-1a', {}, 'us-east-1'],
    ['Zone = us-gov-west-1b\nRegion = eu-west-1', {}, 'us-gov-west-1'],
    ['Region = eu-west-1', { AWS_REGION: 'us-east-1' }, 'eu-west-1'],
    ['', { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-2' }, 'us-east-1'],
    ['', { AWS_DEFAULT_REGION: 'us-east-2' }, 'us-east-2'],
  ])('%j with %j is in %s', (lines, environment, region) => {
    expect(read(`[Global]\nKubernetesClusterID = c1\n${lines}`, { environment }).scope.region).toBe(region);
  });

  it.each([
    ['true', 'left-alone'],
    ['yes', 'left-alone'],
    ['ON', 'left-alone'],
    ['1', 'left-alone'],
    ['false', 'managed'],
    ['off', 'managed'],
  ])('DisableSecurityGroupIngress = %s: %s', (value, expected) => {
    expect(read(`${minimal}DisableSecurityGroupIngress = ${value}`).nodeSecurityGroups).toBe(expected);
  });

  it('takes a bare key for true', () => {
    expect(read(`${minimal}DisableSecurityGroupIngress`).nodeSecurityGroups).toBe('left-alone');
  });

  it.each([
    ['NodeIPFamilies = ipv6\nNodeIPFamilies = ipv4', ['ipv6', 'ipv4'], 0],
    ['NodeIPFamilies = ipv6', ['ipv6'], 0],
    ['NodeIPFamilies = IPv5', ['ipv4'], 1],
  ])('%j gives %j', (lines, families, warnings) => {
    const config = read(minimal + lines);
    expect(config.nodeIPFamilies).toEqual(families);
    expect(config.warnings).toHaveLength(warnings);
  });

  it('knows which private addresses are those of nodes', () => {
    expect(read(minimal).nodePrivateIPs).toBe('all');
    expect(read(`${minimal}NodePrivateIPs = All`).nodePrivateIPs).toBe('all');
    expect(read(`${minimal}NodePrivateIPs = Primary`).nodePrivateIPs).toBe('primary');
    expect(() => read(`${minimal}NodePrivateIPs = some`)).toThrow(/NodePrivateIPs.*some.*write All or Primary/);
  });

  it.each([
    ['KubernetesClusterTag = old', { id: 'old', isLegacy: true }],
    ['KubernetesClusterTag = c1\nKubernetesClusterID = c1', { id: 'c1', isLegacy: true }],
    ['KubernetesClusterID = c1', { id: 'c1', isLegacy: false }],
  ])('%j tags as %j', (lines, tagging) => {
    expect(read(`[Global]\nRegion = eu-west-1\n${lines}`).tagging).toEqual(tagging);
  });

  it('needs no cluster ID in an untagged cloud', () => {
    expect(read('[Global]\nRegion = eu-west-1', { allowUntaggedCloud: 'yes' }).tagging.id).toBe('');
  });

  it('keeps what concerns load balancers alone from ending the manager', () => {
    const config = read(`${minimal}NLBSecurityGroupMode = Managed\nClusterServiceLoadBalancerHealthProbeMode = Shared`);
    expect(config).toMatchObject({
      networkSecurityGroups: 'managed',
      clusterHealthProbe: { kind: 'shared', port: 10256, path: '/healthz' },
    });
  });

  it('warns about what is not known and says what was probably meant', () => {
    const { warnings } = read(`${minimal}Regoin = x\n[Globl]\nRegion = y\n[Other]\nx = 1`);
    expect(warnings).toEqual([
      'line 5: [Globl] is not known and has no effect; did you mean Global?',
      'line 7: [Other] is not known and has no effect',
      'line 4: [Global] Regoin is not known and has no effect; did you mean Region?',
    ]);
  });
});

describe('what is not written', () => {
  it('is missing until the machine was asked, and then what that knows', () => {
    const before = read('');
    expect(before).toMatchObject({ missing: ['region', 'cluster-id'], scope: { region: '' }, tagging: { id: '' } });
    const facts = { region: 'eu-west-1', tagging: { id: 'c1', isLegacy: true }, vpcID: 'vpc-1' };
    expect(read('', {}, facts)).toMatchObject({
      missing: [],
      scope: { region: 'eu-west-1' },
      tagging: { id: 'c1', isLegacy: true },
      vpcID: 'vpc-1',
    });
    expect(read(`${minimal}VPC = vpc-9`, {}, facts)).toMatchObject({ tagging: { isLegacy: false }, vpcID: 'vpc-9' });
  });

  it('may be the cluster ID in an untagged cloud, even when nothing knows it', () => {
    const config = read('[Global]\nRegion = eu-west-1', { allowUntaggedCloud: 'yes' }, {});
    expect(config).toMatchObject({ missing: ['cluster-id'], tagging: { id: '' } });
  });
});

describe('a role to assume', () => {
  const role = 'arn:aws:iam::123456789012:role/ccm';

  it.each([
    ['', undefined],
    [`RoleARN = ${role}`, { arn: role, account: '123456789012', sourceARN: '' }],
    [
      `RoleARN = ${role}\nSourceARN = arn:aws:eks:us-east-1:123456789012:cluster/c`,
      { arn: role, account: '123456789012', sourceARN: 'arn:aws:eks:us-east-1:123456789012:cluster/c' },
    ],
  ])('%j', (lines, expected) => {
    expect(read(minimal + lines).role).toEqual(expected);
  });

  it.each([
    ['RoleARN = arn:aws:iam::12:role/ccm', '[Global] RoleARN'],
    ['RoleARN = ccm', '[Global] RoleARN'],
    [`RoleARN = ${role}\nSourceARN = me`, '[Global] SourceARN'],
    ['SourceARN = arn:aws:eks:us-east-1:123456789012:cluster/c', '[Global] SourceARN'],
    ['SupportedTopologyInstanceTypePattern = (', '[Global] SupportedTopologyInstanceTypePattern'],
  ])('%j is told', (lines, field) => {
    expect(faultsOf(minimal + lines)).toMatchObject([[field, expect.any(String)]]);
  });
});

describe('instance types that must have a place in the topology', () => {
  it.each([
    ['', 'p4d.24xlarge', true],
    ['', 'trn1n.32xlarge', true],
    ['', 'hpc7a.96xlarge', true],
    ['', 'm5.large', false],
    ['', 'xp4.large', false],
    ['SupportedTopologyInstanceTypePattern = "^m5"', 'm5.large', true],
    ['SupportedTopologyInstanceTypePattern = "^m5"', 'p4d.24xlarge', false],
  ])('%j, %s: %s', (lines, type, expected) => {
    expect(read(minimal + lines).topologyTypes.test(type)).toBe(expected);
  });
});

describe('faults', () => {
  it('are told all at once, with file, field, value and fix', () => {
    const text =
      '[Global]\nZone = nowhere\nKubernetesClusterID = a\nKubernetesClusterTag = b\nnonsense : 1\nRoleARN = arn:x';
    expect(faultsOf(text)).toEqual([
      ['line 5', 'nonsense : 1'],
      ['[Global] Zone', 'nowhere'],
      ['[Global] RoleARN', 'arn:x'],
      ['[Global] KubernetesClusterID', 'a'],
    ]);
    expect(() => read(text)).toThrow(/^\/etc\/cloud\.conf: line 5: "nonsense : 1": write Key = value/);
  });

  it.each([
    [
      '',
      [
        ['[Global] Region', ''],
        ['[Global] KubernetesClusterID', ''],
      ],
    ],
    ['[Global]\nRegion = Frankfurt!\nKubernetesClusterID = a', [['[Global] Region', 'Frankfurt!']]],
    [`${minimal}DisableSecurityGroupIngress = maybe`, [['[Global] DisableSecurityGroupIngress', 'maybe']]],
    [
      `${minimal}[ServiceOverride "1"]\nService = EC2`,
      [
        ['[ServiceOverride "1"] Region', ''],
        ['[ServiceOverride "1"] URL', ''],
        ['[ServiceOverride "1"] SigningRegion', ''],
      ],
    ],
    [
      `${minimal}[ServiceOverride "1"]\nService = EC2\nRegion = r\nURL = nowhere\nSigningRegion = r`,
      [['[ServiceOverride "1"] URL', 'nowhere']],
    ],
  ])('%j', (text, faults) => {
    expect(faultsOf(text)).toEqual(faults);
  });

  it('are told without a file, too', () => {
    expect(() => read('', { file: undefined }, {})).toThrow(/^\[Global\] Region: "": say which region/);
  });
});

describe('what only network load balancers need', () => {
  it.each([
    ['NLBSecurityGroupMode', 'managed'],
    ['ClusterServiceLoadBalancerHealthProbeMode', 'shared'],
  ])('%s = %s keeps nobody else from being served', (key, value) => {
    const { networkFault, warnings } = read(`${minimal}${key} = ${value}`);
    expect(networkFault).toMatchObject({ field: `[Global] ${key}`, value });
    expect(warnings).toEqual([expect.stringContaining(`${key} = ${value}: no Service gets a network load balancer`)]);
    expect(read(minimal).networkFault).toBeUndefined();
  });
});

describe('endpoints', () => {
  const override = (service: string, region = 'eu-west-1'): string =>
    `[ServiceOverride "${service}"]\nService = ${service}\nRegion = ${region}\nURL = https://${region}.example.com\nSigningRegion = sr\n`;

  it.each([
    ['EC2', 'ec2'],
    ['ec2', 'ec2'],
    ['Elastic Load Balancing', 'elb'],
    ['Elastic Load Balancing v2', 'elbv2'],
    ['elasticloadbalancing', 'elb', 'elbv2'],
  ])('%s is overridden in its region alone', (service, ...names) => {
    const endpoint = { url: 'https://eu-west-1.example.com', signingRegion: 'sr' };
    expect(read(minimal + override(service)).endpoints).toEqual(
      Object.fromEntries(names.map((name) => [name, endpoint])),
    );
    expect(read(minimal + override(service, 'us-east-1')).endpoints).toEqual({});
  });

  it('let the name of one kind of load balancers win over that of both', () => {
    const own = override('Elastic Load Balancing').replace('https://', 'https://classic.');
    for (const text of [override('elasticloadbalancing') + own, own + override('elasticloadbalancing')]) {
      expect(read(minimal + text).endpoints).toMatchObject({
        elb: { url: 'https://classic.eu-west-1.example.com' },
        elbv2: { url: 'https://eu-west-1.example.com' },
      });
    }
  });

  it('refuses two overrides for the same', () => {
    expect(faultsOf(minimal + override('EC2') + override('EC2').replace('"EC2"', '"2"'))).toEqual([
      ['[ServiceOverride "2"] Service', 'EC2'],
    ]);
  });

  it('warns of services that are never called', () => {
    const { warnings } = read(minimal + override('EC3'));
    expect(warnings).toEqual([
      '[ServiceOverride "EC3"] Service "EC3" is not called by this manager and has no effect; did you mean EC2?',
    ]);
    expect(read(minimal + override('KMS')).warnings).toEqual([]);
  });

  it.each([
    [{ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, 'http://127.0.0.1:1', 'http://127.0.0.1:1'],
    [
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_EC2: 'http://127.0.0.1:2' },
      'http://127.0.0.1:2',
      'http://127.0.0.1:1',
    ],
    [{ AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2: 'http://127.0.0.1:3' }, undefined, 'http://127.0.0.1:3'],
    [{ AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, undefined, undefined],
  ])('%j gives %s and %s', (environment, ec2, elbv2) => {
    const { endpoints } = read(minimal, { environment });
    expect([endpoints.ec2?.url, endpoints.elbv2?.url]).toEqual([ec2, elbv2]);
  });

  it('prefer the file to the environment', () => {
    const { endpoints } = read(minimal + override('EC2'), { environment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' } });
    expect(endpoints.ec2?.url).toBe('https://eu-west-1.example.com');
  });
});

describe('any file', () => {
  it('is read, or refused with a ConfigError', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '[Global]',
        '[ServiceOverride "1"]',
        'Region = eu-west-1',
        'KubernetesClusterID = c',
        'Zone',
        'VPC = "v',
        'Service = EC2',
      ),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        try {
          read(lines.join('\n'));
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

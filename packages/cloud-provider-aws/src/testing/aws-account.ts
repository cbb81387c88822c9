import { type CallContext, Duration } from '@ccm-ts/cloud-provider';
import type { Instance } from '../client/ec2-port.ts';
import { type CloudConfig, readCloudConfig } from '../config/cloud-config.ts';
import { CallRecorder } from './call-recorder.ts';
import { InMemoryEc2 } from './in-memory-ec2.ts';
import { InMemoryClassicElb } from './in-memory-classic-elb.ts';
import type { Elbv2Snapshot } from './elbv2-objects.ts';
import { InMemoryElbv2 } from './in-memory-elbv2.ts';

export const testVpc = 'vpc-1';
export const testClusterTag = { 'kubernetes.io/cluster/judge': 'owned' };

/** An account with a small network, as a cluster's installer leaves it. */
export class AwsAccount {
  readonly recorder = new CallRecorder();
  readonly ec2 = new InMemoryEc2(this.recorder);
  readonly elbv2 = new InMemoryElbv2(this.recorder, this.ec2);
  readonly elb = new InMemoryClassicElb(this.recorder, this.ec2);

  /** Three zones with a public and a private subnet each, an internet gateway, one security group for the nodes. */
  static withNetwork(): AwsAccount {
    const account = new AwsAccount();
    const { ec2 } = account;
    for (const [index, letter] of ['a', 'b', 'c'].entries()) {
      const zone = `eu-test-1${letter}`;
      ec2.zones.push({ name: zone, id: `eut1-az${index + 1}`, type: 'availability-zone' });
      ec2.subnets.push(
        { id: `subnet-public-${letter}`, zone, cidr: `10.0.${index}.0/24`, tags: testClusterTag, vpcID: testVpc },
        { id: `subnet-private-${letter}`, zone, cidr: `10.0.1${index}.0/24`, tags: testClusterTag, vpcID: testVpc },
      );
    }
    ec2.routeTables.push(
      { vpcID: testVpc, isMain: true, subnetIDs: [], gatewayIDs: ['local'] },
      {
        vpcID: testVpc,
        isMain: false,
        subnetIDs: ['subnet-public-a', 'subnet-public-b', 'subnet-public-c'],
        gatewayIDs: ['local', 'igw-1'],
      },
    );
    ec2.securityGroups.set('sg-nodes', {
      id: 'sg-nodes',
      name: 'nodes',
      vpcID: testVpc,
      tags: testClusterTag,
      rules: [],
    });
    return account;
  }

  /** Starts a machine and gives its id. */
  launch(number: number, overrides: Partial<Instance> = {}): string {
    const instance: Instance = { ...testInstance(number), ...overrides };
    this.ec2.instances.set(instance.id, instance);
    return instance.id;
  }

  /** Everything that a load balancer leaves traces in. */
  snapshot(): { readonly elbv2: Elbv2Snapshot; readonly rules: readonly (readonly [string, readonly unknown[]])[] } {
    const rules = [...this.ec2.securityGroups.values()].map((group) => [group.id, [...group.rules]] as const);
    return { elbv2: this.elbv2.snapshot(), rules };
  }
}

export function testInstanceID(number: number): string {
  return `i-${number.toString(16).padStart(17, '0')}`;
}

function testInstance(number: number): Instance {
  const ip = `10.0.${Math.floor(number / 250)}.${(number % 250) + 1}`;
  const letter = ['a', 'b', 'c'][number % 3] ?? 'a';
  return {
    id: testInstanceID(number),
    state: 'running',
    type: 'm5.large',
    zone: `eu-test-1${letter}`,
    vpcID: testVpc,
    subnetID: `subnet-private-${letter}`,
    privateDnsName: `ip-${ip.replaceAll('.', '-')}.eu-test-1.compute.internal`,
    publicDnsName: '',
    publicIP: '',
    securityGroupIDs: ['sg-nodes'],
    sourceDestCheck: true,
    networkInterfaces: [{ id: `eni-${number}`, status: 'in-use', deviceIndex: 0, privateIPs: [ip], ipv6s: [] }],
    tags: testClusterTag,
  };
}

/** The configuration of the tests' cluster, with more lines of `[Global]`. */
export function testConfig(...lines: readonly string[]): CloudConfig {
  const text = ['[Global]', 'Region = eu-test-1', 'KubernetesClusterID = judge', ...lines].join('\n');
  return readCloudConfig({
    file: { path: 'cloud.conf', text },
    environment: {},
    allowUntaggedCloud: 'no',
    clusterName: 'judge',
  });
}

export function testCall(overrides: Partial<CallContext> = {}): CallContext {
  return {
    signal: new AbortController().signal,
    timeout: Duration.seconds(30),
    freshness: 'live',
    priority: 'change',
    ...overrides,
  };
}

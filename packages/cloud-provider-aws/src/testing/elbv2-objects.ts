import type {
  Attributes,
  Listener,
  LoadBalancer,
  Target,
  TargetAddressType,
  TargetGroup,
} from '../client/elbv2-port.ts';
import type { Tags } from '../cluster-tags.ts';
import type { AwsOperation } from '../permissions.ts';
import { refuse } from './call-recorder.ts';
import type { InMemoryEc2 } from './in-memory-ec2.ts';

export interface StoredListener extends Listener {
  readonly loadBalancerArn: string;
}

export interface StoredTargetGroup extends Omit<TargetGroup, 'loadBalancerArns'> {
  readonly addressType?: TargetAddressType;
  readonly targets: readonly Target[];
}

/** What is in the account, for comparing before and after. */
export interface Elbv2Snapshot {
  readonly loadBalancers: readonly LoadBalancer[];
  readonly listeners: readonly StoredListener[];
  readonly targetGroups: readonly StoredTargetGroup[];
  readonly tags: ReadonlyMap<string, Tags>;
  readonly attributes: ReadonlyMap<string, Attributes>;
}

/** What Elastic Load Balancing v2 holds, and what must hold between its objects. */
export class Elbv2Objects {
  readonly loadBalancers = new Map<string, LoadBalancer>();
  readonly listeners = new Map<string, StoredListener>();
  readonly targetGroups = new Map<string, StoredTargetGroup>();
  readonly tags = new Map<string, Tags>();
  readonly attributes = new Map<string, Attributes>();
  protected readonly ec2: InMemoryEc2;
  protected created = 0;

  constructor(ec2: InMemoryEc2) {
    this.ec2 = ec2;
    ec2.usedSecurityGroups = () => [...this.loadBalancers.values()].flatMap(({ securityGroupIDs }) => securityGroupIDs);
  }

  snapshot(): Elbv2Snapshot {
    return structuredClone({
      loadBalancers: [...this.loadBalancers.values()],
      listeners: [...this.listeners.values()],
      targetGroups: [...this.targetGroups.values()],
      tags: this.tags,
      attributes: this.attributes,
    });
  }

  protected checkAddresses(
    operation: AwsOperation,
    subnetIDs: readonly string[],
    { addressType = 'ipv4', ipv6SourceNat = 'off' }: Pick<LoadBalancer, 'addressType' | 'ipv6SourceNat'>,
  ): void {
    const lacking = this.ec2.subnets.some(({ id, ipv6Cidr }) => subnetIDs.includes(id) && ipv6Cidr === undefined);
    if (addressType === 'dualstack' && lacking) refuse(operation, 'Invalid', 'InvalidSubnet', 'no IPv6 range');
    if (addressType === 'ipv4' && ipv6SourceNat === 'on') refuse(operation, 'Invalid', 'InvalidConfigurationRequest');
  }

  protected refuseUntranslated(operation: AwsOperation, { arn, addressType, ipv6SourceNat }: LoadBalancer): void {
    if (addressType !== 'dualstack' || ipv6SourceNat === 'on') return;
    const listeners = [...this.listeners.values()].filter(({ loadBalancerArn }) => loadBalancerArn === arn);
    if (!listeners.some(({ protocol }) => protocol.includes('UDP'))) return;
    refuse(operation, 'Invalid', 'InvalidConfigurationRequest', 'UDP without prefixes for source NAT');
  }

  protected exists(arn: string): boolean {
    return this.loadBalancers.has(arn) || this.targetGroups.has(arn) || this.listeners.has(arn);
  }

  protected drop(listenerArn: string): void {
    this.listeners.delete(listenerArn);
    this.tags.delete(listenerArn);
  }

  protected byName(name: string): LoadBalancer | undefined {
    return [...this.loadBalancers.values()].find((loadBalancer) => loadBalancer.name === name);
  }

  protected shown(group: StoredTargetGroup): TargetGroup {
    const { arn, name, port, protocol, vpcID, healthCheck } = group;
    const users = [...this.listeners.values()].filter((listener) => listener.targetGroupArn === group.arn);
    return {
      arn,
      name,
      port,
      protocol,
      vpcID,
      healthCheck,
      loadBalancerArns: [...new Set(users.map(({ loadBalancerArn }) => loadBalancerArn))],
    };
  }

  /** A target group serves one load balancer. */
  protected refuseSecondLoadBalancer(operation: AwsOperation, loadBalancerArn: string, targetGroupArn: string): void {
    const group = this.shown(this.targetGroup(operation, targetGroupArn));
    if (group.loadBalancerArns.some((arn) => arn !== loadBalancerArn)) {
      refuse(operation, 'Quota', 'TargetGroupAssociationLimit', targetGroupArn);
    }
  }

  protected loadBalancer(operation: AwsOperation, arn: string): LoadBalancer {
    return this.loadBalancers.get(arn) ?? refuse(operation, 'NotFound', 'LoadBalancerNotFound', arn);
  }

  protected targetGroup(operation: AwsOperation, arn: string): StoredTargetGroup {
    return this.targetGroups.get(arn) ?? refuse(operation, 'NotFound', 'TargetGroupNotFound', arn);
  }

  protected newArn(path: string): string {
    this.created += 1;
    return `arn:aws:elasticloadbalancing:eu-test-1:123456789012:${path}/${this.created}`;
  }
}

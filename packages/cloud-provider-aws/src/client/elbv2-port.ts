import type { CallContext } from '@ccm-ts/cloud-provider';
import type { Tags } from '../cluster-tags.ts';

/** What of Elastic Load Balancing v2 the provider uses. Every method throws CloudErrors only, and follows all pages. */
export interface Elbv2Port extends LoadBalancerRequests, ListenerRequests, TargetGroupRequests, TagRequests {}

/** Requests about network load balancers themselves. */
export interface LoadBalancerRequests {
  /** Undefined when there is none of that name. */
  findLoadBalancer(name: string, call: CallContext): Promise<LoadBalancer | undefined>;
  /** All of the account and region, of every type. */
  listLoadBalancers(call: CallContext): Promise<readonly LoadBalancer[]>;
  /** Gives the existing one when there is one of the same name and the same settings. */
  createLoadBalancer(input: CreateLoadBalancer, call: CallContext): Promise<LoadBalancer>;
  deleteLoadBalancer(arn: string, call: CallContext): Promise<void>;
  describeLoadBalancerAttributes(arn: string, call: CallContext): Promise<Attributes>;
  modifyLoadBalancerAttributes(arn: string, attributes: Attributes, call: CallContext): Promise<void>;
  /** @throws CloudError `Invalid` when the load balancer was made without security groups: it can't be given any later. */
  setSecurityGroups(arn: string, securityGroupIDs: readonly string[], call: CallContext): Promise<void>;
  /** Gives the load balancer IPv6 addresses beside those of IPv4, or takes them away. */
  setAddressType(arn: string, addressType: AddressType, call: CallContext): Promise<void>;
  /** Replaces the subnets, and may change the addresses in the same step. */
  setSubnets(arn: string, change: SubnetChange, call: CallContext): Promise<void>;
}

/** Requests about their listeners. */
export interface ListenerRequests {
  describeListeners(loadBalancerArn: string, call: CallContext): Promise<readonly Listener[]>;
  /** @throws CloudError `Conflict` with the code `DuplicateListener` when the port is taken. */
  createListener(input: CreateListener, call: CallContext): Promise<Listener>;
  modifyListener(listenerArn: string, change: ListenerChange, call: CallContext): Promise<void>;
  deleteListener(arn: string, call: CallContext): Promise<void>;
}

/** Requests about their target groups, with what is registered there. */
export interface TargetGroupRequests {
  /** All of the account and region: target groups can be found neither by tag nor by a part of their name. */
  describeTargetGroups(call: CallContext): Promise<readonly TargetGroup[]>;
  /** Undefined when there is none of that name. */
  findTargetGroup(name: string, call: CallContext): Promise<TargetGroup | undefined>;
  /** Gives the existing one when there is one of the same name and the same settings. */
  createTargetGroup(input: CreateTargetGroup, call: CallContext): Promise<TargetGroup>;
  /** @throws CloudError `Conflict` while a listener uses it. */
  deleteTargetGroup(arn: string, call: CallContext): Promise<void>;
  modifyHealthCheck(targetGroupArn: string, change: HealthCheckChange, call: CallContext): Promise<void>;
  describeTargetGroupAttributes(arn: string, call: CallContext): Promise<Attributes>;
  modifyTargetGroupAttributes(arn: string, attributes: Attributes, call: CallContext): Promise<void>;
  /** The targets that are not on their way out. */
  describeTargets(targetGroupArn: string, call: CallContext): Promise<readonly Target[]>;
  /** At most 100. @throws CloudError `Invalid` with the code `InvalidTarget` when any of them can't be; none is registered. */
  registerTargets(targetGroupArn: string, targets: readonly Target[], call: CallContext): Promise<void>;
  deregisterTargets(targetGroupArn: string, targets: readonly Target[], call: CallContext): Promise<void>;
}

/** Requests about the tags of all of them. */
export interface TagRequests {
  /** The tags by ARN, 20 ARNs a request. @throws CloudError `NotFound` when any of the objects is gone meanwhile. */
  describeTags(arns: readonly string[], call: CallContext): Promise<ReadonlyMap<string, Tags>>;
  /** Adds tags, or gives those that are there another value. At most 20 ARNs. */
  addTags(arns: readonly string[], tags: Tags, call: CallContext): Promise<void>;
}

/** Settings by AWS's own keys. */
export type Attributes = Readonly<Record<string, string>>;

export type Scheme = 'internet-facing' | 'internal';

export type AddressType = 'ipv4' | 'dualstack';

export interface LoadBalancer {
  readonly arn: string;
  readonly name: string;
  /** `network`, `application` or `gateway`. */
  readonly type: string;
  readonly scheme: string;
  /** `provisioning`, `active`, `active_impaired` or `failed`. */
  readonly state: string;
  readonly dnsName: string;
  readonly vpcID: string;
  readonly subnetIDs: readonly string[];
  /** The addresses that it was given at its creation. */
  readonly allocationIDs: readonly string[];
  readonly privateAddresses: readonly string[];
  /** Empty for good when it was made without any. */
  readonly securityGroupIDs: readonly string[];
  /** `ipv4`, `dualstack`, or `dualstack-without-public-ipv4`. @default ipv4 */
  readonly addressType?: string;
  /** @default off */
  readonly ipv6SourceNat?: SourceNat;
}

/**
 * Whether a load balancer with IPv6 addresses has a range of each subnet to stand for clients whose addresses it translates:
 * without one it serves no UDP.
 */
export type SourceNat = 'on' | 'off';

/** Where a load balancer is to be. What is left out stays. */
export interface SubnetChange {
  readonly subnets: readonly SubnetMapping[];
  readonly addressType?: AddressType;
  readonly ipv6SourceNat?: SourceNat;
}

/** A subnet, with the address that the load balancer has in it. */
export interface SubnetMapping {
  readonly subnetID: string;
  /** Empty for none of the user's. */
  readonly allocationID: string;
  /** Empty for one of AWS's choice. */
  readonly privateAddress: string;
}

/** How a listener decrypts. */
export interface ListenerTls {
  readonly certificateArn: string;
  /** Empty in a wish for AWS's choice. */
  readonly policy: string;
}

/** What of a listener is to change. */
export interface ListenerChange {
  readonly targetGroupArn?: string;
  readonly tls?: ListenerTls;
}

export interface Listener {
  readonly arn: string;
  readonly port: number;
  readonly protocol: string;
  /** Empty when the default action is not a plain forward to one group. */
  readonly targetGroupArn: string;
  /** Undefined when it decrypts nothing. */
  readonly tls: ListenerTls | undefined;
}

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly vpcID: string;
  readonly healthCheck: HealthCheck;
  /** The load balancers whose listeners use it. */
  readonly loadBalancerArns: readonly string[];
}

export interface HealthCheck {
  readonly protocol: string;
  /** A number, or `traffic-port`. */
  readonly port: string;
  /** Empty for TCP. */
  readonly path: string;
  readonly intervalSeconds: number;
  /** Undefined in a wish: whatever AWS chooses. */
  readonly timeoutSeconds?: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

/** The fields that are to change, with their new values. */
export type HealthCheckChange = Partial<HealthCheck>;

export interface Target {
  readonly id: string;
  readonly port: number;
}

export interface CreateLoadBalancer {
  readonly name: string;
  readonly scheme: Scheme;
  readonly subnets: readonly SubnetMapping[];
  /** Empty for a load balancer without any. */
  readonly securityGroupIDs: readonly string[];
  /** @default ipv4 */
  readonly addressType?: AddressType;
  /** @default off */
  readonly ipv6SourceNat?: SourceNat;
  readonly tags: Tags;
}

/** Instances in groups of IPv6 must have a primary IPv6 address. */
export type TargetAddressType = 'ipv4' | 'ipv6';

export interface CreateTargetGroup {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly vpcID: string;
  readonly healthCheck: HealthCheck;
  /** By which addresses instances are reached. @default ipv4 */
  readonly addressType?: TargetAddressType;
  readonly tags: Tags;
}

export interface CreateListener {
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly protocol: string;
  readonly targetGroupArn: string;
  readonly tls: ListenerTls | undefined;
  readonly tags: Tags;
}

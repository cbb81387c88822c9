import type { CallContext } from '@ccm-ts/cloud-provider';
import type { Tags } from '../cluster-tags.ts';

/** What of Elastic Load Balancing v2 the provider uses. Every method throws CloudErrors only, and follows all pages. */
export interface Elbv2Port {
  /** Undefined when there is none of that name. */
  findLoadBalancer(name: string, call: CallContext): Promise<LoadBalancer | undefined>;
  describeListeners(loadBalancerArn: string, call: CallContext): Promise<readonly Listener[]>;
  /** All of the account and region: target groups can be found neither by tag nor by a part of their name. */
  describeTargetGroups(call: CallContext): Promise<readonly TargetGroup[]>;
  /** The targets that are not on their way out. */
  describeTargets(targetGroupArn: string, call: CallContext): Promise<readonly Target[]>;
  /** The tags by ARN, 20 ARNs a request. @throws CloudError `NotFound` when any of the objects is gone meanwhile. */
  describeTags(arns: readonly string[], call: CallContext): Promise<ReadonlyMap<string, Tags>>;
  /** Gives the existing one when there is one of the same name and the same settings. */
  createLoadBalancer(input: CreateLoadBalancer, call: CallContext): Promise<LoadBalancer>;
  deleteLoadBalancer(arn: string, call: CallContext): Promise<void>;
  /** Gives the existing one when there is one of the same name and the same settings. */
  createTargetGroup(input: CreateTargetGroup, call: CallContext): Promise<TargetGroup>;
  modifyHealthCheck(targetGroupArn: string, change: HealthCheckChange, call: CallContext): Promise<void>;
  /** @throws CloudError `Conflict` while a listener uses it. */
  deleteTargetGroup(arn: string, call: CallContext): Promise<void>;
  /** At most 100. @throws CloudError `Invalid` with the code `InvalidTarget` when any of them can't be; none is registered. */
  registerTargets(targetGroupArn: string, targets: readonly Target[], call: CallContext): Promise<void>;
  deregisterTargets(targetGroupArn: string, targets: readonly Target[], call: CallContext): Promise<void>;
  /** @throws CloudError `Conflict` with the code `DuplicateListener` when the port is taken. */
  createListener(input: CreateListener, call: CallContext): Promise<Listener>;
  /** Points the listener at another target group. */
  modifyListener(listenerArn: string, targetGroupArn: string, call: CallContext): Promise<void>;
  deleteListener(arn: string, call: CallContext): Promise<void>;
}

export type Scheme = 'internet-facing' | 'internal';

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
}

export interface Listener {
  readonly arn: string;
  readonly port: number;
  readonly protocol: string;
  /** Empty when the default action is not a plain forward to one group. */
  readonly targetGroupArn: string;
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

export type HealthCheckProtocol = 'TCP' | 'HTTP';

export interface HealthCheck {
  readonly protocol: string;
  /** A number, or `traffic-port`. */
  readonly port: string;
  /** Empty for TCP. */
  readonly path: string;
  readonly intervalSeconds: number;
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
  readonly subnetIDs: readonly string[];
  readonly tags: Tags;
}

export interface CreateTargetGroup {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly vpcID: string;
  readonly healthCheck: HealthCheck;
  readonly tags: Tags;
}

export interface CreateListener {
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly protocol: string;
  readonly targetGroupArn: string;
  readonly tags: Tags;
}

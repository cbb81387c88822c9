import type { CallContext } from '@ccm-ts/cloud-provider';
import type { Tags } from '../cluster-tags.ts';

/** What of EC2 the provider uses, in its own terms. Every method throws CloudErrors only, and follows all pages. */
export interface Ec2Port {
  /** The instances that fit; ids that do not exist are simply missing. At most 200 values. */
  findInstances(query: InstanceQuery, call: CallContext): Promise<Answer<readonly Instance[]>>;
  /** All instances that have a tag of that key, apart from terminated ones; 1,000 a request. */
  listInstances(tagKey: string, call: CallContext): Promise<Answer<readonly Instance[]>>;
  /**
   * Looks instances up by id. The one read that says positively that an instance does not exist.
   * @throws CloudError `NotFound` when any of them does not; its message names those that do not.
   */
  getInstances(ids: readonly string[], call: CallContext): Promise<Answer<readonly Instance[]>>;
  /**
   * The network nodes above the instances, from the top down, by instance id; instances without any are missing. At most 100
   * ids.
   */
  describeTopology(ids: readonly string[], call: CallContext): Promise<ReadonlyMap<string, readonly string[]>>;
  /** The attached network interfaces that have any of the private IPv4 addresses. At most 200. */
  findNetworkInterfaces(query: NetworkInterfaceQuery, call: CallContext): Promise<readonly StandaloneInterface[]>;
  /** Has the instance take packets that are not addressed to it. */
  disableSourceDestCheck(instanceID: string, call: CallContext): Promise<void>;
  /** Sets tags, all or none. @throws CloudError `NotFound` when EC2 does not know one of the resources; its message names those. */
  createTags(ids: readonly string[], tags: Tags, call: CallContext): Promise<void>;
  /** Removes tags that have these values. @throws CloudError as `createTags` does */
  deleteTags(ids: readonly string[], tags: Tags, call: CallContext): Promise<void>;
  describeAvailabilityZones(call: CallContext): Promise<readonly AvailabilityZone[]>;
  describeSubnets(vpcID: string, call: CallContext): Promise<readonly Subnet[]>;
  describeRouteTables(vpcID: string, call: CallContext): Promise<readonly RouteTable[]>;
  /**
   * Looks a volume up by id.
   * @throws CloudError `NotFound` when there is none, and `Invalid` for what can't be an id
   */
  getVolume(id: string, call: CallContext): Promise<Volume>;
  /** The route tables with their routes. */
  describeRoutes(query: RouteTableQuery, call: CallContext): Promise<readonly RoutingTable[]>;
  /** @throws CloudError `Conflict` with the code `RouteAlreadyExists` when the table has a route for the range. */
  createRoute(route: RouteInput, call: CallContext): Promise<void>;
  /** Changes where the route for the range leads, without a moment without it. @throws CloudError `NotFound` without one. */
  replaceRoute(route: RouteInput, call: CallContext): Promise<void>;
  /** @throws CloudError `NotFound` with the code `InvalidRoute.NotFound` when there is none. */
  deleteRoute(route: Pick<RouteInput, 'tableID' | 'cidr'>, call: CallContext): Promise<void>;
  /** All groups of the VPC; of the region when the VPC is undefined. */
  describeSecurityGroups(vpcID: string | undefined, call: CallContext): Promise<readonly SecurityGroup[]>;
  /** The group, without ingress rules. @throws CloudError `Conflict` with the code `InvalidGroup.Duplicate` when the VPC has one of the name */
  createSecurityGroup(input: CreateSecurityGroup, call: CallContext): Promise<SecurityGroup>;
  /** @throws CloudError `Conflict` with the code `DependencyViolation` while anything uses it. */
  deleteSecurityGroup(groupID: string, call: CallContext): Promise<void>;
  /** @throws CloudError `Conflict` with the code `InvalidPermission.Duplicate` when any rule is there already; none is made. */
  authorizeIngress(groupID: string, rules: readonly IngressRule[], call: CallContext): Promise<void>;
  /** @throws CloudError `NotFound` with the code `InvalidPermission.NotFound` when any rule is missing; none is removed. */
  revokeIngress(groupID: string, rules: readonly IngressRule[], call: CallContext): Promise<void>;
}

/** An answer together with the request's id, for evidence. */
export interface Answer<Value> {
  readonly value: Value;
  readonly requestID: string;
}

export type InstanceQuery =
  | { readonly by: 'id'; readonly values: readonly string[] }
  /** Terminated instances are left out: their names are free again. */
  | { readonly by: 'private-dns-name'; readonly values: readonly string[] };

export type Ec2InstanceState =
  | 'pending'
  | 'running'
  | 'shutting-down'
  | 'terminated'
  | 'stopping'
  | 'stopped'
  | 'unknown';

export interface Instance {
  readonly id: string;
  readonly state: Ec2InstanceState;
  readonly type: string;
  readonly zone: string;
  readonly vpcID: string;
  readonly subnetID: string;
  readonly privateDnsName: string;
  readonly publicDnsName: string;
  readonly publicIP: string;
  readonly securityGroupIDs: readonly string[];
  /** Whether packets that are not addressed to it are dropped. */
  readonly sourceDestCheck: boolean;
  readonly networkInterfaces: readonly NetworkInterface[];
  readonly tags: Tags;
}

export interface NetworkInterface {
  readonly id: string;
  /** `in-use` when it carries traffic. */
  readonly status: string;
  /** Undefined when it is not attached. */
  readonly deviceIndex: number | undefined;
  /** The primary address first, otherwise in EC2's order. */
  readonly privateIPs: readonly string[];
  readonly ipv6s: readonly string[];
}

/** A network interface by itself, with no instance that could be asked for. */
export interface StandaloneInterface {
  readonly id: string;
  readonly zone: string;
  readonly privateDnsName: string;
  readonly privateIPs: readonly string[];
  readonly ipv6s: readonly string[];
}

export interface NetworkInterfaceQuery {
  readonly privateIPs: readonly string[];
  /** Undefined looks in all VPCs of the region. */
  readonly vpcID: string | undefined;
}

export interface AvailabilityZone {
  readonly name: string;
  readonly id: string;
  /** `availability-zone`, `local-zone` or `wavelength-zone`. */
  readonly type: string;
}

/** An EBS volume. */
export interface Volume {
  readonly id: string;
  readonly zone: string;
}

export interface Subnet {
  readonly id: string;
  readonly zone: string;
  /** The IPv4 range. */
  readonly cidr: string;
  /** @default none */
  readonly ipv6Cidr?: string;
  readonly tags: Tags;
}

export interface RouteTable {
  readonly isMain: boolean;
  readonly subnetIDs: readonly string[];
  /** The gateways of its routes. */
  readonly gatewayIDs: readonly string[];
}

export interface CreateSecurityGroup {
  readonly name: string;
  readonly description: string;
  readonly vpcID: string;
  readonly tags: Tags;
}

export type RouteTableQuery =
  | { readonly by: 'id'; readonly id: string }
  /** Tables that have a tag of that key. */
  | { readonly by: 'tag-key'; readonly key: string };

/** A route table with what is in it. */
export interface RoutingTable {
  readonly id: string;
  readonly tags: Tags;
  readonly routes: readonly RouteEntry[];
}

export interface RouteEntry {
  /** IPv4 or IPv6; routes of prefix lists are left out. */
  readonly cidr: string;
  readonly target: RouteEntryTarget;
  readonly state: 'active' | 'blackhole';
}

export type RouteEntryTarget =
  /** EC2 names the instance next to its interface. */
  | { readonly kind: 'instance'; readonly id: string }
  /** An interface of no instance. */
  | { readonly kind: 'network-interface'; readonly id: string }
  /** Gateways and what else there is. */
  | { readonly kind: 'other'; readonly id: string };

export interface RouteInput {
  readonly tableID: string;
  readonly cidr: string;
  readonly target: Extract<RouteEntryTarget, { kind: 'instance' | 'network-interface' }>;
}

export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly vpcID: string;
  readonly tags: Tags;
  /** Each source of each permission by itself. */
  readonly rules: readonly IngressRule[];
}

/** One rule as EC2 counts them: a protocol, its ports, one source. The description is not part of its identity. */
export interface IngressRule {
  /** `tcp`, `udp`, `icmp`, `icmpv6` or a protocol's number; `-1` is every protocol. */
  readonly protocol: string;
  /** For ICMP the type; -1 when it does not apply. */
  readonly fromPort: number;
  /** For ICMP the code; -1 when it does not apply. */
  readonly toPort: number;
  /** An IPv4 or IPv6 range; or the id of the security group (`sg-`) or prefix list (`pl-`) that is the source. */
  readonly cidr: string;
  readonly description: string;
}

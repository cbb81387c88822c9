import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeInstancesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  type ResourceType,
  RunInstancesCommand,
  type SecurityGroup,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';

export const region = 'us-east-1';
export const clusterID = 'e2e';
const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const owned = { Key: `kubernetes.io/cluster/${clusterID}`, Value: 'owned' };

/** A machine of the account. */
export interface Machine {
  readonly id: string;
  readonly zone: string;
  readonly type: string;
  readonly privateIP: string;
  readonly privateDnsName: string;
}

/** A load balancer with everything that hangs on it, as the account holds it. */
export interface FoundLoadBalancer {
  readonly name: string;
  readonly scheme: string;
  readonly type: string;
  readonly dnsName: string;
  readonly subnetIDs: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly listeners: readonly FoundListener[];
}

export interface FoundListener {
  readonly port: number;
  readonly protocol: string;
  readonly targetGroup: string;
  readonly healthCheck: string;
  /** `id:port`, sorted. */
  readonly targets: readonly string[];
}

/** The account in the emulator, as somebody with a console would see it. */
export class Account implements Disposable {
  readonly #ec2: EC2Client;
  readonly #elb: ElasticLoadBalancingV2Client;

  constructor(endpoint: string) {
    const options = { region, endpoint, credentials: { accessKeyId: 'console', secretAccessKey: 'console' } };
    this.#ec2 = new EC2Client(options);
    this.#elb = new ElasticLoadBalancingV2Client(options);
  }

  [Symbol.dispose](): void {
    this.#ec2.destroy();
    this.#elb.destroy();
  }

  /** A VPC with a public and a private subnet in each of three zones, and one security group for the nodes. */
  async createNetwork(): Promise<Network> {
    const { Vpc } = await this.#ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', ...tagged('vpc') }));
    const vpcID = given(Vpc?.VpcId);
    await this.#ec2.send(new ModifyVpcAttributeCommand({ VpcId: vpcID, EnableDnsHostnames: { Value: true } }));
    const { InternetGateway } = await this.#ec2.send(new CreateInternetGatewayCommand({}));
    const gatewayID = given(InternetGateway?.InternetGatewayId);
    await this.#ec2.send(new AttachInternetGatewayCommand({ VpcId: vpcID, InternetGatewayId: gatewayID }));
    const publicTable = await this.#createRouteTable(vpcID);
    await this.#ec2.send(
      new CreateRouteCommand({ RouteTableId: publicTable, DestinationCidrBlock: '0.0.0.0/0', GatewayId: gatewayID }),
    );
    const privateTable = await this.#createRouteTable(vpcID);
    const publicSubnets: string[] = [];
    const privateSubnets: string[] = [];
    for (const [index, zone] of zones.entries()) {
      const kinds = [
        { list: publicSubnets, table: publicTable, third: index, role: 'elb' },
        { list: privateSubnets, table: privateTable, third: index + 10, role: 'internal-elb' },
      ];
      for (const { list, table, third, role } of kinds) {
        const roleTag = { Key: `kubernetes.io/role/${role}`, Value: '1' };
        const { Subnet } = await this.#ec2.send(
          new CreateSubnetCommand({
            VpcId: vpcID,
            CidrBlock: `10.0.${third}.0/24`,
            AvailabilityZone: zone,
            ...tagged('subnet', roleTag),
          }),
        );
        const subnetID = given(Subnet?.SubnetId);
        await this.#ec2.send(new AssociateRouteTableCommand({ RouteTableId: table, SubnetId: subnetID }));
        list.push(subnetID);
      }
    }
    for (const SubnetId of publicSubnets) {
      await this.#ec2.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: true } }));
    }
    const { GroupId } = await this.#ec2.send(
      new CreateSecurityGroupCommand({
        GroupName: 'nodes',
        Description: 'nodes',
        VpcId: vpcID,
        ...tagged('security-group'),
      }),
    );
    const securityGroupID = given(GroupId);
    const among = { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: securityGroupID }] };
    const ssh = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '203.0.113.0/24' }] };
    await this.#ec2.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId: securityGroupID, IpPermissions: [among, ssh] }),
    );
    return { vpcID, publicSubnets, privateSubnets, securityGroupID };
  }

  /** Starts a machine; numbers are spread over the zones, even ones are public. */
  async launch(network: Network, number: number): Promise<Machine> {
    const subnets = number % 2 === 0 ? network.publicSubnets : network.privateSubnets;
    const third = (number % 3) + (number % 2 === 0 ? 0 : 10);
    const { Instances } = await this.#ec2.send(
      new RunInstancesCommand({
        ImageId: 'ami-12c6146b',
        MinCount: 1,
        MaxCount: 1,
        InstanceType: 'm5.large',
        SubnetId: given(subnets[number % 3]),
        PrivateIpAddress: `10.0.${third}.${100 + number}`,
        SecurityGroupIds: [network.securityGroupID],
        ...tagged('instance'),
      }),
    );
    const instance = given(Instances?.[0]);
    return {
      id: given(instance.InstanceId),
      zone: given(instance.Placement?.AvailabilityZone),
      type: given(instance.InstanceType),
      privateIP: given(instance.PrivateIpAddress),
      privateDnsName: given(instance.PrivateDnsName),
    };
  }

  async terminate(machine: Machine): Promise<void> {
    await this.#ec2.send(new TerminateInstancesCommand({ InstanceIds: [machine.id] }));
  }

  /** Every network load balancer by name. */
  async loadBalancers(): Promise<ReadonlyMap<string, FoundLoadBalancer>> {
    const { LoadBalancers = [] } = await this.#elb.send(new DescribeLoadBalancersCommand({}));
    const found = new Map<string, FoundLoadBalancer>();
    for (const loadBalancer of LoadBalancers) {
      const arn = given(loadBalancer.LoadBalancerArn);
      const { Listeners = [] } = await this.#elb.send(new DescribeListenersCommand({ LoadBalancerArn: arn }));
      const listeners: FoundListener[] = [];
      for (const listener of Listeners) {
        const group = given(listener.DefaultActions?.[0]?.TargetGroupArn);
        const { TargetGroups } = await this.#elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [group] }));
        const check = given(TargetGroups?.[0]);
        listeners.push({
          port: given(listener.Port),
          protocol: given(listener.Protocol),
          targetGroup: given(check.TargetGroupName),
          healthCheck: `${check.HealthCheckProtocol}:${check.HealthCheckPort}${check.HealthCheckPath ?? ''}`,
          targets: await this.#targets(group),
        });
      }
      found.set(given(loadBalancer.LoadBalancerName), {
        name: given(loadBalancer.LoadBalancerName),
        scheme: loadBalancer.Scheme ?? '',
        type: loadBalancer.Type ?? '',
        dnsName: given(loadBalancer.DNSName),
        subnetIDs: (loadBalancer.AvailabilityZones ?? []).map(({ SubnetId }) => given(SubnetId)).sort(),
        tags: await this.#tags(arn),
        listeners: listeners.sort((a, b) => a.port - b.port),
      });
    }
    return found;
  }

  /** The rules of the nodes' group, one line each, sorted. */
  async rules(network: Network): Promise<readonly string[]> {
    const { SecurityGroups } = await this.#ec2.send(
      new DescribeSecurityGroupsCommand({ GroupIds: [network.securityGroupID] }),
    );
    return describeRules(given(SecurityGroups?.[0]));
  }

  /**
   * Everything of the account that a manager could change, comparable as a whole.
   * @param without machines that the test itself starts or terminates
   */
  async snapshot(without: readonly Machine[]): Promise<unknown> {
    const ids = new Set(without.map(({ id }) => id));
    const { Reservations = [] } = await this.#ec2.send(new DescribeInstancesCommand({}));
    const instances = Reservations.flatMap(({ Instances = [] }) => Instances).filter(
      ({ InstanceId }) => !ids.has(given(InstanceId)),
    );
    const { SecurityGroups = [] } = await this.#ec2.send(new DescribeSecurityGroupsCommand({}));
    const { Subnets = [] } = await this.#ec2.send(new DescribeSubnetsCommand({}));
    const { RouteTables } = await this.#ec2.send(new DescribeRouteTablesCommand({}));
    const { Vpcs } = await this.#ec2.send(new DescribeVpcsCommand({}));
    const { TargetGroups = [] } = await this.#elb.send(new DescribeTargetGroupsCommand({}));
    return {
      loadBalancers: [...(await this.loadBalancers()).values()],
      targetGroups: TargetGroups.map(({ TargetGroupName }) => TargetGroupName),
      instances,
      securityGroups: SecurityGroups.map((group) => ({
        id: group.GroupId,
        tags: group.Tags,
        ingress: describeRules(group),
        egress: group.IpPermissionsEgress,
      })),
      // Each machine takes an address.
      subnets: Subnets.map((subnet) => ({ ...subnet, AvailableIpAddressCount: undefined })),
      routeTables: RouteTables,
      vpcs: Vpcs,
    };
  }

  async #createRouteTable(vpcID: string): Promise<string> {
    const { RouteTable } = await this.#ec2.send(new CreateRouteTableCommand({ VpcId: vpcID }));
    return given(RouteTable?.RouteTableId);
  }

  async #targets(targetGroupArn: string): Promise<string[]> {
    const { TargetHealthDescriptions = [] } = await this.#elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
    );
    return TargetHealthDescriptions.map(({ Target }) => `${Target?.Id}:${Target?.Port}`).sort();
  }

  async #tags(arn: string): Promise<Record<string, string>> {
    const { TagDescriptions } = await this.#elb.send(new DescribeTagsCommand({ ResourceArns: [arn] }));
    return Object.fromEntries((TagDescriptions?.[0]?.Tags ?? []).map(({ Key, Value }) => [given(Key), Value ?? '']));
  }
}

/** What {@link Account.createNetwork} made. */
export interface Network {
  readonly vpcID: string;
  readonly publicSubnets: readonly string[];
  readonly privateSubnets: readonly string[];
  readonly securityGroupID: string;
}

function tagged(type: ResourceType, ...more: readonly { Key: string; Value: string }[]) {
  return { TagSpecifications: [{ ResourceType: type, Tags: [owned, ...more] }] };
}

function describeRules(group: SecurityGroup): string[] {
  return (group.IpPermissions ?? [])
    .flatMap(({ IpProtocol, FromPort, ToPort, IpRanges = [], Ipv6Ranges = [], UserIdGroupPairs = [] }) => {
      const ports = FromPort === undefined ? '' : ` ${FromPort}-${ToPort}`;
      return [
        ...IpRanges.map(({ CidrIp, Description = '' }) => `${IpProtocol}${ports} ${CidrIp} ${Description}`.trim()),
        ...Ipv6Ranges.map(({ CidrIpv6, Description = '' }) =>
          `${IpProtocol}${ports} ${CidrIpv6} ${Description}`.trim(),
        ),
        ...UserIdGroupPairs.map(({ GroupId }) => `${IpProtocol}${ports} ${GroupId}`),
      ];
    })
    .sort();
}

function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the emulator left out a field that AWS always gives');
  return value;
}

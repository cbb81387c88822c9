import {
  AllocateAddressCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AttachNetworkInterfaceCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  RevokeSecurityGroupIngressCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  DeleteLoadBalancerCommand as DeleteClassicCommand,
  DeleteLoadBalancerListenersCommand,
  DeregisterInstancesFromLoadBalancerCommand,
  ElasticLoadBalancingClient,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { region } from '../account.ts';
import type { Credentials } from '../executable.ts';
import type { AwsCall, CaseNode } from './golden-case.ts';

/** The cluster of all cases: names of target groups are worked out from it. */
export const goldenCluster = 'judge';
const owned = { Key: `kubernetes.io/cluster/${goldenCluster}`, Value: 'owned' };

/** The account in the emulator, in the hands of its owner. */
export class GoldenCloud implements Disposable {
  readonly ec2: EC2Client;
  readonly elb: ElasticLoadBalancingClient;
  readonly elbv2: ElasticLoadBalancingV2Client;
  /** Ids by what the cases call them, such as `subnet:public-a`. */
  readonly ids = new Map<string, string>();
  /** The nodes with their Nodes' names, by name. */
  readonly nodes = new Map<string, CaseNode & { readonly host: string }>();
  readonly #endpoint: string;
  #writes = 0;

  constructor(endpoint: string, credentials: Credentials = { accessKeyId: 'owner', secretAccessKey: 'owner' }) {
    this.#endpoint = endpoint;
    const options = { region, endpoint, credentials };
    this.ec2 = new EC2Client(options);
    this.elb = new ElasticLoadBalancingClient(options);
    this.elbv2 = new ElasticLoadBalancingV2Client(options);
    const count =
      <Sent, Answer>(next: (sent: Sent) => Promise<Answer>, { commandName = '' }: { readonly commandName?: string }) =>
      async (sent: Sent): Promise<Answer> => {
        const answer = await next(sent);
        if (!commandName.startsWith('Describe')) this.#writes++;
        return answer;
      };
    this.ec2.middlewareStack.add(count, { step: 'finalizeRequest' });
    this.elb.middlewareStack.add(count, { step: 'finalizeRequest' });
    this.elbv2.middlewareStack.add(count, { step: 'finalizeRequest' });
  }

  /** How many requests of the owner may have changed something. */
  get writes(): number {
    return this.#writes;
  }

  [Symbol.dispose](): void {
    for (const client of [this.ec2, this.elb, this.elbv2]) client.destroy();
  }

  id(name: string): string {
    const id = this.ids.get(name);
    if (id === undefined) throw new Error(`the account has no ${name}`);
    return id;
  }

  /** A new account with a network, groups, addresses, certificates and machines. */
  async seed(nodes: readonly CaseNode[]): Promise<void> {
    this.ids.clear();
    this.nodes.clear();
    await fetch(`${this.#endpoint}/moto-api/reset`, { method: 'POST' });
    await this.#seedNetwork();
    await this.#seedGroups();
    for (const name of ['a', 'b', 'c']) {
      const { AllocationId } = await this.ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
      this.ids.set(`eip:${name}`, given(AllocationId));
    }
    for (const name of ['1', '2']) this.ids.set(`cert:${name}`, await this.#uploadCertificate(`cert-${name}`));
    for (const node of nodes) await this.addMachine(node);
  }

  async addMachine(node: CaseNode): Promise<void> {
    if (node.instance === false) {
      this.nodes.set(node.name, { ...node, host: node.host ?? node.name });
      return;
    }
    const subnet = node.subnet ?? 'public-a';
    const { Instances } = await this.ec2.send(
      new RunInstancesCommand({
        ImageId: 'ami-12c6146b',
        MinCount: 1,
        MaxCount: 1,
        InstanceType: 'm5.large',
        SubnetId: this.id(`subnet:${subnet}`),
        PrivateIpAddress: node.ip,
        SecurityGroupIds: [this.id('sg:nodes')],
        Placement: { AvailabilityZone: `${region}${subnet.at(-1)}` },
        TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: node.name }, owned] }],
      }),
    );
    const id = given(Instances?.[0]?.InstanceId);
    this.ids.set(`i:${node.name}`, id);
    for (const { ip, index } of node.enis ?? []) {
      const { NetworkInterface } = await this.ec2.send(
        new CreateNetworkInterfaceCommand({
          SubnetId: this.id(`subnet:${subnet}`),
          PrivateIpAddress: ip,
          Groups: [this.id('sg:nodes')],
        }),
      );
      await this.ec2.send(
        new AttachNetworkInterfaceCommand({
          NetworkInterfaceId: given(NetworkInterface?.NetworkInterfaceId),
          InstanceId: id,
          DeviceIndex: index,
        }),
      );
    }
    const { Reservations } = await this.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    const dns = given(Reservations?.[0]?.Instances?.[0]?.PrivateDnsName);
    const host = (node.host ?? dns).replace(/\{\{(i:[^}]+)\}\}/g, (_, name: string) => this.id(name));
    this.nodes.set(node.name, { ...node, host });
  }

  /** What a case does behind the manager's back. */
  async call({ operation, input }: AwsCall): Promise<void> {
    const arn = 'LoadBalancerArn' in input;
    switch (operation) {
      case 'StopInstances':
        await this.ec2.send(new StopInstancesCommand(input as never));
        return;
      case 'StartInstances':
        await this.ec2.send(new StartInstancesCommand(input as never));
        return;
      case 'TerminateInstances':
        await this.ec2.send(new TerminateInstancesCommand(input as never));
        return;
      case 'RevokeSecurityGroupIngress':
        await this.ec2.send(new RevokeSecurityGroupIngressCommand(input));
        return;
      case 'DeleteLoadBalancer':
        if (arn) await this.elbv2.send(new DeleteLoadBalancerCommand(input as never));
        else await this.elb.send(new DeleteClassicCommand(input as never));
        return;
      case 'DeleteLoadBalancerListeners':
        await this.elb.send(new DeleteLoadBalancerListenersCommand(input as never));
        return;
      case 'DeregisterInstancesFromLoadBalancer':
        await this.elb.send(new DeregisterInstancesFromLoadBalancerCommand(input as never));
        return;
      case 'DeregisterTargets':
        await this.elbv2.send(new DeregisterTargetsCommand(input as never));
        return;
      case 'DeleteListener':
        await this.elbv2.send(new DeleteListenerCommand(input as never));
        return;
      default:
        throw new Error(`no case does ${operation} so far`);
    }
  }

  async networkArn(name: string): Promise<string> {
    const { LoadBalancers } = await this.elbv2.send(new DescribeLoadBalancersCommand({ Names: [name] }));
    return given(LoadBalancers?.[0]?.LoadBalancerArn);
  }

  async groupID(name: string): Promise<string> {
    const filter = { Name: 'group-name', Values: [name] };
    const { SecurityGroups } = await this.ec2.send(new DescribeSecurityGroupsCommand({ Filters: [filter] }));
    return given(SecurityGroups?.[0]?.GroupId);
  }

  async targetGroupArn(port: number): Promise<string> {
    const { TargetGroups = [] } = await this.elbv2.send(new DescribeTargetGroupsCommand({}));
    return given(TargetGroups.find(({ Port }) => Port === port)?.TargetGroupArn);
  }

  async listenerArn(port: number): Promise<string> {
    const { LoadBalancers = [] } = await this.elbv2.send(new DescribeLoadBalancersCommand({}));
    for (const { LoadBalancerArn } of LoadBalancers) {
      const request = new DescribeListenersCommand({ LoadBalancerArn: given(LoadBalancerArn) });
      const { Listeners = [] } = await this.elbv2.send(request);
      const found = Listeners.find(({ Port }) => Port === port)?.ListenerArn;
      if (found !== undefined) return found;
    }
    throw new Error(`no listener has the port ${port}`);
  }

  async #seedNetwork(): Promise<void> {
    const { ec2, ids } = this;
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    const VpcId = given(Vpc?.VpcId);
    ids.set('vpc', VpcId);
    await this.#tag(VpcId, 'vpc', owned);
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
    const InternetGatewayId = given(InternetGateway?.InternetGatewayId);
    ids.set('igw', InternetGatewayId);
    await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId }));
    for (const [name, ...tags] of [['public', owned], ['private']] as const) {
      const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
      ids.set(`rtb:${name}`, given(RouteTable?.RouteTableId));
      await this.#tag(this.id(`rtb:${name}`), name, ...tags);
    }
    const everywhere = { DestinationCidrBlock: '0.0.0.0/0', GatewayId: InternetGatewayId };
    await ec2.send(new CreateRouteCommand({ RouteTableId: this.id('rtb:public'), ...everywhere }));
    for (const [index, zone] of ['a', 'b', 'c'].entries()) {
      const kinds = [
        { kind: 'public', third: index, role: 'elb' },
        { kind: 'private', third: 10 + index, role: 'internal-elb' },
      ];
      for (const { kind, third, role } of kinds) {
        const AvailabilityZone = `${region}${zone}`;
        const { Subnet } = await ec2.send(
          new CreateSubnetCommand({ VpcId, CidrBlock: `10.0.${third}.0/24`, AvailabilityZone }),
        );
        const SubnetId = given(Subnet?.SubnetId);
        ids.set(`subnet:${kind}-${zone}`, SubnetId);
        await this.#tag(SubnetId, `${kind}-${zone}`, owned, { Key: `kubernetes.io/role/${role}`, Value: '1' });
        await ec2.send(new AssociateRouteTableCommand({ RouteTableId: this.id(`rtb:${kind}`), SubnetId }));
        if (kind === 'public') {
          await ec2.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: true } }));
        }
      }
    }
  }

  async #seedGroups(): Promise<void> {
    const VpcId = this.id('vpc');
    for (const [GroupName, Description, ...tags] of [
      ['nodes', 'node group', owned],
      ['byo-1', 'user group 1'],
      ['byo-2', 'user group 2'],
      ['extra-1', 'user group 3'],
    ] as const) {
      const { GroupId } = await this.ec2.send(new CreateSecurityGroupCommand({ GroupName, Description, VpcId }));
      this.ids.set(`sg:${GroupName}`, given(GroupId));
      await this.#tag(given(GroupId), GroupName, ...tags);
    }
    const GroupId = this.id('sg:nodes');
    await this.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId,
        IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId }] }],
      }),
    );
  }

  async #tag(id: string, name: string, ...tags: readonly { Key: string; Value: string }[]): Promise<void> {
    await this.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'Name', Value: name }, ...tags] }));
  }

  /** Over the wire: no client for certificates is worth a dependency. */
  async #uploadCertificate(name: string): Promise<string> {
    const scope = `owner/20260101/${region}/iam/aws4_request`;
    const response = await fetch(this.#endpoint, {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` },
      body: new URLSearchParams({
        Action: 'UploadServerCertificate',
        Version: '2010-05-08',
        ServerCertificateName: name,
        // Nothing looks into them.
        CertificateBody: 'certificate',
        PrivateKey: 'key',
      }),
    });
    return given(/<Arn>([^<]+)<\/Arn>/.exec(await response.text())?.[1]);
  }
}

/** What AWS always gives. */
export function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the emulator left out a field that AWS always gives');
  return value;
}

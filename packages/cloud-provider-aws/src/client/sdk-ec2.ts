import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  CreateRouteCommand,
  CreateTagsCommand,
  DeleteRouteCommand,
  DeleteTagsCommand,
  DescribeAvailabilityZonesCommand,
  DescribeInstanceTopologyCommand,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  type EC2Client,
  type Subnet as SdkSubnet,
  ModifyInstanceAttributeCommand,
  ReplaceRouteCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import type { CallContext } from '@ccm-ts/cloud-provider';
import type { Tags } from '../cluster-tags.ts';
import type { CallSender } from './call-sender.ts';
import type {
  Answer,
  AvailabilityZone,
  CreateSecurityGroup,
  Ec2Port,
  IngressRule,
  Instance,
  InstanceQuery,
  NetworkInterfaceQuery,
  RouteInput,
  RouteTable,
  RouteTableQuery,
  RoutingTable,
  SecurityGroup,
  StandaloneInterface,
  Subnet,
  Volume,
} from './ec2-port.ts';
import { readRules, writeRules } from './sdk-ec2-rules.ts';
import { present, readInstance, readRoute, readStandaloneInterface, readTags } from './sdk-ec2-answers.ts';

/** The largest page that EC2 gives. */
const pageSize = 1000;
const notTerminated = {
  Name: 'instance-state-name',
  Values: ['pending', 'running', 'shutting-down', 'stopping', 'stopped'],
};

/** EC2 through the SDK. */
export class SdkEc2 implements Ec2Port {
  readonly #client: EC2Client;
  readonly #sender: CallSender;

  constructor(client: EC2Client, sender: CallSender) {
    this.#client = client;
    this.#sender = sender;
  }

  findInstances(query: InstanceQuery, call: CallContext): Promise<Answer<readonly Instance[]>> {
    const byValues = { Name: query.by === 'id' ? 'instance-id' : query.by, Values: [...query.values] };
    const filters = query.by === 'id' ? [byValues] : [byValues, notTerminated];
    return this.#describeInstances({ Filters: filters, MaxResults: pageSize }, call);
  }

  listInstances(tagKey: string, call: CallContext): Promise<Answer<readonly Instance[]>> {
    const filters = [{ Name: 'tag-key', Values: [tagKey] }, notTerminated];
    return this.#describeInstances({ Filters: filters, MaxResults: pageSize }, call);
  }

  getInstances(ids: readonly string[], call: CallContext): Promise<Answer<readonly Instance[]>> {
    return this.#describeInstances({ InstanceIds: [...ids] }, call);
  }

  async describeTopology(ids: readonly string[], call: CallContext): Promise<ReadonlyMap<string, readonly string[]>> {
    const instances = await followPages(async (token) => {
      const input = { InstanceIds: [...ids], ...(token === undefined ? {} : { NextToken: token }) };
      const answer = await this.#sender.run({
        operation: 'DescribeInstanceTopology',
        apiGroup: 'ec2-read',
        context: call,
        send: (abortSignal) => this.#client.send(new DescribeInstanceTopologyCommand(input), { abortSignal }),
      });
      return { items: answer.Instances ?? [], next: answer.NextToken };
    });
    return new Map(instances.map(({ InstanceId, NetworkNodes }) => [InstanceId ?? '', NetworkNodes ?? []]));
  }

  findNetworkInterfaces(query: NetworkInterfaceQuery, call: CallContext): Promise<readonly StandaloneInterface[]> {
    const filters = [
      { Name: 'attachment.status', Values: ['attached'] },
      ...(inVpc(query.vpcID).Filters ?? []),
      { Name: 'private-ip-address', Values: [...query.privateIPs] },
    ];
    return followPages(async (token) => {
      const answer = await this.#sender.run({
        operation: 'DescribeNetworkInterfaces',
        apiGroup: 'ec2-read',
        context: call,
        send: (abortSignal) =>
          this.#client.send(new DescribeNetworkInterfacesCommand({ Filters: filters, ...page(token) }), {
            abortSignal,
          }),
      });
      return { items: (answer.NetworkInterfaces ?? []).map(readStandaloneInterface), next: answer.NextToken };
    });
  }

  async disableSourceDestCheck(instanceID: string, call: CallContext): Promise<void> {
    const input = { InstanceId: instanceID, SourceDestCheck: { Value: false } };
    await this.#sender.run({
      operation: 'ModifyInstanceAttribute',
      apiGroup: 'ec2-write',
      context: call,
      send: (abortSignal) => this.#client.send(new ModifyInstanceAttributeCommand(input), { abortSignal }),
    });
  }

  describeRoutes(query: RouteTableQuery, call: CallContext): Promise<readonly RoutingTable[]> {
    const filter =
      query.by === 'id' ? { Name: 'route-table-id', Values: [query.id] } : { Name: 'tag-key', Values: [query.key] };
    return followPages(async (token) => {
      const answer = await this.#sender.run({
        operation: 'DescribeRouteTables',
        apiGroup: 'ec2-read',
        context: call,
        send: (abortSignal) =>
          this.#client.send(new DescribeRouteTablesCommand({ Filters: [filter], ...page(token), MaxResults: 100 }), {
            abortSignal,
          }),
      });
      const items = (answer.RouteTables ?? []).map((table) => ({
        id: table.RouteTableId ?? '',
        tags: readTags(table.Tags),
        routes: (table.Routes ?? []).flatMap(readRoute),
      }));
      return { items, next: answer.NextToken };
    });
  }

  async createRoute(route: RouteInput, call: CallContext): Promise<void> {
    await this.#sender.run({
      operation: 'CreateRoute',
      apiGroup: 'ec2-write',
      context: call,
      send: (abortSignal) => this.#client.send(new CreateRouteCommand(writeRoute(route)), { abortSignal }),
    });
  }

  async replaceRoute(route: RouteInput, call: CallContext): Promise<void> {
    await this.#sender.run({
      operation: 'ReplaceRoute',
      apiGroup: 'ec2-write',
      context: call,
      send: (abortSignal) => this.#client.send(new ReplaceRouteCommand(writeRoute(route)), { abortSignal }),
    });
  }

  async deleteRoute(route: Pick<RouteInput, 'tableID' | 'cidr'>, call: CallContext): Promise<void> {
    await this.#sender.run({
      operation: 'DeleteRoute',
      apiGroup: 'ec2-write',
      context: call,
      send: (abortSignal) =>
        this.#client.send(new DeleteRouteCommand({ RouteTableId: route.tableID, ...destination(route.cidr) }), {
          abortSignal,
        }),
    });
  }

  async createTags(ids: readonly string[], tags: Tags, call: CallContext): Promise<void> {
    await this.#sender.run({
      operation: 'CreateTags',
      apiGroup: 'ec2-write',
      context: call,
      send: (abortSignal) => this.#client.send(new CreateTagsCommand(tagInput(ids, tags)), { abortSignal }),
    });
  }

  async deleteTags(ids: readonly string[], tags: Tags, call: CallContext): Promise<void> {
    await this.#sender.run({
      operation: 'DeleteTags',
      apiGroup: 'ec2-write',
      context: call,
      send: (abortSignal) => this.#client.send(new DeleteTagsCommand(tagInput(ids, tags)), { abortSignal }),
    });
  }

  async describeAvailabilityZones(call: CallContext): Promise<readonly AvailabilityZone[]> {
    const answer = await this.#sender.run({
      operation: 'DescribeAvailabilityZones',
      apiGroup: 'ec2-read',
      context: call,
      send: (abortSignal) => this.#client.send(new DescribeAvailabilityZonesCommand({}), { abortSignal }),
    });
    return (answer.AvailabilityZones ?? []).map((zone) => ({
      name: zone.ZoneName ?? '',
      id: zone.ZoneId ?? '',
      type: zone.ZoneType ?? '',
    }));
  }

  describeSubnets(vpcID: string, call: CallContext): Promise<readonly Subnet[]> {
    return followPages(async (token) => {
      const answer = await this.#sender.run({
        operation: 'DescribeSubnets',
        apiGroup: 'ec2-read',
        context: call,
        send: (abortSignal) =>
          this.#client.send(new DescribeSubnetsCommand({ ...inVpc(vpcID), ...page(token) }), { abortSignal }),
      });
      const items = (answer.Subnets ?? []).map((subnet) => ({
        id: subnet.SubnetId ?? '',
        zone: subnet.AvailabilityZone ?? '',
        cidr: subnet.CidrBlock ?? '',
        ...readIPv6Range(subnet),
        tags: readTags(subnet.Tags),
      }));
      return { items, next: answer.NextToken };
    });
  }

  async getVolume(id: string, call: CallContext): Promise<Volume> {
    const answer = await this.#sender.run({
      operation: 'DescribeVolumes',
      apiGroup: 'ec2-read',
      context: call,
      send: (abortSignal) => this.#client.send(new DescribeVolumesCommand({ VolumeIds: [id] }), { abortSignal }),
    });
    return { id, zone: answer.Volumes?.[0]?.AvailabilityZone ?? '' };
  }

  describeRouteTables(vpcID: string, call: CallContext): Promise<readonly RouteTable[]> {
    return followPages(async (token) => {
      const answer = await this.#sender.run({
        operation: 'DescribeRouteTables',
        apiGroup: 'ec2-read',
        context: call,
        send: (abortSignal) =>
          // Route tables come in pages of at most 100.
          this.#client.send(new DescribeRouteTablesCommand({ ...inVpc(vpcID), ...page(token), MaxResults: 100 }), {
            abortSignal,
          }),
      });
      const items = (answer.RouteTables ?? []).map((table) => ({
        isMain: (table.Associations ?? []).some((association) => association.Main === true),
        subnetIDs: present((table.Associations ?? []).map((association) => association.SubnetId)),
        gatewayIDs: present((table.Routes ?? []).map((route) => route.GatewayId)),
      }));
      return { items, next: answer.NextToken };
    });
  }

  describeSecurityGroups(vpcID: string | undefined, call: CallContext): Promise<readonly SecurityGroup[]> {
    return followPages(async (token) => {
      const answer = await this.#sender.run({
        operation: 'DescribeSecurityGroups',
        apiGroup: 'ec2-read',
        context: call,
        send: (abortSignal) =>
          this.#client.send(new DescribeSecurityGroupsCommand({ ...inVpc(vpcID), ...page(token) }), { abortSignal }),
      });
      const items = (answer.SecurityGroups ?? []).map((group) => ({
        id: group.GroupId ?? '',
        name: group.GroupName ?? '',
        vpcID: group.VpcId ?? '',
        tags: readTags(group.Tags),
        rules: (group.IpPermissions ?? []).flatMap(readRules),
      }));
      return { items, next: answer.NextToken };
    });
  }

  async createSecurityGroup(input: CreateSecurityGroup, call: CallContext): Promise<SecurityGroup> {
    const { name, description, vpcID, tags } = input;
    const answer = await this.#sender.run({
      operation: 'CreateSecurityGroup',
      apiGroup: 'ec2-write',
      context: call,
      send: (abortSignal) =>
        this.#client.send(
          new CreateSecurityGroupCommand({
            GroupName: name,
            Description: description,
            VpcId: vpcID,
            TagSpecifications: [
              {
                ResourceType: 'security-group',
                Tags: Object.entries(tags).map(([key, value]) => ({ Key: key, Value: value })),
              },
            ],
          }),
          { abortSignal },
        ),
    });
    return { id: answer.GroupId ?? '', name, vpcID, tags, rules: [] };
  }

  async deleteSecurityGroup(groupID: string, call: CallContext): Promise<void> {
    await this.#sender.run({
      operation: 'DeleteSecurityGroup',
      apiGroup: 'ec2-write',
      context: call,
      send: (abortSignal) => this.#client.send(new DeleteSecurityGroupCommand({ GroupId: groupID }), { abortSignal }),
    });
  }

  async authorizeIngress(groupID: string, rules: readonly IngressRule[], call: CallContext): Promise<void> {
    const input = { GroupId: groupID, IpPermissions: writeRules(rules) };
    await this.#sender.run({
      operation: 'AuthorizeSecurityGroupIngress',
      apiGroup: 'ec2-write',
      context: call,
      send: (abortSignal) => this.#client.send(new AuthorizeSecurityGroupIngressCommand(input), { abortSignal }),
    });
  }

  async revokeIngress(groupID: string, rules: readonly IngressRule[], call: CallContext): Promise<void> {
    const input = { GroupId: groupID, IpPermissions: writeRules(rules) };
    await this.#sender.run({
      operation: 'RevokeSecurityGroupIngress',
      apiGroup: 'ec2-write',
      context: call,
      send: (abortSignal) => this.#client.send(new RevokeSecurityGroupIngressCommand(input), { abortSignal }),
    });
  }

  async #describeInstances(
    input: DescribeInstancesCommandInput,
    call: CallContext,
  ): Promise<Answer<readonly Instance[]>> {
    let requestID = '';
    const value = await followPages(async (token) => {
      const answer = await this.#sender.run({
        operation: 'DescribeInstances',
        apiGroup: 'ec2-read',
        context: call,
        send: (abortSignal) =>
          this.#client.send(
            new DescribeInstancesCommand({ ...input, ...(token === undefined ? {} : { NextToken: token }) }),
            { abortSignal },
          ),
      });
      requestID = answer.$metadata.requestId ?? requestID;
      const instances = (answer.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []);
      return { items: instances.map(readInstance), next: answer.NextToken };
    });
    return { value, requestID };
  }
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
}

async function followPages<Item>(read: (token: string | undefined) => Promise<Page<Item>>): Promise<readonly Item[]> {
  const items: Item[] = [];
  let token: string | undefined;
  do {
    const answer = await read(token);
    items.push(...answer.items);
    token = answer.next === '' ? undefined : answer.next;
  } while (token !== undefined);
  return items;
}

function page(token: string | undefined): { MaxResults: number; NextToken?: string } {
  return token === undefined ? { MaxResults: pageSize } : { MaxResults: pageSize, NextToken: token };
}

function inVpc(vpcID: string | undefined): { Filters?: { Name: string; Values: string[] }[] } {
  return vpcID === undefined ? {} : { Filters: [{ Name: 'vpc-id', Values: [vpcID] }] };
}

function tagInput(ids: readonly string[], tags: Tags) {
  return { Resources: [...ids], Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}

function destination(cidr: string): { DestinationCidrBlock: string } | { DestinationIpv6CidrBlock: string } {
  return cidr.includes(':') ? { DestinationIpv6CidrBlock: cidr } : { DestinationCidrBlock: cidr };
}

function writeRoute({ tableID, cidr, target }: RouteInput) {
  const leadsTo = target.kind === 'instance' ? { InstanceId: target.id } : { NetworkInterfaceId: target.id };
  return { RouteTableId: tableID, ...destination(cidr), ...leadsTo };
}

/** The first range that is there, or on its way. */
function readIPv6Range({ Ipv6CidrBlockAssociationSet: ranges = [] }: SdkSubnet): { ipv6Cidr?: string } {
  const leaving = ['disassociating', 'disassociated', 'failing', 'failed'];
  const range = ranges.find(({ Ipv6CidrBlockState: state }) => !leaving.includes(state?.State ?? ''));
  return range?.Ipv6CidrBlock === undefined ? {} : { ipv6Cidr: range.Ipv6CidrBlock };
}

import {
  DescribeInstancesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
} from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancerAttributesCommand as DescribeClassicAttributesCommand,
  DescribeLoadBalancerPoliciesCommand,
  DescribeLoadBalancersCommand as DescribeClassicCommand,
  DescribeTagsCommand as DescribeClassicTagsCommand,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  type Action,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type Listener,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type GoldenCloud, given } from './golden-cloud.ts';

type Json = Readonly<Record<string, unknown>>;

/** Everything in the account that a manager could change, in the shape of the cases. */
export interface CloudState {
  readonly classic: Json;
  readonly network: Json;
  readonly targetGroups: Json;
  readonly securityGroups: Json;
  readonly routeTables: Json;
  readonly instances: Json;
}

export async function observeCloud(cloud: GoldenCloud): Promise<CloudState> {
  const [classic, network, targetGroups, securityGroups, routeTables, instances] = await Promise.all([
    observeClassic(cloud),
    observeNetwork(cloud),
    observeTargetGroups(cloud),
    observeSecurityGroups(cloud),
    observeRouteTables(cloud),
    observeInstances(cloud),
  ]);
  return { classic, network, targetGroups, securityGroups, routeTables, instances };
}

/** What a case compares: of what the account began with only what changed. */
export function changesSince(before: CloudState, now: CloudState): Json {
  const isChanged = (part: 'securityGroups' | 'routeTables' | 'instances', key: string): boolean =>
    JSON.stringify(now[part][key]) !== JSON.stringify(before[part][key]);
  const changed = (part: 'routeTables' | 'instances'): Json =>
    entriesToJson(Object.entries(now[part]).filter(([key]) => isChanged(part, key)));
  const groups = Object.entries(now.securityGroups).filter(
    ([key]) => key === 'nodes' || isChanged('securityGroups', key),
  );
  const deleted = Object.keys(before.securityGroups).filter((key) => !(key in now.securityGroups));
  return {
    classic: now.classic,
    network: now.network,
    targetGroups: now.targetGroups,
    securityGroups: entriesToJson([...groups, ...deleted.map((key): [string, string] => [key, 'deleted'])]),
    changedRouteTables: changed('routeTables'),
    changedInstances: changed('instances'),
  };
}

async function observeClassic({ elb }: GoldenCloud): Promise<Json> {
  const { LoadBalancerDescriptions = [] } = await elb.send(new DescribeClassicCommand({}));
  const tags = new Map<string, Json>();
  const names = LoadBalancerDescriptions.map(({ LoadBalancerName }) => given(LoadBalancerName));
  for (const LoadBalancerNames of batches(names)) {
    const { TagDescriptions = [] } = await elb.send(new DescribeClassicTagsCommand({ LoadBalancerNames }));
    for (const { LoadBalancerName, Tags } of TagDescriptions) tags.set(given(LoadBalancerName), tagsOf(Tags));
  }
  const found: Record<string, unknown> = {};
  for (const one of LoadBalancerDescriptions) {
    const LoadBalancerName = given(one.LoadBalancerName);
    const { LoadBalancerAttributes } = await elb.send(new DescribeClassicAttributesCommand({ LoadBalancerName }));
    const { PolicyDescriptions = [] } = await elb.send(new DescribeLoadBalancerPoliciesCommand({ LoadBalancerName }));
    found[LoadBalancerName] = {
      scheme: one.Scheme,
      dnsName: one.DNSName,
      vpc: one.VPCId,
      subnets: one.Subnets ?? [],
      securityGroups: one.SecurityGroups ?? [],
      instances: (one.Instances ?? []).map(({ InstanceId }) => InstanceId),
      listeners: sortedBy(
        (one.ListenerDescriptions ?? []).map(({ Listener, PolicyNames = [] }) => ({
          ...Listener,
          policies: PolicyNames.toSorted(),
        })),
        ({ LoadBalancerPort }) => LoadBalancerPort ?? 0,
      ),
      backends: sortedBy(
        (one.BackendServerDescriptions ?? []).map(({ InstancePort, PolicyNames = [] }) => ({
          port: InstancePort,
          policies: PolicyNames.toSorted(),
        })),
        ({ port }) => port ?? 0,
      ),
      healthCheck: one.HealthCheck,
      policies: entriesToJson(
        PolicyDescriptions.map(({ PolicyName, PolicyTypeName, PolicyAttributeDescriptions = [] }) => [
          PolicyName,
          {
            type: PolicyTypeName,
            attributes: entriesToJson(
              PolicyAttributeDescriptions.map(({ AttributeName, AttributeValue }) => [AttributeName, AttributeValue]),
            ),
          },
        ]),
      ),
      attributes: LoadBalancerAttributes,
      tags: tags.get(LoadBalancerName) ?? {},
    };
  }
  return found;
}

async function observeNetwork({ elbv2 }: GoldenCloud): Promise<Json> {
  const { LoadBalancers = [] } = await elbv2.send(new DescribeLoadBalancersCommand({}));
  const listenersOf = new Map<string, readonly Listener[]>();
  for (const { LoadBalancerArn = '' } of LoadBalancers) {
    const { Listeners = [] } = await elbv2.send(new DescribeListenersCommand({ LoadBalancerArn }));
    listenersOf.set(LoadBalancerArn, Listeners);
  }
  const tags = await networkTags({ elbv2 }, [
    ...listenersOf.keys(),
    ...[...listenersOf.values()].flat().map(({ ListenerArn }) => given(ListenerArn)),
  ]);
  const found: Record<string, unknown> = {};
  for (const one of LoadBalancers) {
    const LoadBalancerArn = given(one.LoadBalancerArn);
    const { Attributes } = await elbv2.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }));
    const listeners = [];
    for (const listener of listenersOf.get(LoadBalancerArn) ?? []) {
      listeners.push({
        port: listener.Port ?? 0,
        protocol: listener.Protocol,
        sslPolicy: listener.SslPolicy ?? null,
        certificates: (listener.Certificates ?? []).map(({ CertificateArn }) => CertificateArn),
        alpn: listener.AlpnPolicy ?? [],
        actions: (listener.DefaultActions ?? []).map((action) => ({ type: action.Type, targetGroup: groupOf(action) })),
        tags: tags.get(given(listener.ListenerArn)) ?? {},
      });
    }
    found[given(one.LoadBalancerName)] = {
      type: one.Type,
      scheme: one.Scheme,
      dnsName: one.DNSName,
      vpc: one.VpcId,
      ipAddressType: one.IpAddressType,
      securityGroups: one.SecurityGroups ?? [],
      subnets: (one.AvailabilityZones ?? []).map(({ SubnetId, LoadBalancerAddresses = [] }) => ({
        subnet: SubnetId,
        addresses: LoadBalancerAddresses,
      })),
      attributes: entriesToJson((Attributes ?? []).map(({ Key, Value }) => [Key, Value])),
      listeners: sortedBy(listeners, ({ port }) => port),
      tags: tags.get(LoadBalancerArn) ?? {},
    };
  }
  return found;
}

async function observeTargetGroups({ elbv2 }: GoldenCloud): Promise<Json> {
  const { TargetGroups = [] } = await elbv2.send(new DescribeTargetGroupsCommand({}));
  const arns = TargetGroups.map(({ TargetGroupArn }) => given(TargetGroupArn));
  const tags = await networkTags({ elbv2 }, arns);
  const found: Record<string, unknown> = {};
  for (const group of TargetGroups) {
    const TargetGroupArn = given(group.TargetGroupArn);
    const { TargetHealthDescriptions = [] } = await elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    const { Attributes = [] } = await elbv2.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
    const check = Object.entries(group).filter(
      ([key]) =>
        key.startsWith('HealthCheck') || ['HealthyThresholdCount', 'UnhealthyThresholdCount', 'Matcher'].includes(key),
    );
    found[given(group.TargetGroupName)] = {
      protocol: group.Protocol,
      port: group.Port,
      vpc: group.VpcId,
      targetType: group.TargetType,
      ipAddressType: group.IpAddressType,
      healthCheck: entriesToJson(check.map(([key, value]) => [key.replace(/^HealthCheck/, ''), value])),
      attributes: entriesToJson(Attributes.map(({ Key, Value }) => [Key, Value])),
      targets: TargetHealthDescriptions.map(({ Target }) => ({ id: Target?.Id, port: Target?.Port })),
      loadBalancers: [...new Set((group.LoadBalancerArns ?? []).map((arn) => arn.split('/')[2]))],
      tags: tags.get(TargetGroupArn) ?? {},
    };
  }
  return found;
}

/** Tags by ARN. */
async function networkTags(
  { elbv2 }: Pick<GoldenCloud, 'elbv2'>,
  arns: readonly string[],
): Promise<ReadonlyMap<string, Json>> {
  const found = new Map<string, Json>();
  for (const ResourceArns of batches(arns)) {
    const { TagDescriptions = [] } = await elbv2.send(new DescribeTagsCommand({ ResourceArns }));
    for (const { ResourceArn, Tags } of TagDescriptions) found.set(given(ResourceArn), tagsOf(Tags));
  }
  return found;
}

/** As many as AWS lets a request for tags name. */
function batches(names: readonly string[]): string[][] {
  const most = 20;
  return Array.from({ length: Math.ceil(names.length / most) }, (_, index) =>
    names.slice(index * most, (index + 1) * most),
  );
}

async function observeSecurityGroups(cloud: GoldenCloud): Promise<Json> {
  const { SecurityGroups = [] } = await cloud.ec2.send(new DescribeSecurityGroupsCommand(inVpc(cloud)));
  return entriesToJson(
    SecurityGroups.filter(({ GroupName }) => GroupName !== 'default').map((group) => [
      group.GroupName,
      {
        description: group.Description,
        tags: tagsOf(group.Tags),
        ingress: describeRules(group.IpPermissions),
        egress: describeRules(group.IpPermissionsEgress),
      },
    ]),
  );
}

async function observeRouteTables(cloud: GoldenCloud): Promise<Json> {
  const { RouteTables = [] } = await cloud.ec2.send(new DescribeRouteTablesCommand(inVpc(cloud)));
  return entriesToJson(
    RouteTables.map(({ Tags, Routes = [] }) => [
      tagsOf(Tags).Name ?? 'main',
      Routes.map((route) => ({
        to: route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? '',
        via: route.InstanceId ?? route.GatewayId ?? route.NetworkInterfaceId,
        state: route.State,
      })).sort((a, b) => (a.to < b.to ? -1 : 1)),
    ]),
  );
}

async function observeInstances({ ec2 }: GoldenCloud): Promise<Json> {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  return entriesToJson(
    Reservations.flatMap(({ Instances = [] }) => Instances).map((instance) => [
      instance.InstanceId,
      {
        state: instance.State?.Name,
        sourceDestCheck: instance.SourceDestCheck ?? true,
        tags: tagsOf(instance.Tags),
      },
    ]),
  );
}

/** Without a type of its values, which nobody looks into. */
function entriesToJson(entries: Iterable<readonly [string | undefined, unknown]>): Record<string, unknown> {
  return Object.fromEntries([...entries].map(([key, value]) => [key ?? '', value]));
}

function inVpc(cloud: GoldenCloud) {
  return { Filters: [{ Name: 'vpc-id', Values: [cloud.id('vpc')] }] };
}

function groupOf(action: Action): string {
  const arn = action.TargetGroupArn ?? action.ForwardConfig?.TargetGroups?.[0]?.TargetGroupArn;
  return given(given(arn).split('/')[1]);
}

function describeRules(permissions: readonly IpPermission[] = []): string[] {
  return permissions.flatMap((permission) => {
    const { FromPort, ToPort, IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], UserIdGroupPairs = [] } = permission;
    const head = `${permission.IpProtocol}${FromPort === undefined ? '' : ` ${FromPort}-${ToPort}`}`;
    const line = (from: string | undefined, description: string | undefined): string =>
      `${head} from ${from}${description ? ` (${description})` : ''}`;
    return [
      ...IpRanges.map(({ CidrIp, Description }) => line(CidrIp, Description)),
      ...Ipv6Ranges.map(({ CidrIpv6, Description }) => line(CidrIpv6, Description)),
      ...PrefixListIds.map(({ PrefixListId, Description }) => line(PrefixListId, Description)),
      ...UserIdGroupPairs.map(({ GroupId, Description }) => line(GroupId, Description)),
    ];
  });
}

function tagsOf(
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] = [],
): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [given(Key), Value ?? '']));
}

function sortedBy<Item>(items: readonly Item[], key: (item: Item) => number): readonly Item[] {
  return items.toSorted((a, b) => key(a) - key(b));
}

import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  type IpPermission,
} from '@aws-sdk/client-ec2';
import {
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand as CreateClassicCommand,
  CreateLoadBalancerPolicyCommand,
  type HealthCheck,
  type Listener,
  type LoadBalancerAttributes,
  ModifyLoadBalancerAttributesCommand as ModifyClassicAttributesCommand,
  RegisterInstancesWithLoadBalancerCommand,
  SetLoadBalancerPoliciesForBackendServerCommand,
  SetLoadBalancerPoliciesOfListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  type CreateLoadBalancerInput,
  CreateTargetGroupCommand,
  type CreateTargetGroupInput,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  type ProtocolEnum,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type GoldenCloud, given } from './golden-cloud.ts';

type Strings = Readonly<Record<string, string>>;

interface GroupState {
  readonly description: string;
  readonly tags: Strings;
  readonly ingress: readonly string[];
}

interface ClassicState {
  readonly scheme: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly instances: readonly string[];
  readonly listeners: readonly (Listener & { readonly policies: readonly string[] })[];
  readonly backends: readonly { readonly port: number; readonly policies: readonly string[] }[];
  readonly healthCheck: HealthCheck;
  readonly policies: Readonly<Record<string, { readonly type: string; readonly attributes: Strings }>>;
  readonly attributes: LoadBalancerAttributes;
  readonly tags: Strings;
}

interface NetworkState {
  readonly scheme: string;
  readonly securityGroups: readonly string[];
  readonly subnets: readonly {
    readonly subnet: string;
    readonly addresses: readonly { readonly AllocationId?: string; readonly PrivateIPv4Address?: string }[];
  }[];
  readonly attributes: Strings;
  readonly listeners: readonly {
    readonly port: number;
    readonly protocol: string;
    readonly sslPolicy: string | null;
    readonly certificates: readonly string[];
    readonly actions: readonly { readonly targetGroup: string }[];
    readonly tags: Strings;
  }[];
  readonly tags: Strings;
}

interface TargetGroupState {
  readonly protocol: string;
  readonly port: number;
  readonly targetType: string;
  readonly healthCheck: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly attributes: Strings;
  readonly targets: readonly { readonly id: string; readonly port: number }[];
  readonly tags: Strings;
}

/** What of a step's state is in the account. */
export interface LoadableState {
  readonly classic?: Readonly<Record<string, ClassicState>>;
  readonly network?: Readonly<Record<string, NetworkState>>;
  readonly targetGroups?: Readonly<Record<string, TargetGroupState>>;
  readonly securityGroups?: Readonly<Record<string, GroupState | 'deleted'>>;
}

/**
 * Makes in the account what the Go manager had made. `names` holds what stands for placeholders without their brackets; what
 * is made is added to it.
 */
export async function loadGoldenState(
  cloud: GoldenCloud,
  state: LoadableState,
  names: Map<string, string>,
): Promise<void> {
  const groups = Object.entries(state.securityGroups ?? {}).flatMap(([name, group]): [string, GroupState][] =>
    group === 'deleted' ? [] : [[name, group]],
  );
  for (const [name, group] of groups) await makeGroup(cloud, { name, group, names });
  for (const [name, group] of groups) await openGroup(cloud, { name, group, names });
  const filled = fillPlaceholders({ ...state, securityGroups: {} }, names);
  for (const [name, one] of Object.entries(filled.classic ?? {})) await makeClassic(cloud, name, one);
  const targetGroupArns = new Map<string, string>();
  for (const [name, group] of Object.entries(filled.targetGroups ?? {})) {
    targetGroupArns.set(name, await makeTargetGroup(cloud, name, group));
  }
  for (const [name, one] of Object.entries(filled.network ?? {})) {
    const { arn, dnsName } = await makeNetwork(cloud, { name, one, targetGroupArns });
    names.set(`${name} lb-id`, given(arn.split('/').at(-1)));
    names.set(`${name} dns`, dnsName);
  }
}

/** Replaces `<name>` by what it stands for; one may stand inside of another. */
export function fillPlaceholders<Value>(value: Value, names: ReadonlyMap<string, string>): Value {
  const once = (text: string): string => text.replace(/<([^<>]+)>/g, (whole, name: string) => names.get(name) ?? whole);
  return JSON.parse(once(once(JSON.stringify(value)))) as Value;
}

interface GroupCase {
  readonly name: string;
  readonly group: GroupState;
  readonly names: Map<string, string>;
}

async function makeGroup(cloud: GoldenCloud, { name, group, names }: GroupCase): Promise<void> {
  if (names.has(`sg:${name}`)) return;
  const GroupName = fillPlaceholders(name, names);
  const { GroupId } = await cloud.ec2.send(
    new CreateSecurityGroupCommand({
      GroupName,
      Description: fillPlaceholders(group.description, names),
      VpcId: cloud.id('vpc'),
    }),
  );
  await cloud.ec2.send(new CreateTagsCommand({ Resources: [given(GroupId)], Tags: tagList(group.tags) }));
  names.set(`sg:${name}`, given(GroupId));
  // As it stands inside of rules, once the load balancer's name is filled in.
  names.set(`sg:${GroupName}`, given(GroupId));
}

/** Rules that the account began with are there already. */
async function openGroup(cloud: GoldenCloud, { name, group, names }: GroupCase): Promise<void> {
  const lines = group.ingress.filter((line) => !(name === 'nodes' && line === '-1 from <sg:nodes>'));
  if (lines.length === 0) return;
  const IpPermissions = lines.map((line) => parseRule(fillPlaceholders(line, names)));
  const GroupId = given(names.get(`sg:${name}`));
  await cloud.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
}

function parseRule(line: string): IpPermission {
  const match = /^(\S+)(?: (-?\d+)-(-?\d+))? from (\S+)(?: \((.*)\))?$/.exec(line);
  const [, protocol, from, to, source = '', description] = match ?? [];
  const Description = description === undefined ? {} : { Description: description };
  return {
    IpProtocol: protocol,
    ...(from === undefined ? {} : { FromPort: Number(from), ToPort: Number(to) }),
    ...(source.startsWith('sg-')
      ? { UserIdGroupPairs: [{ GroupId: source, ...Description }] }
      : { IpRanges: [{ CidrIp: source, ...Description }] }),
  };
}

async function makeClassic({ elb }: GoldenCloud, LoadBalancerName: string, state: ClassicState): Promise<void> {
  await elb.send(
    new CreateClassicCommand({
      LoadBalancerName,
      Listeners: state.listeners.map((listener) => listenerInput(listener)),
      Subnets: [...state.subnets],
      SecurityGroups: [...state.securityGroups],
      ...(state.scheme === 'internal' ? { Scheme: 'internal' } : {}),
      Tags: tagList(state.tags),
    }),
  );
  for (const [PolicyName, { type, attributes }] of Object.entries(state.policies)) {
    await elb.send(
      new CreateLoadBalancerPolicyCommand({
        LoadBalancerName,
        PolicyName,
        PolicyTypeName: type,
        PolicyAttributes: Object.entries(attributes).map(([AttributeName, AttributeValue]) => ({
          AttributeName,
          AttributeValue,
        })),
      }),
    );
  }
  for (const { LoadBalancerPort, policies } of state.listeners) {
    if (policies.length === 0) continue;
    const PolicyNames = [...policies];
    await elb.send(new SetLoadBalancerPoliciesOfListenerCommand({ LoadBalancerName, LoadBalancerPort, PolicyNames }));
  }
  for (const { port: InstancePort, policies } of state.backends) {
    const PolicyNames = [...policies];
    await elb.send(new SetLoadBalancerPoliciesForBackendServerCommand({ LoadBalancerName, InstancePort, PolicyNames }));
  }
  const LoadBalancerAttributes = { ...state.attributes, AdditionalAttributes: undefined };
  await elb.send(new ModifyClassicAttributesCommand({ LoadBalancerName, LoadBalancerAttributes }));
  await elb.send(new ConfigureHealthCheckCommand({ LoadBalancerName, HealthCheck: state.healthCheck }));
  const Instances = state.instances.map((InstanceId) => ({ InstanceId }));
  if (Instances.length > 0) {
    await elb.send(new RegisterInstancesWithLoadBalancerCommand({ LoadBalancerName, Instances }));
  }
}

function listenerInput(listener: ClassicState['listeners'][number]): Listener {
  const { Protocol, LoadBalancerPort, InstanceProtocol, InstancePort, SSLCertificateId } = listener;
  return { Protocol, LoadBalancerPort, InstanceProtocol, InstancePort, SSLCertificateId };
}

async function makeTargetGroup(cloud: GoldenCloud, Name: string, state: TargetGroupState): Promise<string> {
  const check = Object.entries(state.healthCheck).map(([key, value]) => [
    ['HealthyThresholdCount', 'UnhealthyThresholdCount', 'Matcher'].includes(key) ? key : `HealthCheck${key}`,
    value,
  ]);
  const { TargetGroups } = await cloud.elbv2.send(
    new CreateTargetGroupCommand({
      ...(Object.fromEntries(check) as Partial<CreateTargetGroupInput>),
      Name,
      Protocol: state.protocol as ProtocolEnum,
      Port: state.port,
      VpcId: cloud.id('vpc'),
      TargetType: 'instance',
      Tags: tagList(state.tags),
    }),
  );
  const TargetGroupArn = given(TargetGroups?.[0]?.TargetGroupArn);
  const Attributes = Object.entries(state.attributes).map(([Key, Value]) => ({ Key, Value }));
  await cloud.elbv2.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
  const Targets = state.targets.map(({ id, port }) => ({ Id: id, Port: port }));
  if (Targets.length > 0) await cloud.elbv2.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  return TargetGroupArn;
}

interface NetworkCase {
  readonly name: string;
  readonly one: NetworkState;
  readonly targetGroupArns: ReadonlyMap<string, string>;
}

async function makeNetwork(
  { elbv2 }: GoldenCloud,
  { name, one, targetGroupArns }: NetworkCase,
): Promise<{ readonly arn: string; readonly dnsName: string }> {
  const { LoadBalancers } = await elbv2.send(
    new CreateLoadBalancerCommand({
      Name: name,
      Type: 'network',
      Scheme: one.scheme as NonNullable<CreateLoadBalancerInput['Scheme']>,
      SubnetMappings: one.subnets.map(({ subnet, addresses }) => ({ SubnetId: subnet, ...addresses[0] })),
      SecurityGroups: [...one.securityGroups],
      Tags: tagList(one.tags),
    }),
  );
  const LoadBalancerArn = given(LoadBalancers?.[0]?.LoadBalancerArn);
  const Attributes = Object.entries(one.attributes).map(([Key, Value]) => ({ Key, Value }));
  await elbv2.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes }));
  for (const { port, protocol, sslPolicy, certificates, actions, tags } of one.listeners) {
    await elbv2.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Port: port,
        Protocol: protocol as ProtocolEnum,
        ...(sslPolicy === null ? {} : { SslPolicy: sslPolicy }),
        Certificates: certificates.map((CertificateArn) => ({ CertificateArn })),
        DefaultActions: actions.map(({ targetGroup }) => ({
          Type: 'forward',
          TargetGroupArn: given(targetGroupArns.get(targetGroup)),
        })),
        Tags: tagList(tags),
      }),
    );
  }
  return { arn: LoadBalancerArn, dnsName: given(LoadBalancers?.[0]?.DNSName) };
}

function tagList(tags: Strings): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

import { type AwsOperation, permissions } from '../permissions.ts';

/** A part of the manager that can be switched on and off, with the rights that it takes. */
export type PolicyPart = 'nodes' | 'services' | 'routes' | 'tagging' | 'volumes';

export const policyParts: readonly PolicyPart[] = ['nodes', 'services', 'routes', 'tagging', 'volumes'];

/** A policy document of IAM. */
export interface IamPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly IamStatement[];
}

export interface IamStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: IamCondition;
}

/** Values by keys of the context, by the operator that compares them. */
export type IamCondition = Readonly<
  Partial<Record<'StringEquals' | 'Null', Readonly<Record<string, string | readonly string[]>>>>
>;

export interface IamPolicyOptions {
  /** `KubernetesClusterID` of the cloud-config. Without one nothing can be scoped by tags. */
  readonly clusterID: string;
  /** @default all */
  readonly parts?: readonly PolicyPart[];
  /** Such as `aws-cn`. @default aws */
  readonly partition?: string;
}

/**
 * Whose objects an action may be done to:
 *
 * - `all`: reads, which AWS does not scope by resource;
 * - `owned`: those with the cluster's tag and the value `owned`, which the manager made;
 * - `member`: those with the cluster's tag, whoever made them: nodes, their groups, route tables;
 * - `new`: those that get the tag in the same request;
 * - `kind`: those of a kind, because older ones carry no tag.
 */
type Reach = 'all' | 'owned' | 'member' | 'new' | 'kind';

/** The right to an operation. */
interface Right {
  readonly parts: readonly PolicyPart[];
  readonly reach: Reach;
  /** Kinds of resources by what their ARNs have behind the account. */
  readonly on?: readonly string[];
}

const everything: readonly PolicyPart[] = policyParts;

function read(...parts: readonly PolicyPart[]): Right {
  return { parts, reach: 'all' };
}

function ofServices(reach: Reach, ...on: readonly string[]): Right {
  return { parts: ['services'], reach, on };
}

const ofRouteTables: Right = { parts: ['routes'], reach: 'member', on: ['ec2:route-table/*'] };
const ofTaggedInstances: Right = { parts: ['tagging'], reach: 'member', on: ['ec2:instance/*'] };
const loadBalancer = 'elasticloadbalancing:loadbalancer/*';
const targetGroup = 'elasticloadbalancing:targetgroup/*';

/** What each operation that the clients can send takes. An operation that is missing here does not compile. */
const rights: Readonly<Record<Exclude<AwsOperation, 'AssumeRole'>, Right>> = {
  DescribeAvailabilityZones: read(...everything),
  DescribeInstances: read('nodes', 'services', 'routes', 'tagging'),
  DescribeInstanceTopology: read('nodes'),
  DescribeNetworkInterfaces: read('nodes'),
  DescribeRouteTables: read('services', 'routes'),
  DescribeSecurityGroups: read('services'),
  DescribeSubnets: read('services'),
  DescribeVolumes: read('volumes'),
  CreateTags: ofTaggedInstances,
  DeleteTags: ofTaggedInstances,
  CreateRoute: ofRouteTables,
  DeleteRoute: ofRouteTables,
  ReplaceRoute: ofRouteTables,
  ModifyInstanceAttribute: { parts: ['routes'], reach: 'member', on: ['ec2:instance/*'] },
  AuthorizeSecurityGroupIngress: ofServices('member', 'ec2:security-group/*'),
  RevokeSecurityGroupIngress: ofServices('member', 'ec2:security-group/*'),
  CreateSecurityGroup: ofServices('new', 'ec2:security-group/*'),
  DeleteSecurityGroup: ofServices('owned', 'ec2:security-group/*'),
  DescribeLoadBalancerAttributes: read('services'),
  DescribeTargetGroupAttributes: read('services'),
  DescribeListeners: read('services'),
  DescribeLoadBalancers: read('services'),
  DescribeTags: read('services'),
  DescribeTargetGroups: read('services'),
  DescribeTargetHealth: read('services'),
  AddTags: ofServices('owned', loadBalancer, targetGroup),
  ModifyLoadBalancerAttributes: ofServices('owned', loadBalancer),
  ModifyTargetGroupAttributes: ofServices('owned', targetGroup),
  SetSecurityGroups: ofServices('owned', loadBalancer),
  SetSubnets: ofServices('owned', loadBalancer),
  SetIpAddressType: ofServices('owned', loadBalancer),
  CreateListener: ofServices('owned', loadBalancer),
  CreateLoadBalancer: ofServices('new', loadBalancer),
  CreateTargetGroup: ofServices('new', targetGroup),
  // Listeners that older managers made have no tags.
  DeleteListener: ofServices('kind', 'elasticloadbalancing:listener/net/*'),
  ModifyListener: ofServices('kind', 'elasticloadbalancing:listener/net/*'),
  DeleteLoadBalancer: ofServices('owned', loadBalancer),
  DeleteTargetGroup: ofServices('owned', targetGroup),
  DeregisterTargets: ofServices('owned', targetGroup),
  ModifyTargetGroup: ofServices('owned', targetGroup),
  RegisterTargets: ofServices('owned', targetGroup),
  ApplySecurityGroupsToLoadBalancer: ofServices('owned', loadBalancer),
  AttachLoadBalancerToSubnets: ofServices('owned', loadBalancer),
  ConfigureHealthCheck: ofServices('owned', loadBalancer),
  CreateLoadBalancerListeners: ofServices('owned', loadBalancer),
  CreateLoadBalancerPolicy: ofServices('owned', loadBalancer),
  DeleteLoadBalancerListeners: ofServices('owned', loadBalancer),
  DeregisterInstancesFromLoadBalancer: ofServices('owned', loadBalancer),
  DetachLoadBalancerFromSubnets: ofServices('owned', loadBalancer),
  RegisterInstancesWithLoadBalancer: ofServices('owned', loadBalancer),
  SetLoadBalancerPoliciesForBackendServer: ofServices('owned', loadBalancer),
  SetLoadBalancerPoliciesOfListener: ofServices('owned', loadBalancer),
};

/**
 * The least that the manager needs with these parts switched on.
 * Sources: AWS "Service Authorization Reference" of EC2 and of Elastic Load Balancing (V2).
 */
export function iamPolicy(options: IamPolicyOptions): IamPolicy {
  const parts = new Set<PolicyPart>(options.parts ?? policyParts);
  const groups = new Map<string, { readonly right: Right; readonly actions: Set<string> }>();
  for (const [operation, right] of Object.entries(rights)) {
    if (!right.parts.some((part) => parts.has(part))) continue;
    const key = [right.reach, ...(right.on ?? [])].join(' ');
    const group = groups.get(key) ?? { right, actions: new Set<string>() };
    group.actions.add(permissions[operation as keyof typeof rights]);
    groups.set(key, group);
  }
  const statements = [...groups.values()].map(({ right, actions }) => statement(right, [...actions].sort(), options));
  return { Version: '2012-10-17', Statement: [...statements, ...(parts.has('services') ? implied(options) : [])] };
}

/** What a manager with `RoleARN` needs besides, for itself and not for the role. */
export function assumeRolePolicy(roleARN: string): IamPolicy {
  const Action = [permissions.AssumeRole];
  return { Version: '2012-10-17', Statement: [{ Sid: 'AssumeRole', Effect: 'Allow', Action, Resource: [roleARN] }] };
}

/** What nodes need so that kubelet can pull from ECR through the credential provider. */
export function registryPolicy(): IamPolicy {
  const login = ['ecr:GetAuthorizationToken', 'ecr-public:GetAuthorizationToken', 'sts:GetServiceBearerToken'];
  const pull = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
  return {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'Login', Effect: 'Allow', Action: login, Resource: ['*'] },
      { Sid: 'Pull', Effect: 'Allow', Action: pull, Resource: ['*'] },
    ],
  };
}

/** Rights that AWS asks for although no request of ours names them. */
function implied(options: IamPolicyOptions): readonly IamStatement[] {
  const { partition = 'aws' } = options;
  const service = 'elasticloadbalancing.amazonaws.com';
  const role = `arn:${partition}:iam::*:role/aws-service-role/${service}/AWSServiceRoleForElasticLoadBalancing`;
  const creations = ['CreateLoadBalancer', 'CreateTargetGroup'];
  return [
    {
      // A group is made in a network, which nobody tags by that.
      Sid: 'GroupsInNetwork',
      Effect: 'Allow',
      Action: [permissions.CreateSecurityGroup],
      Resource: resources(['ec2:vpc/*'], partition),
    },
    {
      Sid: 'TagNewGroups',
      Effect: 'Allow',
      Action: [permissions.CreateTags],
      Resource: resources(['ec2:security-group/*'], partition),
      Condition: { StringEquals: { 'ec2:CreateAction': 'CreateSecurityGroup' } },
    },
    {
      Sid: 'TagNewLoadBalancers',
      Effect: 'Allow',
      Action: [permissions.AddTags],
      Resource: resources([loadBalancer, targetGroup], partition),
      Condition: { StringEquals: { 'elasticloadbalancing:CreateAction': creations } },
    },
    {
      // New ones, and those that older managers made without tags.
      Sid: 'TagListeners',
      Effect: 'Allow',
      Action: [permissions.AddTags],
      Resource: resources(['elasticloadbalancing:listener/net/*'], partition),
    },
    {
      // The first load balancer of an account makes it.
      Sid: 'ServiceLinkedRole',
      Effect: 'Allow',
      Action: ['iam:CreateServiceLinkedRole'],
      Resource: [role],
      Condition: { StringEquals: { 'iam:AWSServiceName': service } },
    },
  ];
}

const words: Readonly<Record<Reach, string>> = {
  all: 'Read',
  owned: 'Owned',
  member: 'Member',
  new: 'New',
  kind: 'Any',
};

function statement({ on = [], reach }: Right, Action: readonly string[], options: IamPolicyOptions): IamStatement {
  const { clusterID, partition = 'aws' } = options;
  const kinds = on.map((each) =>
    each.replace(/^.*:|\/.*$/g, '').replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
  );
  const Condition = clusterID === '' ? undefined : conditionOf(reach, `kubernetes.io/cluster/${clusterID}`);
  return {
    Sid: `${words[reach]}${kinds.join('')}`,
    Effect: 'Allow',
    Action,
    Resource: resources(on, partition),
    ...(Condition === undefined ? {} : { Condition }),
  };
}

function conditionOf(reach: Reach, tag: string): IamCondition | undefined {
  switch (reach) {
    case 'all':
    case 'kind':
      return undefined;
    case 'owned':
      return { StringEquals: { [`aws:ResourceTag/${tag}`]: 'owned' } };
    case 'new':
      return { StringEquals: { [`aws:RequestTag/${tag}`]: 'owned' } };
    case 'member':
      return { Null: { [`aws:ResourceTag/${tag}`]: 'false' } };
  }
}

function resources(on: readonly string[], partition: string): readonly string[] {
  if (on.length === 0) return ['*'];
  return on.map((each) => {
    const [service, kind] = each.split(':');
    return `arn:${partition}:${service}:*:*:${kind}`;
  });
}

/**
 * Every AWS operation that the provider sends, with the IAM action that allows it. The clients can send nothing that is not
 * in here, so this is also the policy that the manager needs.
 */
export const permissions = {
  DescribeAvailabilityZones: 'ec2:DescribeAvailabilityZones',
  DescribeInstances: 'ec2:DescribeInstances',
  DescribeInstanceTopology: 'ec2:DescribeInstanceTopology',
  DescribeNetworkInterfaces: 'ec2:DescribeNetworkInterfaces',
  DescribeRouteTables: 'ec2:DescribeRouteTables',
  DescribeSecurityGroups: 'ec2:DescribeSecurityGroups',
  DescribeSubnets: 'ec2:DescribeSubnets',
  // For the webhook that labels PersistentVolumes alone.
  DescribeVolumes: 'ec2:DescribeVolumes',
  CreateTags: 'ec2:CreateTags',
  DeleteTags: 'ec2:DeleteTags',
  CreateRoute: 'ec2:CreateRoute',
  DeleteRoute: 'ec2:DeleteRoute',
  ReplaceRoute: 'ec2:ReplaceRoute',
  ModifyInstanceAttribute: 'ec2:ModifyInstanceAttribute',
  AssumeRole: 'sts:AssumeRole',
  AuthorizeSecurityGroupIngress: 'ec2:AuthorizeSecurityGroupIngress',
  RevokeSecurityGroupIngress: 'ec2:RevokeSecurityGroupIngress',
  // Creating with tags needs ec2:CreateTags as well.
  CreateSecurityGroup: 'ec2:CreateSecurityGroup',
  DeleteSecurityGroup: 'ec2:DeleteSecurityGroup',
  DescribeLoadBalancerAttributes: 'elasticloadbalancing:DescribeLoadBalancerAttributes',
  DescribeTargetGroupAttributes: 'elasticloadbalancing:DescribeTargetGroupAttributes',
  DescribeListeners: 'elasticloadbalancing:DescribeListeners',
  DescribeLoadBalancers: 'elasticloadbalancing:DescribeLoadBalancers',
  DescribeTags: 'elasticloadbalancing:DescribeTags',
  DescribeTargetGroups: 'elasticloadbalancing:DescribeTargetGroups',
  DescribeTargetHealth: 'elasticloadbalancing:DescribeTargetHealth',
  AddTags: 'elasticloadbalancing:AddTags',
  ModifyLoadBalancerAttributes: 'elasticloadbalancing:ModifyLoadBalancerAttributes',
  ModifyTargetGroupAttributes: 'elasticloadbalancing:ModifyTargetGroupAttributes',
  SetIpAddressType: 'elasticloadbalancing:SetIpAddressType',
  SetSecurityGroups: 'elasticloadbalancing:SetSecurityGroups',
  SetSubnets: 'elasticloadbalancing:SetSubnets',
  // Creating with tags needs elasticloadbalancing:AddTags as well.
  CreateListener: 'elasticloadbalancing:CreateListener',
  CreateLoadBalancer: 'elasticloadbalancing:CreateLoadBalancer',
  CreateTargetGroup: 'elasticloadbalancing:CreateTargetGroup',
  DeleteListener: 'elasticloadbalancing:DeleteListener',
  DeleteLoadBalancer: 'elasticloadbalancing:DeleteLoadBalancer',
  DeleteTargetGroup: 'elasticloadbalancing:DeleteTargetGroup',
  DeregisterTargets: 'elasticloadbalancing:DeregisterTargets',
  ModifyListener: 'elasticloadbalancing:ModifyListener',
  ModifyTargetGroup: 'elasticloadbalancing:ModifyTargetGroup',
  RegisterTargets: 'elasticloadbalancing:RegisterTargets',
  // Of classic load balancers alone; they share what has the same name above.
  ApplySecurityGroupsToLoadBalancer: 'elasticloadbalancing:ApplySecurityGroupsToLoadBalancer',
  AttachLoadBalancerToSubnets: 'elasticloadbalancing:AttachLoadBalancerToSubnets',
  ConfigureHealthCheck: 'elasticloadbalancing:ConfigureHealthCheck',
  CreateLoadBalancerListeners: 'elasticloadbalancing:CreateLoadBalancerListeners',
  CreateLoadBalancerPolicy: 'elasticloadbalancing:CreateLoadBalancerPolicy',
  DeleteLoadBalancerListeners: 'elasticloadbalancing:DeleteLoadBalancerListeners',
  DeregisterInstancesFromLoadBalancer: 'elasticloadbalancing:DeregisterInstancesFromLoadBalancer',
  DetachLoadBalancerFromSubnets: 'elasticloadbalancing:DetachLoadBalancerFromSubnets',
  RegisterInstancesWithLoadBalancer: 'elasticloadbalancing:RegisterInstancesWithLoadBalancer',
  SetLoadBalancerPoliciesForBackendServer: 'elasticloadbalancing:SetLoadBalancerPoliciesForBackendServer',
  SetLoadBalancerPoliciesOfListener: 'elasticloadbalancing:SetLoadBalancerPoliciesOfListener',
} as const;

/** An operation as AWS names it. */
export type AwsOperation = keyof typeof permissions;

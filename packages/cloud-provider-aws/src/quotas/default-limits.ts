/** A quota of AWS as new accounts have it. */
export interface DefaultLimit {
  readonly quota: string;
  readonly limit: number;
}

/**
 * What AWS documents as defaults: elasticloadbalancing/latest/network and classic, `load-balancer-limits`;
 * vpc/latest/userguide, `amazon-vpc-limits`. To read what an account really has would take rights that the manager does not
 * need, and in part another service.
 */
export const defaultLimits = {
  networkLoadBalancers: { quota: 'Network Load Balancers per Region', limit: 50 },
  networkListeners: { quota: 'Listeners per Network Load Balancer', limit: 50 },
  networkTargets: { quota: 'Targets per Network Load Balancer', limit: 3000 },
  /** With cross-zone load balancing AWS allows the whole load balancer no more than one zone. */
  crossZoneTargets: { quota: 'Targets per Network Load Balancer across zones', limit: 500 },
  targetGroups: { quota: 'Target groups per Region', limit: 3000 },
  targetsOfGroup: { quota: 'Targets per target group', limit: 1000 },
  classicLoadBalancers: { quota: 'Classic Load Balancers per Region', limit: 20 },
  classicListeners: { quota: 'Listeners per Classic Load Balancer', limit: 100 },
  classicInstances: { quota: 'Registered instances per Classic Load Balancer', limit: 1000 },
  securityGroups: { quota: 'Security groups per Region', limit: 2500 },
  /** AWS counts the rules of each family by itself; a rule whose source is a group or a list counts in both. */
  ipv4Rules: { quota: 'Inbound IPv4 rules per security group', limit: 60 },
  ipv6Rules: { quota: 'Inbound IPv6 rules per security group', limit: 60 },
  routes: { quota: 'Routes per route table', limit: 500 },
} as const satisfies Readonly<Record<string, DefaultLimit>>;

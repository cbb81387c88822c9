/** The longest name that AWS takes for a load balancer. */
const longestLoadBalancerName = 32;

/**
 * `a` and the Service's UID without its dashes, cut to fit. Holds the UID: whoever bears it is for that Service. Clusters are taken
 * over and handed back by it, so it never changes. Source: kubernetes/cloud-provider-aws v1.36, pkg/providers/v1/aws_loadbalancer.go.
 */
export function loadBalancerName(serviceUID: string): string {
  return `a${serviceUID.replaceAll('-', '')}`.slice(0, longestLoadBalancerName);
}

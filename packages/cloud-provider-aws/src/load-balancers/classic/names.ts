/**
 * Names that the Go manager gives the parts of classic load balancers; clusters are taken over and handed back by them, so
 * none of them ever changes. Source: kubernetes/cloud-provider-aws v1.36, pkg/providers/v1/aws_loadbalancer.go and aws.go.
 */

/** The load balancer's own security group. Holds the Service's UID, as the load balancer's name does. */
export function ownGroupName(loadBalancer: string): string {
  return `k8s-elb-${loadBalancer}`;
}

/** @param service as `namespace/name` */
export function ownGroupDescription(loadBalancer: string, service: string): string {
  return `Security group for Kubernetes ELB ${loadBalancer} (${service})`;
}

/** The policy that makes instance ports speak the proxy protocol. */
export const proxyPolicyName = 'k8s-proxyprotocol-enabled';

/** The policy that holds the predefined TLS policy `reference`. */
export function tlsPolicyName(reference: string): string {
  return `k8s-SSLNegotiationPolicy-${reference}`;
}

import type { IngressRule } from '../../client/ec2-port.ts';

/** The rule by which a load balancer reaches the nodes: everything from its group, as the Go manager (v1.36) writes it. */
export function sourceRule(groupID: string): IngressRule {
  return { protocol: '-1', fromPort: -1, toPort: -1, cidr: groupID, description: '' };
}

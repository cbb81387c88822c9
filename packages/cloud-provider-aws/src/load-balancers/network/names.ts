import { createHash } from 'node:crypto';
import type { TargetAddressType } from '../../client/elbv2-port.ts';

/**
 * The names that parts of network load balancers have had since the Go manager: clusters are taken over and handed back by
 * them, so none of them ever changes. Source: kubernetes/cloud-provider-aws v1.36, pkg/providers/v1/aws_loadbalancer.go.
 */

export interface TargetGroupIdentity {
  /** Of the tags, not of the flag. */
  readonly clusterID: string;
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly nodePort: number;
  readonly protocol: string;
  readonly targetType: string;
  readonly healthCheckProtocol: string;
  readonly healthCheckIntervalSeconds: number;
}

/** What names hold for the type of the targets. The Go manager knows IPv4 alone. */
export const targetTypes: Readonly<Record<TargetAddressType, string>> = { ipv4: 'instance', ipv6: 'instance-ipv6' };

/** `k8s-<namespace>-<name>-<hash>`: another port, node port or kind of health check is another target group. */
export function targetGroupName(identity: TargetGroupIdentity): string {
  const hash = createHash('sha1')
    .update(identity.clusterID)
    .update(identity.namespace)
    .update(identity.name)
    .update(String(identity.port))
    .update(String(identity.nodePort))
    .update(identity.protocol)
    .update(identity.targetType)
    .update(identity.healthCheckProtocol)
    .update(String(identity.healthCheckIntervalSeconds))
    .digest('hex');
  return `${targetGroupNamePrefix(identity)}${hash.slice(0, 10)}`;
}

/** What the names of all target groups of the Service begin with. Other Services' may begin so as well. */
export function targetGroupNamePrefix(service: { readonly namespace: string; readonly name: string }): string {
  return `k8s-${shorten(service.namespace)}-${shorten(service.name)}-`;
}

export interface SecurityGroupIdentity {
  /** Of the flag, not of the tags. */
  readonly clusterName: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** `k8s-<namespace>-<name>-<hash>`; the hash holds the Service's UID, so whoever bears the name is for that Service. */
export function securityGroupName(identity: SecurityGroupIdentity): string {
  const { clusterName, namespace, name, uid } = identity;
  const hash = createHash('sha256').update(clusterName).update(name).update(namespace).update(uid).digest('hex');
  return `${targetGroupNamePrefix(identity)}${hash.slice(0, 10)}`;
}

function shorten(text: string): string {
  return text.replaceAll(/[^a-zA-Z0-9]/g, '').slice(0, 8);
}

const rulePrefix = 'kubernetes.io/rule/nlb/';

/** What the rules of node security groups are for: traffic of clients, the load balancer's health checks. */
export type RulePurpose = 'client' | 'health';

/** The description of a rule that is there for one load balancer. */
export function ruleDescription(purpose: RulePurpose, loadBalancer: string): string {
  return `${rulePrefix}${purpose}=${loadBalancer}`;
}

/** Whether the rule is there for this load balancer. */
export function isOwnRule({ description }: { readonly description: string }, loadBalancer: string): boolean {
  return (['client', 'health'] as const).some((purpose) => description === ruleDescription(purpose, loadBalancer));
}

/** The load balancer that a rule is there for; empty when it is there for none, or for all. */
export function loadBalancerOfRule({ description }: { readonly description: string }): string {
  const match = /^(?:client|health)=(.*)$/.exec(
    description.startsWith(rulePrefix) ? description.slice(rulePrefix.length) : '',
  );
  return match?.[1] ?? '';
}

/** The description of the rule that lets path MTU discovery through; all load balancers share it. */
export const mtuRuleDescription = `${rulePrefix}mtu`;

/** Whether the description is that of any load balancer's health rule. */
export function isHealthRule(description: string): boolean {
  return description.startsWith(`${rulePrefix}health=`);
}

/** Whether the description is that of any load balancer's client rule. */
export function isClientRule(description: string): boolean {
  return description.startsWith(`${rulePrefix}client=`);
}

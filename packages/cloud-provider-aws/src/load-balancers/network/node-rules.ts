import type { IngressRule } from '../../client/ec2-port.ts';
import { isClientRule, isHealthRule, mtuRuleDescription, ruleDescription } from './names.ts';
import { everybody } from '../surroundings/source-ranges.ts';
import { ruleKey } from '../surroundings/security-group-ledger.ts';
import { tooLargeMessage } from '../surroundings/too-large-message.ts';

/** A node port that clients' traffic goes to. */
export interface ClientPort {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

/** What must reach the nodes for one load balancer. */
export interface NodeTraffic {
  /** The ranges that clients come from. */
  readonly sources: readonly string[];
  readonly clientPorts: readonly ClientPort[];
  /** The ranges of the load balancer's own subnets, where its health checks come from. */
  readonly healthSources: readonly string[];
  readonly healthPorts: readonly number[];
}

/**
 * The rules for one load balancer in each group of its nodes, as the Go manager (v1.36) makes them. Where a client rule and a
 * health rule are the same to EC2, the client rule stands for both. Without rules of their own the checks would fail only
 * when clients are restricted or checked at another port.
 */
export function desiredRules(traffic: NodeTraffic, loadBalancer: string): IngressRule[] {
  const client = cross(traffic.clientPorts, traffic.sources, ruleDescription('client', loadBalancer));
  const isOpen = traffic.sources.length === 1 && traffic.sources[0] === everybodyBeside(traffic.healthSources);
  const isCovered = isOpen && traffic.healthPorts.every((port) => hasTcpPort(traffic, port));
  if (isCovered) return client;
  const taken = new Set(client.map(ruleKey));
  const healthPorts = traffic.healthPorts.map((port): ClientPort => ({ protocol: 'tcp', port }));
  const health = cross(healthPorts, traffic.healthSources, ruleDescription('health', loadBalancer));
  return [...client, ...health.filter((rule) => !taken.has(ruleKey(rule)))];
}

function everybodyBeside(healthSources: readonly string[]): string {
  return healthSources.some((cidr) => cidr.includes(':')) ? everybody.ipv6 : everybody.ipv4;
}

function hasTcpPort({ clientPorts }: NodeTraffic, port: number): boolean {
  return clientPorts.some((client) => client.protocol === 'tcp' && client.port === port);
}

function cross(ports: readonly ClientPort[], cidrs: readonly string[], description: string): IngressRule[] {
  const rules = ports.flatMap(({ protocol, port }) =>
    [...new Set(cidrs)].map((cidr) => ({ protocol, fromPort: port, toPort: port, cidr, description })),
  );
  return [...new Map(rules.map((rule) => [ruleKey(rule), rule])).values()];
}

/** Whose rules are compared. */
export interface RuleOwner {
  readonly loadBalancer: string;
  /** The port of a health check that load balancers share; undefined when each has its own. */
  readonly sharedHealthPort: number | undefined;
}

export interface RuleDifference {
  readonly authorize: readonly IngressRule[];
  readonly revoke: readonly IngressRule[];
}

/**
 * What one group lacks and what it has too much of one load balancer's. Rules of others are never touched, and a rule that
 * somebody else made already serves as well as our own.
 *
 * The rule for path MTU discovery is shared by all load balancers of the group: it is made with the first client rule of a
 * range and goes, in the same request, with the last. So are the rules for a health check that all share: they bear the name of
 * whoever came first, stay when that one goes while any other has client rules in the group, and go with the last.
 */
export function compareRules(
  present: readonly IngressRule[],
  wanted: readonly IngressRule[],
  { loadBalancer, sharedHealthPort }: RuleOwner,
): RuleDifference {
  const presentKeys = new Set(present.map(ruleKey));
  const wantedKeys = new Set(wanted.map(ruleKey));
  const ownDescriptions = [ruleDescription('client', loadBalancer), ruleDescription('health', loadBalancer)];
  const isOwn = (rule: IngressRule): boolean => ownDescriptions.includes(rule.description);

  const clients = wanted.filter(({ description }) => isClientRule(description)).map(({ cidr }) => cidr);
  const mtu = [...new Set(clients)].map(mtuRule);
  const authorize = [...wanted, ...mtu].filter((rule) => !presentKeys.has(ruleKey(rule)));

  const isSharedCheck = (rule: IngressRule): boolean =>
    isHealthRule(rule.description) && rule.protocol === 'tcp' && rule.fromPort === sharedHealthPort;
  const isLast = !present.some((rule) => isClientRule(rule.description) && !isOwn(rule));
  const surplus = present.filter((rule) => {
    if (wantedKeys.has(ruleKey(rule))) return false;
    return isSharedCheck(rule) ? isLast : isOwn(rule);
  });
  const stillUsed = new Set([
    ...mtu.map(({ cidr }) => cidr),
    ...present.filter((rule) => isClientRule(rule.description) && !isOwn(rule)).map(({ cidr }) => cidr),
  ]);
  const released = new Set(surplus.map(({ cidr }) => cidr));
  const surplusMtu = present.filter(
    (rule) => rule.description === mtuRuleDescription && released.has(rule.cidr) && !stillUsed.has(rule.cidr),
  );
  return { authorize, revoke: [...surplus, ...surplusMtu] };
}

function mtuRule(cidr: string): IngressRule {
  return { ...tooLargeMessage(cidr), cidr, description: mtuRuleDescription };
}

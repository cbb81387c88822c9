import type { ClusterIdentity, Service } from '@ccm-ts/cloud-provider';
import type { IngressRule } from '../../client/ec2-port.ts';
import { type Tags, clusterObjectTags, serviceUIDTagKey } from '../../cluster-tags.ts';
import type { CloudConfig } from '../../config/cloud-config.ts';
import { type DesiredPort, transportsOf } from './desired.ts';
import { securityGroupName } from './names.ts';
import type { NetworkSettings } from './settings.ts';
import { tooLargeMessage } from '../surroundings/too-large-message.ts';
import { type GroupChange, ruleKey } from '../surroundings/security-group-ledger.ts';

/** The security group that one network load balancer has for itself. Nobody else writes its rules. */
export interface ManagedGroup {
  readonly name: string;
  readonly description: string;
  readonly tags: Tags;
  readonly rules: readonly IngressRule[];
}

/** The Go manager's (v1.36), so that a group can be taken over and handed back. */
const managedGroupDescription = '[k8s] Managed SecurityGroup for LoadBalancer';

export interface ManagedGroupInput {
  readonly service: Service;
  readonly cluster: ClusterIdentity;
  readonly config: CloudConfig;
  readonly ports: readonly DesiredPort[];
  readonly sources: readonly string[];
  readonly settings: NetworkSettings;
}

/** Clients may reach the listeners and tell them that a packet was too large. */
export function desireManagedGroup(input: ManagedGroupInput): ManagedGroup {
  const { service, cluster, config, ports, sources, settings } = input;
  const { namespace, name, uid } = service.metadata;
  const listeners = ports.flatMap(({ protocol, port }) =>
    transportsOf(protocol).flatMap((transport) =>
      sources.map((cidr) => ({ protocol: transport, fromPort: port, toPort: port, cidr, description: '' })),
    ),
  );
  const mtu = sources.map((cidr) => ({ ...tooLargeMessage(cidr), cidr, description: '' }));
  return {
    name: securityGroupName({ clusterName: cluster.name, namespace, name, uid }),
    description: managedGroupDescription,
    tags: { ...settings.additionalTags, ...clusterObjectTags(config.tagging, cluster), [serviceUIDTagKey]: uid },
    rules: [...listeners, ...mtu],
  };
}

/** What a group that is one load balancer's alone lacks or has too much: every rule in it counts. */
export function narrowOwnRules(
  verb: GroupChange['verb'],
  present: readonly IngressRule[],
  wanted: readonly IngressRule[],
): readonly IngressRule[] {
  const [from, others] = verb === 'authorize' ? [wanted, present] : [present, wanted];
  const known = new Set(others.map(ruleKey));
  return from.filter((rule) => !known.has(ruleKey(rule)));
}

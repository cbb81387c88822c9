import type { Desire as DesireOf, Refusal, ServiceRequest } from '@ccm-ts/cloud-provider';
import { refuseAnnotation } from '../../annotations.ts';
import { judgeAwsAnnotations } from '../../annotations/aws-annotations.ts';
import type {
  Attributes,
  HealthCheck,
  ListenerTls,
  Scheme,
  SubnetMapping,
  TargetAddressType,
} from '../../client/elbv2-port.ts';
import { type Tags, serviceObjectTags } from '../../cluster-tags.ts';
import type { CloudConfig } from '../../config/cloud-config.ts';
import { type DesiredAddresses, chooseFamilies } from './choose-families.ts';
import { chooseNetwork } from './choose-network.ts';
import { choosePorts } from './choose-ports.ts';
import { type InstanceFact, type NetworkFacts, backendIDs } from '../surroundings/facts.ts';
import { chooseNodeGroups, hasLabels } from '../surroundings/node-groups.ts';
import { chooseHealthCheck } from './health-check.ts';
import { type ManagedGroup, desireManagedGroup } from './managed-group.ts';
import { loadBalancerName } from '../surroundings/load-balancer-name.ts';
import type { ClientPort } from './node-rules.ts';
import { refuseService } from './refuse-service.ts';
import { type NetworkSettings, readNetworkSettings } from './settings.ts';
import { refuseLostRanges, sourceRanges } from '../surroundings/source-ranges.ts';

/** One Service's network load balancer. */
export interface NetworkDesired {
  readonly name: string;
  readonly scheme: Scheme;
  readonly vpcID: string;
  readonly subnets: DesiredSubnets;
  readonly addresses: DesiredAddresses;
  readonly securityGroups: DesiredSecurityGroups;
  /** Of everything that is created. */
  readonly tags: Tags;
  /** Of the load balancer: those that are looked after. */
  readonly attributes: Attributes;
  /** Of each target group: those that are looked after. */
  readonly targetGroupAttributes: Attributes;
  readonly ports: readonly DesiredPort[];
  /** Sorted instance ids. */
  readonly instanceIDs: readonly string[];
  /**
   * Those among them that are off: AWS registers only running machines. What is registered already stays, to receive traffic
   * again as soon as it is back.
   */
  readonly stoppedIDs: readonly string[];
  /** Undefined when the security groups of the nodes are left alone. */
  readonly nodeAccess: NodeAccess | undefined;
}

export interface DesiredSubnets {
  /** Only what users chose is given to an existing load balancer: what is found may change with every new zone. */
  readonly chosenBy: 'user' | 'discovery';
  readonly mappings: readonly SubnetMapping[];
}

export type DesiredSecurityGroups =
  /** What an existing load balancer has stays. */
  | { readonly kind: 'none' }
  /** The user's, whose rules are not looked after. */
  | { readonly kind: 'given'; readonly ids: readonly string[] }
  | { readonly kind: 'managed'; readonly group: ManagedGroup };

export type ListenerProtocol = 'TCP' | 'UDP' | 'TCP_UDP' | 'TLS';

export interface DesiredPort {
  readonly port: number;
  readonly nodePort: number;
  /** In front. */
  readonly protocol: ListenerProtocol;
  readonly tls: ListenerTls | undefined;
  /** Of the traffic to the nodes. */
  readonly targetProtocol: ListenerProtocol;
  /** By which addresses nodes are reached. */
  readonly targets: TargetAddressType;
  readonly targetGroup: string;
  readonly healthCheck: HealthCheck;
}

/** How traffic gets to the nodes. */
export interface NodeAccess {
  readonly securityGroupIDs: readonly string[];
  /** Of the clients, as the nodes see them. */
  readonly sources: readonly string[];
  /** Whether some clients come from the load balancer's own addresses. */
  readonly isTranslated: boolean;
  readonly clientPorts: readonly ClientPort[];
  readonly healthPorts: readonly number[];
  /** The ranges of the VPC's subnets: an existing load balancer may be in others than would be chosen today. */
  readonly subnetRanges: Readonly<Record<string, string>>;
}

export type Desire = DesireOf<NetworkDesired> | Refusal;

/** The Service in AWS's terms. Pure. */
export function desireNetworkLoadBalancer(request: ServiceRequest, facts: NetworkFacts, config: CloudConfig): Desire {
  const { service, cluster } = request;
  const { namespace, name, uid, annotations } = service.metadata;
  const refused = refuseService(request);
  if (refused !== undefined) return refused;
  if (config.networkFault !== undefined) return refuse({ reason: 'InvalidConfiguration', ...config.networkFault });
  const judged = judgeAwsAnnotations(annotations);
  if (judged.kind === 'refusal') return judged;
  const settings = readNetworkSettings(annotations);
  if (settings.securityGroupIDs !== undefined && config.networkSecurityGroups !== 'managed') {
    const fix = 'set NLBSecurityGroupMode = Managed in the cloud-config, or remove the annotation';
    return refuseAnnotation(annotations, 'security-groups', fix);
  }
  const health = chooseHealthCheck(request, config.clusterHealthProbe);
  if (health.kind === 'refusal') return health;
  const ranges = sourceRanges(request);
  if (ranges.kind === 'refusal') return ranges;
  const lost = refuseLostRanges(request, ranges.cidrs, whyRangesAreLost(settings, config));
  if (lost !== undefined) return lost;
  // By the first family of the Service, whether it can be had or not: what annotations say is judged before the network.
  const targets = service.spec.ipFamilies[0] === 'IPv6' ? 'ipv6' : 'ipv4';
  const clusterID = config.tagging.id;
  const chosen = choosePorts(service, { settings, healthCheck: health.check, targets, clusterID });
  if (chosen.kind === 'refusal') return chosen;
  const { ports } = chosen;
  const network = chooseNetwork(request, { facts, settings, config });
  if (network.kind === 'refusal') return network;
  const families = chooseFamilies(service, {
    all: facts.subnets,
    chosenIDs: network.subnets.mappings.map(({ subnetID }) => subnetID),
    sources: ranges.cidrs,
    groups: kindOfGroups(settings.securityGroupIDs, config),
  });
  if (families.kind === 'refusal') return families;

  const labelled = request.backends.filter(({ labels }) => hasLabels(labels, settings.targetNodeLabels));
  const instanceIDs = [...new Set(backendIDs({ ...request, backends: labelled }))]
    .filter((id) => facts.instances.has(id))
    .sort();
  const groups = chooseNodeGroups(instanceIDs, facts, config);
  if (groups.kind === 'refusal') return groups;

  const tags = serviceObjectTags({ serviceName: `${namespace}/${name}`, tagging: config.tagging, cluster });
  const managed = desireManagedGroup({ service, cluster, config, ports, sources: families.listenerSources, settings });
  const clientPorts = ports.flatMap(({ protocol, nodePort }): ClientPort[] =>
    transportsOf(protocol).map((transport) => ({ protocol: transport, port: nodePort })),
  );
  const { port: healthPort } = health.check;
  const nodeAccess = {
    securityGroupIDs: groups.ids,
    sources: families.nodeSources,
    isTranslated: families.isTranslated,
    clientPorts,
    healthPorts: healthPort === 'traffic-port' ? ports.map(({ nodePort }) => nodePort) : [Number(healthPort)],
    subnetRanges: Object.fromEntries(
      facts.subnets.map(({ id, cidr, ipv6Cidr = '' }) => [id, targets === 'ipv6' ? ipv6Cidr : cidr]),
    ),
  };
  const desired: NetworkDesired = {
    name: loadBalancerName(uid),
    scheme: settings.scheme,
    vpcID: facts.vpcID,
    subnets: network.subnets,
    addresses: families.addresses,
    securityGroups: chooseGroups(settings.securityGroupIDs, managed, config),
    // What marks the object as ours can't be overridden.
    tags: { ...settings.additionalTags, ...tags },
    attributes: settings.attributes,
    targetGroupAttributes: settings.targetGroupAttributes,
    ports,
    instanceIDs,
    stoppedIDs: instanceIDs.filter((id) => isOff(facts.instances.get(id))),
    nodeAccess: config.nodeSecurityGroups === 'managed' ? nodeAccess : undefined,
  };
  return { kind: 'desired', desired, remarks: [...judged.remarks, ...families.remarks] };
}

/** Ranges are enforced by a group of the load balancer's own, or by the nodes' as long as these see who the clients are. */
function whyRangesAreLost(settings: NetworkSettings, config: CloudConfig): string | undefined {
  if (config.networkSecurityGroups === 'managed' && settings.securityGroupIDs === undefined) return undefined;
  const remedy =
    'remove it, or set NLBSecurityGroupMode = Managed in the cloud-config and leave the groups to the manager';
  if (config.nodeSecurityGroups !== 'managed') {
    return `nothing enforces it, as DisableSecurityGroupIngress keeps rules from the nodes: ${remedy}`;
  }
  if (settings.targetGroupAttributes['preserve_client_ip.enabled'] !== 'false') return undefined;
  return `nothing enforces it, as preserve_client_ip.enabled=false hides the clients from the nodes: ${remedy}`;
}

/** The protocols that EC2's rules know behind a listener's. */
export function transportsOf(protocol: ListenerProtocol): readonly ClientPort['protocol'][] {
  switch (protocol) {
    case 'TCP':
    case 'TLS':
      return ['tcp'];
    case 'UDP':
      return ['udp'];
    case 'TCP_UDP':
      return ['tcp', 'udp'];
  }
}

function chooseGroups(
  given: readonly string[] | undefined,
  managed: ManagedGroup,
  config: CloudConfig,
): DesiredSecurityGroups {
  switch (kindOfGroups(given, config)) {
    case 'none':
      return { kind: 'none' };
    case 'managed':
      return { kind: 'managed', group: managed };
    case 'given':
      return { kind: 'given', ids: given ?? [] };
  }
}

function kindOfGroups(given: readonly string[] | undefined, config: CloudConfig): DesiredSecurityGroups['kind'] {
  if (config.networkSecurityGroups === 'none') return 'none';
  return given === undefined ? 'managed' : 'given';
}

function isOff(instance: InstanceFact | undefined): boolean {
  return instance?.state === 'stopping' || instance?.state === 'stopped';
}

function refuse(refusal: Omit<Refusal, 'kind'>): Refusal {
  return { kind: 'refusal', ...refusal };
}

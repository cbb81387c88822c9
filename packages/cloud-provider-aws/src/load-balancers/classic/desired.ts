import type { Desire as DesireOf, Refusal, ServicePort, ServiceRequest } from '@ccm-ts/cloud-provider';
import { refuseAnnotation } from '../../annotations.ts';
import { awsAnnotations, judgeAwsAnnotations } from '../../annotations/aws-annotations.ts';
import type { AttributeChange, ClassicHealthCheck, ClassicListener } from '../../client/classic-elb-port.ts';
import type { CreateSecurityGroup, IngressRule } from '../../client/ec2-port.ts';
import type { Scheme } from '../../client/elbv2-port.ts';
import { type Tags, serviceNameTagKey, serviceObjectTags } from '../../cluster-tags.ts';
import type { CloudConfig } from '../../config/cloud-config.ts';
import { chooseSubnets } from '../surroundings/choose-subnets.ts';
import { type NetworkFacts, backendIDs } from '../surroundings/facts.ts';
import { chooseNodeGroups, hasLabels } from '../surroundings/node-groups.ts';
import { loadBalancerName } from '../surroundings/load-balancer-name.ts';
import { refuseLostRanges, sourceRanges } from '../surroundings/source-ranges.ts';
import { tooLargeMessage } from '../surroundings/too-large-message.ts';
import { chooseClassicHealthCheck } from './health-check.ts';
import { chooseListeners } from './listeners.ts';
import { ownGroupDescription, ownGroupName } from './names.ts';
import type { GroupReference } from './operations.ts';
import { refuseClassicService } from './refuse-service.ts';
import { type ClassicSettings, readClassicSettings } from './settings.ts';

/** One Service's classic load balancer. */
export interface ClassicDesired {
  readonly name: string;
  readonly scheme: Scheme;
  readonly vpcID: string;
  readonly subnetIDs: readonly string[];
  readonly tags: Tags;
  /** In the order of the Go manager: the source of the nodes' rule comes first. */
  readonly groups: readonly GroupReference[];
  /** Undefined when users look after all its groups. */
  readonly ownGroup: OwnGroup | undefined;
  readonly listeners: readonly ClassicListener[];
  readonly proxyProtocol: ClassicSettings['proxyProtocol'];
  /** The predefined TLS policy; empty to leave the listeners' policies alone. */
  readonly tlsPolicy: string;
  readonly attributes: AttributeChange;
  readonly healthCheck: ClassicHealthCheck;
  /** Sorted. */
  readonly instanceIDs: readonly string[];
  /** The groups of the nodes that traffic is let into; undefined when they are left alone. */
  readonly nodeGroupIDs: readonly string[] | undefined;
}

/** The group that is there for this load balancer alone. */
export interface OwnGroup {
  readonly input: CreateSecurityGroup;
  readonly rules: readonly IngressRule[];
}

export type Desire = DesireOf<ClassicDesired> | Refusal;

/** The Service in AWS's terms. Pure. */
export function desireClassicLoadBalancer(request: ServiceRequest, facts: NetworkFacts, config: CloudConfig): Desire {
  const { service, cluster } = request;
  const { namespace, name: serviceName, uid, annotations } = service.metadata;
  const refused = refuseClassicService(service);
  if (refused !== undefined) return refused;
  const judged = judgeAwsAnnotations(annotations);
  if (judged.kind === 'refusal') return judged;
  const settings = readClassicSettings(annotations);
  const ports = service.spec.ports.filter(({ nodePort }) => nodePort !== 0);
  const chosen = chooseListeners(ports, annotations);
  if (chosen.kind === 'refusal') return chosen;
  const health = chooseClassicHealthCheck(service, ports[0]?.nodePort ?? 0, config.clusterHealthProbe);
  if (health.kind === 'refusal') return health;
  const ranges = sourceRanges(request);
  if (ranges.kind === 'refusal') return ranges;
  const given = settings.securityGroupIDs.length > 0 ? settings.securityGroupIDs : configuredGroup(config);
  const lost = refuseLostRanges(request, ranges.cidrs, given.length > 0 ? notEnforced : undefined);
  if (lost !== undefined) return lost;
  const subnets = placeInSubnets(request, { facts, settings, config });
  if (subnets.kind === 'refusal') return subnets;
  const labels = awsAnnotations.read(annotations, 'target-node-labels') ?? {};
  const backends = request.backends.filter((node) => hasLabels(node.labels, labels));
  const instanceIDs = [...new Set(backendIDs({ ...request, backends }))].filter((id) => facts.instances.has(id)).sort();
  const nodeGroups = chooseNodeGroups(instanceIDs, facts, config);
  if (nodeGroups.kind === 'refusal') return nodeGroups;

  const name = loadBalancerName(uid);
  const fullName = `${namespace}/${serviceName}`;
  const extraTags = awsAnnotations.read(annotations, 'additional-resource-tags') ?? {};
  const marks = serviceObjectTags({ serviceName: fullName, tagging: config.tagging, cluster });
  // The group is told by its name, and has never had the Service's.
  const groupMarks = Object.fromEntries(Object.entries(marks).filter(([key]) => key !== serviceNameTagKey));
  const desired: ClassicDesired = {
    name,
    scheme: settings.scheme,
    vpcID: facts.vpcID,
    subnetIDs: subnets.ids,
    // What marks the object as ours can't be overridden.
    tags: { ...extraTags, ...marks },
    groups: [
      ...(given.length > 0 ? given.map(byID) : [{ kind: 'own' } as const]),
      ...settings.extraSecurityGroupIDs.filter((id) => !given.includes(id)).map(byID),
    ],
    ownGroup:
      given.length > 0
        ? undefined
        : {
            input: {
              name: ownGroupName(name),
              description: ownGroupDescription(name, fullName),
              vpcID: facts.vpcID,
              tags: { ...extraTags, ...groupMarks },
            },
            rules: clientRules(ports, ranges.cidrs),
          },
    listeners: chosen.listeners,
    proxyProtocol: settings.proxyProtocol,
    tlsPolicy: settings.tlsPolicy,
    attributes: settings.attributes,
    healthCheck: health.check,
    instanceIDs,
    nodeGroupIDs: config.nodeSecurityGroups === 'managed' ? nodeGroups.ids : undefined,
  };
  return { kind: 'desired', desired, remarks: judged.remarks };
}

/** Rules of groups that are not the load balancer's own are never written. */
const notEnforced =
  'nothing enforces it on a load balancer with security groups of yours: remove it and write rules there, or leave the groups to the manager';

/** What clients may do, with path MTU discovery. */
function clientRules(ports: readonly ServicePort[], ranges: readonly string[]): IngressRule[] {
  const numbers = [...new Set(ports.map(({ port }) => port))];
  const clients = numbers.flatMap((port) =>
    ranges.map((cidr) => ({ protocol: 'tcp', fromPort: port, toPort: port, cidr, description: '' })),
  );
  const mtu = ranges.map((cidr) => ({ ...tooLargeMessage(cidr), cidr, description: '' }));
  return [...clients, ...mtu];
}

function configuredGroup({ elbSecurityGroupID }: CloudConfig): readonly string[] {
  return elbSecurityGroupID === '' ? [] : [elbSecurityGroupID];
}

function byID(id: string): GroupReference {
  return { kind: 'id', id };
}

interface Placement {
  readonly facts: NetworkFacts;
  readonly settings: ClassicSettings;
  readonly config: CloudConfig;
}

type ChosenSubnets = { readonly kind: 'subnets'; readonly ids: readonly string[] } | Refusal;

function placeInSubnets({ service }: ServiceRequest, { facts, settings, config }: Placement): ChosenSubnets {
  const { annotations } = service.metadata;
  if (facts.vpcID === '') {
    const fix = 'say in the cloud-config which VPC, or wait for the first node';
    return { kind: 'refusal', reason: 'UnknownVPC', field: '[Global] VPC', value: '', fix };
  }
  if (settings.subnets !== undefined) return namedSubnets(settings.subnets, facts, annotations);
  const { scheme } = settings;
  const { tagging, fallbackSubnetID } = config;
  const ids = chooseSubnets(facts.subnets, { scheme, tagging, fallbackSubnetID }).map(({ id }) => id);
  if (ids.length > 0) return { kind: 'subnets', ids };
  const sort = scheme === 'internal' ? 'subnet' : 'public subnet';
  const fix = `it has no ${sort} of this cluster: tag one with kubernetes.io/cluster/${tagging.id || '<ID>'}`;
  return { kind: 'refusal', reason: 'NoSubnets', field: 'VPC', value: facts.vpcID, fix };
}

function namedSubnets(
  wanted: readonly string[],
  facts: NetworkFacts,
  annotations: Readonly<Record<string, string>>,
): ChosenSubnets {
  const ids: string[] = [];
  for (const item of wanted) {
    const found = facts.subnets.filter(({ id, tags }) => (item.startsWith('subnet-') ? id : tags.Name) === item);
    const [subnet, ...others] = found;
    if (subnet === undefined) return refuseAnnotation(annotations, 'subnets', `the VPC ${facts.vpcID} has no ${item}`);
    if (others.length > 0) {
      const same = found.map(({ id }) => id).join(', ');
      return refuseAnnotation(annotations, 'subnets', `${same} are all called ${item}: write the id`);
    }
    ids.push(subnet.id);
  }
  return { kind: 'subnets', ids: [...new Set(ids)] };
}

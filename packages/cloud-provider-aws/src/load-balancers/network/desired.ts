import { type Refusal, type ServicePort, type ServiceRequest, sourceRangesAnnotation } from '@ccm-ts/cloud-provider';
import { BlockList } from 'node:net';
import { isInternal, refuseUnsupportedAnnotations } from '../../annotations.ts';
import type { HealthCheck, Scheme } from '../../client/elbv2-port.ts';
import { type Tags, serviceObjectTags } from '../../cluster-tags.ts';
import type { CloudConfig } from '../../config/cloud-config.ts';
import { chooseSubnets } from './choose-subnets.ts';
import { type InstanceFact, type NetworkFacts, backendIDs } from './facts.ts';
import { loadBalancerName, targetGroupName } from './names.ts';

/** One Service's network load balancer. */
export interface NetworkDesired {
  readonly name: string;
  readonly scheme: Scheme;
  readonly vpcID: string;
  readonly subnetIDs: readonly string[];
  /** Of everything that is created. */
  readonly tags: Tags;
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

export interface DesiredPort {
  readonly port: number;
  readonly nodePort: number;
  readonly protocol: 'TCP';
  readonly targetGroup: string;
  readonly healthCheck: HealthCheck;
}

/** How traffic gets to the nodes. */
export interface NodeAccess {
  readonly securityGroupIDs: readonly string[];
  readonly sources: readonly string[];
  readonly healthPorts: readonly number[];
  /** The ranges of the VPC's subnets: an existing load balancer may be in others than would be chosen today. */
  readonly subnetRanges: Readonly<Record<string, string>>;
}

export type Desire = { readonly kind: 'desired'; readonly desired: NetworkDesired } | Refusal;

/** The Service in AWS's terms. Pure. */
export function desireNetworkLoadBalancer(request: ServiceRequest, facts: NetworkFacts, config: CloudConfig): Desire {
  const refused = refuseService(request, config);
  if (refused !== undefined) return refused;
  const ranges = sourceRanges(request);
  if (ranges.kind === 'refusal') return ranges;
  const network = chooseNetwork(request, facts, config);
  if (network.kind === 'refusal') return network;
  const groups = chooseSecurityGroups(facts, config);
  if (groups.kind === 'refusal') return groups;

  const { service, cluster } = request;
  const { namespace, name, uid } = service.metadata;
  const healthCheck = chooseHealthCheck(request);
  const ports = usablePorts(request).map(
    ({ port, nodePort }): DesiredPort => ({
      port,
      nodePort,
      protocol: 'TCP',
      targetGroup: targetGroupName({
        clusterID: config.tagging.id,
        namespace,
        name,
        port,
        nodePort,
        protocol: 'TCP',
        targetType: 'instance',
        healthCheckProtocol: healthCheck.protocol,
        healthCheckIntervalSeconds: healthCheck.intervalSeconds,
      }),
      healthCheck,
    }),
  );
  const healthPorts =
    healthCheck.port === 'traffic-port' ? ports.map(({ nodePort }) => nodePort) : [Number(healthCheck.port)];
  const nodeAccess = {
    securityGroupIDs: groups.ids,
    sources: ranges.cidrs,
    healthPorts,
    subnetRanges: Object.fromEntries(facts.subnets.map(({ id, cidr }) => [id, cidr])),
  };
  const instanceIDs = [...new Set(backendIDs(request))].filter((id) => facts.instances.has(id)).sort();
  const desired = {
    name: loadBalancerName(uid),
    scheme: network.scheme,
    vpcID: facts.vpcID,
    subnetIDs: network.subnetIDs,
    tags: serviceObjectTags({ serviceName: `${namespace}/${name}`, tagging: config.tagging, cluster }),
    ports,
    instanceIDs,
    stoppedIDs: instanceIDs.filter((id) => isOff(facts.instances.get(id))),
    nodeAccess: config.nodeSecurityGroups === 'managed' ? nodeAccess : undefined,
  };
  return { kind: 'desired', desired };
}

/**
 * The Go manager's defaults for network load balancers (v1.36). The time-out is left to AWS, as there.
 */
function chooseHealthCheck({ service }: ServiceRequest): HealthCheck {
  if (service.spec.externalTrafficPolicy === 'Local') {
    const port = String(service.spec.healthCheckNodePort);
    return {
      protocol: 'HTTP',
      port,
      path: '/healthz',
      intervalSeconds: 10,
      healthyThreshold: 2,
      unhealthyThreshold: 2,
    };
  }
  return {
    protocol: 'TCP',
    port: 'traffic-port',
    path: '',
    intervalSeconds: 30,
    healthyThreshold: 3,
    unhealthyThreshold: 3,
  };
}

function usablePorts({ service }: ServiceRequest): readonly ServicePort[] {
  return service.spec.ports.filter(({ nodePort }) => nodePort !== 0);
}

function refuseService(request: ServiceRequest, config: CloudConfig): Refusal | undefined {
  const { spec, metadata } = request.service;
  const [setting] = config.unsupported;
  if (setting !== undefined) return { kind: 'refusal', reason: 'UnsupportedSetting', ...setting };
  const annotation = refuseUnsupportedAnnotations(metadata.annotations);
  if (annotation !== undefined) return annotation;
  if (spec.ports.length === 0)
    return refuse({ reason: 'NoPorts', field: 'spec.ports', value: '', fix: 'give at least one port' });
  const other = spec.ports.find(({ protocol }) => protocol !== 'TCP');
  if (other !== undefined) {
    const fix = 'network load balancers serve only TCP here yet: use TCP on every port';
    return refuse({
      reason: 'UnsupportedProtocol',
      field: `spec.ports[${other.port}].protocol`,
      value: other.protocol,
      fix,
    });
  }
  if (usablePorts(request).length === 0) {
    const fix = 'targets are reached through node ports: remove it or set it to true';
    return refuse({ reason: 'NoNodePorts', field: 'spec.allocateLoadBalancerNodePorts', value: 'false', fix });
  }
  if (spec.sessionAffinity !== '' && spec.sessionAffinity !== 'None') {
    return refuse({
      reason: 'UnsupportedAffinity',
      field: 'spec.sessionAffinity',
      value: spec.sessionAffinity,
      fix: 'only None is possible',
    });
  }
  if (spec.loadBalancerIP !== '') {
    const fix = 'AWS gives load balancers names, not addresses that can be chosen: remove it';
    return refuse({ reason: 'UnsupportedAddress', field: 'spec.loadBalancerIP', value: spec.loadBalancerIP, fix });
  }
  if (spec.externalTrafficPolicy === 'Local' && spec.healthCheckNodePort === 0) {
    const fix = 'the API server has not given a health check port: save the Service again';
    return refuse({ reason: 'NoHealthCheckPort', field: 'spec.healthCheckNodePort', value: '0', fix });
  }
  return undefined;
}

/** From the spec, else from the annotation, else everybody. */
function sourceRanges({ service }: ServiceRequest): { readonly kind: 'ranges'; readonly cidrs: string[] } | Refusal {
  const { loadBalancerSourceRanges } = service.spec;
  const annotation = service.metadata.annotations[sourceRangesAnnotation]?.trim() ?? '';
  const fromSpec = loadBalancerSourceRanges.length > 0;
  const texts = fromSpec ? loadBalancerSourceRanges : annotation === '' ? ['0.0.0.0/0'] : annotation.split(',');
  const cidrs: string[] = [];
  for (const text of texts) {
    const cidr = maskedRange(text.trim());
    if (cidr === undefined) {
      const field = fromSpec ? 'spec.loadBalancerSourceRanges' : sourceRangesAnnotation;
      return refuse({ reason: 'InvalidSourceRange', field, value: text, fix: 'write ranges such as 192.0.2.0/24' });
    }
    cidrs.push(cidr);
  }
  return { kind: 'ranges', cidrs: [...new Set(cidrs)].sort() };
}

/** The range as EC2 keeps it, without the bits behind its mask; undefined when it is none. */
function maskedRange(text: string): string | undefined {
  const match = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text);
  const [, address = '', bits = ''] = match ?? [];
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  try {
    // Throws for what is not an address or not a length of a mask.
    new BlockList().addSubnet(address, Number(bits), family);
  } catch {
    return undefined;
  }
  return family === 'ipv6' ? text.toLowerCase() : `${maskIPv4(address, Number(bits))}/${Number(bits)}`;
}

function maskIPv4(address: string, bits: number): string {
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - bits);
  const masked = Math.floor(value / size) * size;
  return [24, 16, 8, 0].map((shift) => Math.floor(masked / 2 ** shift) % 256).join('.');
}

function chooseNetwork(
  request: ServiceRequest,
  facts: NetworkFacts,
  config: CloudConfig,
): { readonly kind: 'network'; readonly scheme: Scheme; readonly subnetIDs: readonly string[] } | Refusal {
  const scheme = isInternal(request.service.metadata.annotations) ? 'internal' : 'internet-facing';
  if (facts.vpcID === '') {
    return refuse({
      reason: 'UnknownVPC',
      field: '[Global] VPC',
      value: '',
      fix: 'say in the cloud-config which VPC, or wait for the first node',
    });
  }
  const { tagging, fallbackSubnetID } = config;
  const subnets = chooseSubnets(facts.subnets, { scheme, tagging, fallbackSubnetID });
  if (subnets.length > 0) return { kind: 'network', scheme, subnetIDs: subnets.map(({ id }) => id) };
  const sort = scheme === 'internal' ? 'subnet' : 'public subnet';
  const fix = `it has no ${sort} of this cluster: tag one with kubernetes.io/cluster/${tagging.id || '<ID>'}`;
  return refuse({ reason: 'NoSubnets', field: 'VPC', value: facts.vpcID, fix });
}

/** One group of each instance: the one that is tagged for the cluster, or its only one. */
function chooseSecurityGroups(
  facts: NetworkFacts,
  config: CloudConfig,
): { readonly kind: 'groups'; readonly ids: readonly string[] } | Refusal {
  if (config.nodeSecurityGroups === 'left-alone') return { kind: 'groups', ids: [] };
  const ids = new Set<string>();
  for (const [id, instance] of facts.instances) {
    const [group, ...others] = candidateGroups(instance, facts);
    if (group === undefined) continue;
    if (others.length > 0) {
      const value = `${id}: ${[group, ...others].join(', ')}`;
      const fix = `tag exactly one security group of each instance with kubernetes.io/cluster/${config.tagging.id}`;
      return refuse({ reason: 'AmbiguousSecurityGroup', field: 'security groups of the instance', value, fix });
    }
    ids.add(group);
  }
  return { kind: 'groups', ids: [...ids].sort() };
}

function isOff(instance: InstanceFact | undefined): boolean {
  return instance?.state === 'stopping' || instance?.state === 'stopped';
}

function candidateGroups(instance: InstanceFact, facts: NetworkFacts): readonly string[] {
  const tagged = instance.securityGroupIDs.filter((id) => facts.taggedSecurityGroups.has(id));
  return tagged.length > 0 ? tagged : instance.securityGroupIDs;
}

function refuse(refusal: Omit<Refusal, 'kind'>): Refusal {
  return { kind: 'refusal', ...refusal };
}

import ipaddr from 'ipaddr.js';
import { sourceRangesAnnotation } from '../../../../api/well-known.ts';
import type { Service, ServicePort } from '../../../../api/service.ts';
import { clusterStampKey } from '../../../../cloud/ownership.ts';
import type { Desire, ServiceRequest } from '../../../../cloud/load-balancer-kind.ts';
import type { Refusal } from '../../../../cloud/refusal.ts';
import { remarksOf } from '../../../../cloud/remark.ts';
import { refusalOfFindings } from '../../../../cloud/annotations/annotation-finding.ts';
import { memoryAnnotations } from '../../annotations.ts';
import type { HealthCheck, Listener } from '../../client/balancer.ts';
import { parseProviderID } from '../../provider-id.ts';

/** What a desired state depends on and seldom changes. */
export interface MemoryLBFacts {
  readonly networkID: string;
}

/** What one Service wants. */
export interface MemoryLBDesired {
  readonly name: string;
  readonly networkID: string;
  readonly scheme: 'internal' | 'public';
  readonly allowedRanges: readonly string[];
  readonly healthCheck: HealthCheck;
  readonly listeners: readonly Listener[];
  /** Ids of machines, sorted. */
  readonly backends: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/** `true` asks for a load balancer that only the network can reach. @default false */
export const internalAnnotation = memoryAnnotations.keyOf('internal');
/** Tag with the UID of the Service. */
export const serviceUIDTag = 'kubernetes.io/service-uid';
/** Tag with the namespace and name of the Service, for people. */
export const serviceNameTag = 'kubernetes.io/service-name';

/** kube-proxy answers there whether its node can take traffic of Services with the policy `Cluster`. */
const kubeProxyHealthPort = 10_256;

/** The annotation that says which kind of load balancer a Service wants, in a cloud that has two: `express` or the usual one. */
export const kindAnnotation = memoryAnnotations.keyOf('kind');

/** The first letter of the names of a kind's load balancers. */
export type NameInitial = 'a' | 'x';

/**
 * The name of a Service's load balancer: the initial of its kind and the UID without dashes, cut to 32. Made from the UID
 * alone, so that it can be found again.
 */
export function balancerName(serviceUID: string, initial: NameInitial = 'a'): string {
  return `${initial}${serviceUID.replaceAll('-', '')}`.slice(0, 32);
}

/** The Service in the cloud's terms. Pure. */
export function desire(
  request: ServiceRequest,
  facts: MemoryLBFacts,
  initial: NameInitial = 'a',
): Desire<MemoryLBDesired> | Refusal {
  const { service, cluster } = request;
  const refusal = service.spec.ports.map(refusePort).find((refused) => refused !== undefined);
  if (refusal) return refusal;
  const { annotations } = service.metadata;
  const findings = memoryAnnotations.judge(annotations);
  const unfit = refusalOfFindings(findings);
  if (unfit) return unfit;
  const ranges = desireRanges(service);
  if (ranges.kind === 'refusal') return ranges;
  const { namespace, name, uid } = service.metadata;
  const affinity = service.spec.sessionAffinity === 'ClientIP' ? 'client-ip' : 'none';
  const remarks = remarksOf(findings);
  return {
    kind: 'desired',
    ...(remarks.length > 0 && { remarks }),
    desired: {
      name: balancerName(uid, initial),
      networkID: facts.networkID,
      scheme: memoryAnnotations.read(annotations, 'internal') === 'true' ? 'internal' : 'public',
      allowedRanges: ranges.ranges,
      healthCheck: desireHealthCheck(service),
      listeners: service.spec.ports.map(({ protocol, port, nodePort }) => ({ protocol, port, nodePort, affinity })),
      backends: desireBackends(request),
      tags: { [clusterStampKey]: cluster.uid, [serviceUIDTag]: uid, [serviceNameTag]: `${namespace}/${name}` },
    },
  };
}

function refusePort(port: ServicePort): Refusal | undefined {
  if (port.protocol !== 'TCP' && port.protocol !== 'UDP') {
    const fix = 'this load balancer carries TCP and UDP';
    return {
      kind: 'refusal',
      reason: 'UnsupportedProtocol',
      field: 'spec.ports[].protocol',
      value: port.protocol,
      fix,
    };
  }
  if (port.nodePort === 0) {
    const fix = 'this load balancer needs node ports: remove allocateLoadBalancerNodePorts: false';
    return { kind: 'refusal', reason: 'NodePortMissing', field: 'spec.ports[].nodePort', value: '0', fix };
  }
  return undefined;
}

/** `spec.loadBalancerSourceRanges` wins over its older annotation; neither means everybody. */
function desireRanges(service: Service): { readonly kind: 'ranges'; readonly ranges: readonly string[] } | Refusal {
  const fromSpec = service.spec.loadBalancerSourceRanges;
  const annotation = (service.metadata.annotations[sourceRangesAnnotation] ?? '').trim();
  if (fromSpec.length === 0 && annotation === '') return { kind: 'ranges', ranges: ['0.0.0.0/0'] };
  const field = fromSpec.length > 0 ? 'spec.loadBalancerSourceRanges' : sourceRangesAnnotation;
  const ranges = new Set<string>();
  for (const text of fromSpec.length > 0 ? fromSpec : annotation.split(',')) {
    const range = canonicalRange(text.trim());
    if (range === undefined) {
      return {
        kind: 'refusal',
        reason: 'InvalidSourceRange',
        field,
        value: text,
        fix: 'write CIDRs such as 10.0.0.0/8',
      };
    }
    ranges.add(range);
  }
  return { kind: 'ranges', ranges: [...ranges].sort() };
}

/** The network that the text names, with its host bits cleared; undefined when it is no CIDR. */
function canonicalRange(text: string): string | undefined {
  try {
    const [address, prefix] = ipaddr.parseCIDR(text);
    const family = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
    return `${family.networkAddressFromCIDR(text).toString()}/${prefix}`;
  } catch {
    return undefined;
  }
}

function desireHealthCheck(service: Service): HealthCheck {
  const isLocal = service.spec.externalTrafficPolicy === 'Local' && service.spec.healthCheckNodePort > 0;
  return { protocol: 'http', port: isLocal ? service.spec.healthCheckNodePort : kubeProxyHealthPort, path: '/healthz' };
}

function desireBackends({ backends, endpoints, service }: ServiceRequest): readonly string[] {
  const isLocal = service.spec.externalTrafficPolicy === 'Local';
  const ids: string[] = [];
  for (const node of backends) {
    // Any other node would drop what it gets, until its health check fails.
    if (isLocal && endpoints && !endpoints.byNode.has(node.name)) continue;
    const parsed = parseProviderID(node.providerID);
    // Machines of elsewhere can't be reached by this load balancer; they are no fault of the Service.
    if (parsed.kind === 'ours') ids.push(parsed.machineID);
  }
  return ids.sort();
}

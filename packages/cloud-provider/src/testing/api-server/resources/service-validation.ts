import { isIP } from 'node:net';
import { equalJson } from '../json.ts';
import { dnsLabelFault, dnsSubdomainFault } from '../names.ts';
import { fieldFault } from '../status.ts';
import type { StatusCause } from '../status.ts';
import { isExternallyAccessible, needsClusterIP } from './service-defaults.ts';
import type { Service, ServiceSpec } from './service-defaults.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const protocols = ['SCTP', 'TCP', 'UDP'];
const affinities = ['ClientIP', 'None'];
const policies = ['Cluster', 'Local'];
const ipModes = ['Proxy', 'VIP'];
const portRange = 'must be between 1 and 65535, inclusive';
const sourceRangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** Everything wrong with a Service. Source: k8s.io/kubernetes, core/validation. */
export function validateService(object: Service, old: Service | undefined): readonly StatusCause[] {
  const { spec } = object;
  return [
    ...(old === undefined ? [] : validateChange(spec, old.spec)),
    ...validateKind(spec),
    ...validatePorts(spec),
    ...validateAffinity(spec),
    ...validateType(spec),
    ...validateSourceRanges(object),
    ...validateLoadBalancerFields(spec),
    ...validateTrafficPolicies(spec),
  ];
}

function isHeadless(spec: ServiceSpec): boolean {
  return spec.clusterIP === 'None' || spec.clusterIPs?.[0] === 'None';
}

function validateChange(spec: ServiceSpec, old: ServiceSpec): readonly StatusCause[] {
  const faults: StatusCause[] = [];
  if (needsClusterIP(old) && needsClusterIP(spec) && old.clusterIPs?.[0] !== spec.clusterIPs?.[0]) {
    faults.push(fieldFault.invalid('spec.clusterIPs[0]', spec.clusterIPs ?? null, 'may not change once set'));
  }
  if (old.type === 'LoadBalancer' && spec.type === 'LoadBalancer' && old.loadBalancerClass !== spec.loadBalancerClass) {
    faults.push(
      fieldFault.invalid('spec.loadBalancerClass', spec.loadBalancerClass ?? null, 'may not change once set'),
    );
  }
  const keepsHealthCheck = old.type === 'LoadBalancer' && old.externalTrafficPolicy === 'Local';
  const wantsHealthCheck = spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
  if (keepsHealthCheck && wantsHealthCheck && !equalJson(old.healthCheckNodePort, spec.healthCheckNodePort)) {
    faults.push(fieldFault.forbidden('spec.healthCheckNodePort', 'field is immutable'));
  }
  return faults;
}

function validateKind(spec: ServiceSpec): readonly StatusCause[] {
  const faults: StatusCause[] = [];
  const headless = isHeadless(spec);
  if ((spec.ports ?? []).length === 0 && !headless && spec.type !== 'ExternalName') {
    faults.push(fieldFault.required('spec.ports'));
  }
  if (headless && (spec.type === 'LoadBalancer' || spec.type === 'NodePort')) {
    faults.push(fieldFault.invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`));
  }
  if (spec.type !== 'ExternalName') return faults;
  if ((spec.clusterIPs ?? []).length > 0) {
    faults.push(fieldFault.forbidden('spec.clusterIPs', 'may not be set for ExternalName services'));
  }
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (name === '') faults.push(fieldFault.required('spec.externalName'));
  else faults.push(...dnsSubdomainFault('spec.externalName', name));
  return faults;
}

function validatePorts(spec: ServiceSpec): readonly StatusCause[] {
  const faults: StatusCause[] = [];
  const ports = spec.ports ?? [];
  const names = new Set<string>();
  const nodePorts = new Set<string>();
  const pairs = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const path = `spec.ports[${index}]`;
    if (port.name === undefined) {
      if (ports.length > 1) faults.push(fieldFault.required(`${path}.name`));
    } else {
      faults.push(...dnsLabelFault(`${path}.name`, port.name));
      if (names.has(port.name)) faults.push(fieldFault.duplicate(`${path}.name`, port.name));
      names.add(port.name);
    }
    if (!isPort(port.port)) faults.push(fieldFault.invalid(`${path}.port`, port.port, portRange));
    const protocol = port.protocol ?? '';
    if (!protocols.includes(protocol)) faults.push(fieldFault.notSupported(`${path}.protocol`, protocol, protocols));
    faults.push(...validateTargetPort(`${path}.targetPort`, port.targetPort));
  }
  for (const [index, port] of ports.entries()) {
    const path = `spec.ports[${index}]`;
    if (port.nodePort !== undefined) {
      if (spec.type === 'ClusterIP') {
        faults.push(fieldFault.forbidden(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
      }
      const claim = `${port.protocol}/${port.nodePort}`;
      if (nodePorts.has(claim)) faults.push(fieldFault.duplicate(`${path}.nodePort`, port.nodePort));
      nodePorts.add(claim);
    }
    const pair = `${port.protocol}/${port.port}`;
    if (pairs.has(pair)) faults.push(fieldFault.duplicate(path, { protocol: port.protocol, port: port.port }));
    pairs.add(pair);
  }
  return faults;
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}

function validateTargetPort(path: string, target: number | string): readonly StatusCause[] {
  if (typeof target === 'number') return isPort(target) ? [] : [fieldFault.invalid(path, target, portRange)];
  if (/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(target) && /[a-z]/.test(target) && target.length <= 15) return [];
  return [fieldFault.invalid(path, target, 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')];
}

function validateAffinity(spec: ServiceSpec): readonly StatusCause[] {
  const affinity = spec.sessionAffinity ?? '';
  if (!affinities.includes(affinity)) return [fieldFault.notSupported('spec.sessionAffinity', affinity, affinities)];
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (seconds === undefined || (seconds > 0 && seconds <= 86_400)) return [];
  const path = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds';
  return [fieldFault.invalid(path, seconds, 'must be greater than 0 and less than 86400')];
}

function validateType(spec: ServiceSpec): readonly StatusCause[] {
  const faults: StatusCause[] = [];
  for (const [index, address] of (spec.externalIPs ?? []).entries()) {
    if (isIP(address) !== 0) continue;
    const why = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
    faults.push(fieldFault.invalid(`spec.externalIPs[${index}]`, address, why));
  }
  if (!types.includes(spec.type ?? '')) faults.push(fieldFault.notSupported('spec.type', spec.type ?? '', types));
  return faults;
}

function validateSourceRanges(object: Service): readonly StatusCause[] {
  const ranges = object.spec.loadBalancerSourceRanges;
  const annotation = object.metadata.annotations?.[sourceRangesAnnotation];
  const field =
    ranges === undefined ? `metadata.annotations[${sourceRangesAnnotation}]` : 'spec.LoadBalancerSourceRanges';
  if (ranges === undefined && annotation === undefined) return [];
  const faults: StatusCause[] = [];
  if (object.spec.type !== 'LoadBalancer') {
    faults.push(fieldFault.forbidden(field, "may only be used when `type` is 'LoadBalancer'"));
  }
  const listed = ranges ?? (annotation ?? '').split(',').filter((one) => one.trim() !== '');
  for (const [index, range] of listed.entries()) {
    if (isCIDR(range.trim())) continue;
    const path = ranges === undefined ? field : `${field}[${index}]`;
    faults.push(
      fieldFault.invalid(path, range.trim(), 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'),
    );
  }
  return faults;
}

function isCIDR(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  const version = isIP(address);
  return rest.length === 0 && version !== 0 && /^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}

function validateLoadBalancerFields(spec: ServiceSpec): readonly StatusCause[] {
  const faults: StatusCause[] = [];
  const only = "may only be used when `type` is 'LoadBalancer'";
  if (spec.type !== 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts !== undefined) {
      faults.push(fieldFault.forbidden('spec.allocateLoadBalancerNodePorts', only));
    }
    if (spec.loadBalancerClass !== undefined) {
      faults.push(fieldFault.forbidden('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'"));
    }
  } else if (
    spec.loadBalancerClass !== undefined &&
    !/^([a-z0-9.-]+\/)?[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/.test(spec.loadBalancerClass)
  ) {
    faults.push(fieldFault.invalid('spec.loadBalancerClass', spec.loadBalancerClass, 'name part must be non-empty'));
  }
  return faults;
}

function validateTrafficPolicies(spec: ServiceSpec): readonly StatusCause[] {
  const faults: StatusCause[] = [];
  const external = spec.externalTrafficPolicy;
  if (!isExternallyAccessible(spec)) {
    if (external !== undefined) {
      const why = 'may only be set for externally-accessible services';
      faults.push(fieldFault.invalid('spec.externalTrafficPolicy', external, why));
    }
  } else if (external === undefined) {
    faults.push(fieldFault.required('spec.externalTrafficPolicy'));
  } else if (!policies.includes(external)) {
    faults.push(fieldFault.notSupported('spec.externalTrafficPolicy', external, policies));
  }
  const checks = spec.healthCheckNodePort;
  if (checks !== undefined && !(spec.type === 'LoadBalancer' && external === 'Local')) {
    const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    faults.push(fieldFault.invalid('spec.healthCheckNodePort', checks, why));
  }
  const internal = spec.internalTrafficPolicy;
  if (internal !== undefined && !policies.includes(internal)) {
    faults.push(fieldFault.notSupported('spec.internalTrafficPolicy', internal, policies));
  }
  return faults;
}

/** What is wrong with a Service's status. */
export function validateServiceStatus(object: Service): readonly StatusCause[] {
  const path = 'status.loadBalancer.ingress';
  const ingress = object.status.loadBalancer.ingress ?? [];
  if (ingress.length > 0 && object.spec.type !== 'LoadBalancer') {
    return [fieldFault.forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  return ingress.flatMap((one, index) => {
    const here = `${path}[${index}]`;
    const faults: StatusCause[] = [];
    if (one.ip !== undefined && isIP(one.ip) === 0) {
      faults.push(
        fieldFault.invalid(`${here}.ip`, one.ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'),
      );
    }
    if (one.ipMode !== undefined && one.ip === undefined) {
      faults.push(fieldFault.forbidden(`${here}.ipMode`, 'may not be specified when `ip` is not set'));
    } else if (one.ipMode !== undefined && !ipModes.includes(one.ipMode)) {
      faults.push(fieldFault.notSupported(`${here}.ipMode`, one.ipMode, ipModes));
    }
    if (one.hostname !== undefined) {
      faults.push(...dnsSubdomainFault(`${here}.hostname`, one.hostname));
      if (isIP(one.hostname) !== 0) {
        faults.push(fieldFault.invalid(`${here}.hostname`, one.hostname, 'must be a DNS name, not an IP address'));
      }
    }
    return faults;
  });
}

import { equalJson } from '../json.ts';
import { isExternallyAccessible, needsClusterIP, needsHealthCheckNodePort, needsNodePort } from './service-defaults.ts';
import type { Mutable, Service, ServicePort, ServiceSpec } from './service-defaults.ts';

/**
 * What an update of a Service does to fields that the client did not speak of: allocated values that it left out are kept,
 * values that the new type has no use for are dropped if the client did not change them too, and the status stays, but for
 * the load balancer of a Service that has none any more. Source: k8s.io/kubernetes, registry/core/service.
 */
export function prepareServiceUpdate(object: Service, old: Service): Service {
  const spec = dropForType(keepAllocated(object.spec, old.spec), old.spec);
  const status = spec.type === 'LoadBalancer' ? old.status : { ...old.status, loadBalancer: {} };
  return { ...object, spec, status };
}

function keepAllocated(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const next: Mutable<ServiceSpec> = { ...spec };
  if (needsClusterIP(old) && needsClusterIP(spec)) {
    if (next.clusterIP === undefined && old.clusterIP !== undefined) next.clusterIP = old.clusterIP;
    if (next.clusterIPs === undefined && old.clusterIPs !== undefined) next.clusterIPs = old.clusterIPs;
    if (next.ipFamilies === undefined && old.ipFamilies !== undefined) next.ipFamilies = old.ipFamilies;
    if (next.ipFamilyPolicy === undefined && old.ipFamilyPolicy !== undefined) next.ipFamilyPolicy = old.ipFamilyPolicy;
  }
  if (needsNodePort(old) && needsNodePort(spec) && next.ports !== undefined)
    next.ports = keepNodePorts(next.ports, old);
  if (needsHealthCheckNodePort(old) && needsHealthCheckNodePort(spec) && old.healthCheckNodePort !== undefined) {
    next.healthCheckNodePort ??= old.healthCheckNodePort;
  }
  return next;
}

function keepNodePorts(ports: NonNullable<ServiceSpec['ports']>, old: ServiceSpec): NonNullable<ServiceSpec['ports']> {
  const claimed = new Set(ports.map((port) => port.nodePort));
  const byName = new Map((old.ports ?? []).map((port) => [port.name, port.nodePort]));
  return ports.map((port) => {
    const known = byName.get(port.name);
    return port.nodePort !== undefined || known === undefined || claimed.has(known)
      ? port
      : { ...port, nodePort: known };
  });
}

function dropForType(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const next: Mutable<ServiceSpec> = { ...spec };
  const unchanged = (name: keyof ServiceSpec): boolean => equalJson(spec[name], old[name]);
  if (needsClusterIP(old) && !needsClusterIP(spec)) {
    if (unchanged('clusterIP') && unchanged('clusterIPs')) {
      delete next.clusterIP;
      delete next.clusterIPs;
    }
    if (unchanged('ipFamilies')) delete next.ipFamilies;
    if (unchanged('ipFamilyPolicy')) delete next.ipFamilyPolicy;
  }
  if (needsNodePort(old) && !needsNodePort(spec) && sameNodePorts(spec, old) && spec.ports !== undefined) {
    next.ports = spec.ports.map(withoutNodePort);
  }
  if (needsHealthCheckNodePort(old) && !needsHealthCheckNodePort(spec) && unchanged('healthCheckNodePort')) {
    delete next.healthCheckNodePort;
  }
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (unchanged('allocateLoadBalancerNodePorts')) delete next.allocateLoadBalancerNodePorts;
    if (unchanged('loadBalancerClass')) delete next.loadBalancerClass;
  }
  if (isExternallyAccessible(old) && !isExternallyAccessible(spec) && unchanged('externalTrafficPolicy')) {
    delete next.externalTrafficPolicy;
  }
  return next;
}

function withoutNodePort(port: ServicePort): ServicePort {
  const kept: Mutable<ServicePort> = { ...port };
  delete kept.nodePort;
  return kept;
}

function sameNodePorts(spec: ServiceSpec, old: ServiceSpec): boolean {
  const portsOf = (one: ServiceSpec): readonly number[] => (one.ports ?? []).flatMap((port) => port.nodePort ?? []);
  const before = new Set(portsOf(old));
  return portsOf(spec).every((port) => before.has(port));
}

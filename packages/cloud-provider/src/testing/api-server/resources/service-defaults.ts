import type { ApiObject } from '../api-object.ts';
import type { ValueOf } from '../schema.ts';
import type { service } from '../schemas/service.ts';

export type Service = ValueOf<typeof service> & ApiObject;
export type ServiceSpec = Service['spec'];
export type ServicePort = NonNullable<ServiceSpec['ports']>[number];

const clientIPTimeoutSeconds = 10_800;

/** What every decoding of a Service fills in. Source: k8s.io/kubernetes, core/v1 `SetDefaults_Service`. */
export function applyServiceDefaults(object: Service): Service {
  return { ...object, spec: specDefaults(object.spec), status: statusDefaults(object) };
}

function specDefaults(spec: ServiceSpec): ServiceSpec {
  const type = spec.type ?? 'ClusterIP';
  const next: Mutable<ServiceSpec> = { ...spec, type, sessionAffinity: spec.sessionAffinity ?? 'None' };
  if (next.sessionAffinity === 'None') delete next.sessionAffinityConfig;
  if (next.sessionAffinity === 'ClientIP') {
    const timeoutSeconds = next.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? clientIPTimeoutSeconds;
    next.sessionAffinityConfig = { clientIP: { timeoutSeconds } };
  }
  if (spec.ports !== undefined) next.ports = spec.ports.map(portDefaults);
  if (isExternallyAccessible(next)) next.externalTrafficPolicy ??= 'Cluster';
  if (type !== 'ExternalName') next.internalTrafficPolicy ??= 'Cluster';
  if (type === 'LoadBalancer') next.allocateLoadBalancerNodePorts ??= true;
  return next;
}

function portDefaults(port: ServicePort): ServicePort {
  const targetPort = port.targetPort === 0 || port.targetPort === '' ? port.port : port.targetPort;
  return { ...port, protocol: port.protocol ?? 'TCP', targetPort };
}

function statusDefaults(object: Service): Service['status'] {
  const { ingress } = object.status.loadBalancer;
  if (object.spec.type !== 'LoadBalancer' || ingress === undefined) return object.status;
  const filled = ingress.map((one) =>
    one.ip !== undefined && one.ipMode === undefined ? { ...one, ipMode: 'VIP' } : one,
  );
  return { ...object.status, loadBalancer: { ingress: filled } };
}

/** A Service that is reached from outside, by node port or by an external address. */
export function isExternallyAccessible(spec: ServiceSpec): boolean {
  return (
    spec.type === 'LoadBalancer' ||
    spec.type === 'NodePort' ||
    (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0)
  );
}

export function needsClusterIP(spec: ServiceSpec): boolean {
  return spec.type !== 'ExternalName';
}

export function needsNodePort(spec: ServiceSpec): boolean {
  if (spec.type === 'NodePort') return true;
  return spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false;
}

export function needsHealthCheckNodePort(spec: ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

import { bool, field, int, intOrString, list, mapOf, string, struct } from '../schema.ts';
import { condition, objectMeta } from './meta.ts';

// Source: k8s.io/api core/v1, v0.36.

export const servicePort = struct('ServicePort', {
  name: field(1, string),
  protocol: field(2, string),
  appProtocol: field(6, string, { pointer: true }),
  port: field(3, int, { required: true }),
  targetPort: field(4, intOrString, { required: true }),
  nodePort: field(5, int),
});

export const clientIPConfig = struct('ClientIPConfig', {
  timeoutSeconds: field(1, int, { pointer: true }),
});

export const sessionAffinityConfig = struct('SessionAffinityConfig', {
  clientIP: field(1, clientIPConfig, { pointer: true }),
});

export const serviceSpec = struct('ServiceSpec', {
  ports: field(1, list(servicePort), { patch: ['merge'], mergeKey: 'port', listKeys: ['port', 'protocol'] }),
  selector: field(2, mapOf(string), { atomic: true }),
  clusterIP: field(3, string),
  clusterIPs: field(18, list(string)),
  type: field(4, string),
  externalIPs: field(5, list(string)),
  sessionAffinity: field(7, string),
  loadBalancerIP: field(8, string),
  loadBalancerSourceRanges: field(9, list(string)),
  externalName: field(10, string),
  externalTrafficPolicy: field(11, string),
  healthCheckNodePort: field(12, int),
  publishNotReadyAddresses: field(13, bool),
  sessionAffinityConfig: field(14, sessionAffinityConfig, { pointer: true }),
  ipFamilies: field(19, list(string)),
  ipFamilyPolicy: field(17, string, { pointer: true }),
  allocateLoadBalancerNodePorts: field(20, bool, { pointer: true }),
  loadBalancerClass: field(21, string, { pointer: true }),
  internalTrafficPolicy: field(22, string, { pointer: true }),
  trafficDistribution: field(23, string, { pointer: true }),
});

export const portStatus = struct('PortStatus', {
  port: field(1, int, { required: true }),
  protocol: field(2, string, { required: true }),
  error: field(3, string, { pointer: true }),
});

export const loadBalancerIngress = struct('LoadBalancerIngress', {
  ip: field(1, string),
  hostname: field(2, string),
  ipMode: field(3, string, { pointer: true }),
  ports: field(4, list(portStatus)),
});

export const loadBalancerStatus = struct('LoadBalancerStatus', {
  ingress: field(1, list(loadBalancerIngress)),
});

export const serviceStatus = struct('ServiceStatus', {
  loadBalancer: field(1, loadBalancerStatus, { required: true }),
  conditions: field(2, list(condition), { patch: ['merge'], mergeKey: 'type' }),
});

export const service = struct('Service', {
  metadata: field(1, objectMeta, { required: true }),
  spec: field(2, serviceSpec, { required: true }),
  status: field(3, serviceStatus, { required: true }),
});

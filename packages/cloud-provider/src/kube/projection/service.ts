import type {
  LoadBalancerIngress,
  LoadBalancerStatus,
  Service,
  ServicePort,
  ServiceSpec,
  ServiceStatus,
} from '../../api/service.ts';
import { conditionProjection, objectMetaProjection } from './object-meta.ts';
import {
  int,
  intOrString,
  list,
  message,
  nested,
  optionalBool,
  optionalString,
  string,
  stringList,
  within,
} from './projection.ts';

const port = message<ServicePort>({
  name: string(1),
  protocol: string(2),
  port: int(3),
  targetPort: intOrString(4),
  nodePort: int(5),
  appProtocol: string(6),
});

const spec = message<ServiceSpec>({
  type: string(4),
  ports: list(1, port),
  clusterIPs: stringList(18),
  externalIPs: stringList(5),
  sessionAffinity: string(7),
  sessionAffinityTimeout: within(
    [
      ['sessionAffinityConfig', 14],
      ['clientIP', 1],
    ],
    'timeoutSeconds',
    int(1),
  ),
  loadBalancerIP: string(8),
  loadBalancerSourceRanges: stringList(9),
  externalTrafficPolicy: string(11),
  healthCheckNodePort: int(12),
  ipFamilies: stringList(19),
  loadBalancerClass: optionalString(21),
  allocateLoadBalancerNodePorts: optionalBool(20),
});

const ingress = message<LoadBalancerIngress>({ ip: string(1), hostname: string(2), ipMode: string(3) });

const status = message<ServiceStatus>({
  loadBalancer: nested(1, message<LoadBalancerStatus>({ ingress: list(1, ingress) })),
  conditions: list(2, conditionProjection),
});

/** Numbers: k8s.io/api/core/v1/generated.proto. */
export const serviceProjection = message<Service>({
  metadata: nested(1, objectMetaProjection),
  spec: nested(2, spec),
  status: nested(3, status),
});

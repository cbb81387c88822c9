import type { KubernetesObject } from './object-meta.ts';

/** A Service, projected. Source: k8s.io/api core/v1. */
export interface Service extends KubernetesObject {
  readonly spec: ServiceSpec;
  readonly status: ServiceStatus;
}

export interface ServiceSpec {
  readonly type: string;
  readonly ports: readonly ServicePort[];
  readonly clusterIPs: readonly string[];
  readonly externalIPs: readonly string[];
  readonly sessionAffinity: string;
  /** Seconds; zero when unset. */
  readonly sessionAffinityTimeout: number;
  readonly loadBalancerIP: string;
  readonly loadBalancerSourceRanges: readonly string[];
  readonly externalTrafficPolicy: string;
  readonly healthCheckNodePort: number;
  readonly ipFamilies: readonly string[];
  /** Undefined when unset; an empty string is refused by the API server. */
  readonly loadBalancerClass: string | undefined;
  /** Undefined when unset, which means true. */
  readonly allocateLoadBalancerNodePorts: boolean | undefined;
}

export interface ServicePort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  /** As text: a number or a port name. */
  readonly targetPort: string;
  /** Zero when none is allocated. */
  readonly nodePort: number;
  readonly appProtocol: string;
}

export interface ServiceStatus {
  readonly loadBalancer: LoadBalancerStatus;
  readonly conditions: readonly Condition[];
}

export interface LoadBalancerStatus {
  readonly ingress: readonly LoadBalancerIngress[];
}

export interface LoadBalancerIngress {
  readonly ip: string;
  readonly hostname: string;
  /** `VIP`, `Proxy` or empty. */
  readonly ipMode: string;
}

/** A condition as of meta/v1. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

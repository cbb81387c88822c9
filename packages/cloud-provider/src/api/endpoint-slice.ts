import type { KubernetesObject } from './object-meta.ts';

/** An EndpointSlice, projected. Source: k8s.io/api discovery/v1. */
export interface EndpointSlice extends KubernetesObject {
  /** `IPv4`, `IPv6` or `FQDN`. */
  readonly addressType: string;
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly EndpointPort[];
}

export interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions: EndpointConditions;
  readonly nodeName: string;
  readonly zone: string;
}

/** Undefined is what the producer left unsaid: ready and serving then count as true, terminating as false. */
export interface EndpointConditions {
  readonly ready: boolean | undefined;
  readonly serving: boolean | undefined;
  readonly terminating: boolean | undefined;
}

export interface EndpointPort {
  readonly name: string;
  readonly protocol: string;
  /** Zero when unset, which means all ports. */
  readonly port: number;
  readonly appProtocol: string;
}

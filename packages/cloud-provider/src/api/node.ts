import type { KubernetesObject } from './object-meta.ts';

/** A Node, projected. Source: k8s.io/api core/v1. */
export interface Node extends KubernetesObject {
  readonly spec: NodeSpec;
  readonly status: NodeStatus;
}

export interface NodeSpec {
  readonly podCIDRs: readonly string[];
  readonly providerID: string;
  readonly unschedulable: boolean;
  readonly taints: readonly Taint[];
}

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
  /** RFC 3339; empty when unset. */
  readonly timeAdded: string;
}

export interface NodeStatus {
  readonly conditions: readonly NodeCondition[];
  readonly addresses: readonly NodeAddress[];
}

export interface NodeCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly lastTransitionTime: string;
}

export type NodeAddressType = 'Hostname' | 'InternalIP' | 'ExternalIP' | 'InternalDNS' | 'ExternalDNS';

export interface NodeAddress {
  /** One of {@link NodeAddressType}; a string because clusters may hold others. */
  readonly type: string;
  readonly address: string;
}

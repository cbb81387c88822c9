import type { KubernetesObject } from './object-meta.ts';

/** A Lease, projected. Source: k8s.io/api coordination/v1. */
export interface Lease extends KubernetesObject {
  readonly spec: LeaseSpec;
}

export interface LeaseSpec {
  /** Empty when nobody holds it. */
  readonly holderIdentity: string;
  /** Zero when unset. */
  readonly leaseDurationSeconds: number;
  /** RFC 3339 with microseconds; empty when unset. */
  readonly acquireTime: string;
  /** RFC 3339 with microseconds; empty when unset. */
  readonly renewTime: string;
  readonly leaseTransitions: number;
}

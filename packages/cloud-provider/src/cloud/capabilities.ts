/**
 * What a provider promises. Shared code never asks which vendor it talks to, it reads these; the conformance suite holds a
 * provider to each.
 */
export interface Capabilities {
  readonly instances: boolean;
  readonly loadBalancers: readonly LoadBalancerCapability[];
  readonly routes: boolean;
  /** Whether it tells where volumes are. @default false */
  readonly volumes?: boolean;
}

/**
 * `dual-stack`: a load balancer has an address of each family that its Service has. `shared`: Services can ask to be on one load
 * balancer together, and what changes of many of them at once is written at once.
 */
export type LoadBalancerCapability =
  | 'tcp'
  | 'udp'
  | 'mixed-protocols'
  | 'internal'
  | 'source-ranges'
  | 'dual-stack'
  | 'shared';

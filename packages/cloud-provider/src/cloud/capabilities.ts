/**
 * What a provider promises. Shared code never asks which vendor it talks to, it reads these; the conformance suite holds a
 * provider to each.
 */
export interface Capabilities {
  readonly instances: boolean;
  readonly loadBalancers: readonly LoadBalancerCapability[];
  readonly routes: boolean;
}

export type LoadBalancerCapability = 'tcp' | 'udp' | 'mixed-protocols' | 'internal' | 'source-ranges' | 'dual-stack';

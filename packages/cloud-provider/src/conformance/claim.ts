import type { Capabilities, LoadBalancerCapability } from '../cloud/capabilities.ts';

/** One thing that a provider can declare, and that cases demand. */
export type Claim = 'instances' | 'routes' | 'volumes' | LoadBalancerCapability;

/** All claims of load balancers, in the order of reports. */
export const loadBalancerClaims: readonly LoadBalancerCapability[] = [
  'tcp',
  'udp',
  'mixed-protocols',
  'internal',
  'source-ranges',
  'dual-stack',
  'shared',
];

/** What the capabilities declare. */
export function claimsOf(capabilities: Capabilities): ReadonlySet<Claim> {
  return new Set<Claim>([
    ...(capabilities.instances ? (['instances'] as const) : []),
    ...capabilities.loadBalancers,
    ...(capabilities.routes ? (['routes'] as const) : []),
    ...(capabilities.volumes === true ? (['volumes'] as const) : []),
  ]);
}

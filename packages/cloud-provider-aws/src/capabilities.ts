import type { Capabilities } from '@ccm-ts/cloud-provider';

/** What this release does. The README says what of the Go manager it does not do yet. */
export const awsCapabilities: Capabilities = {
  instances: true,
  loadBalancers: ['tcp', 'udp', 'mixed-protocols', 'dual-stack', 'internal', 'source-ranges'],
  routes: true,
  volumes: true,
};

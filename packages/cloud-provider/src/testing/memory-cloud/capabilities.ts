import type { Capabilities } from '../../cloud/capabilities.ts';

export const memoryCapabilities: Capabilities = {
  instances: true,
  loadBalancers: ['tcp', 'udp', 'mixed-protocols', 'internal', 'source-ranges'],
  routes: true,
  volumes: true,
};

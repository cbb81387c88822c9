import { field, int, microTime, string, struct } from '../schema.ts';
import { objectMeta } from './meta.ts';

// Source: k8s.io/api coordination/v1, v0.36.

export const leaseSpec = struct('LeaseSpec', {
  holderIdentity: field(1, string, { pointer: true }),
  leaseDurationSeconds: field(2, int, { pointer: true }),
  acquireTime: field(3, microTime, { pointer: true }),
  renewTime: field(4, microTime, { pointer: true }),
  leaseTransitions: field(5, int, { pointer: true }),
  strategy: field(6, string, { pointer: true }),
  preferredHolder: field(7, string, { pointer: true }),
});

export const lease = struct('Lease', {
  metadata: field(1, objectMeta, { required: true }),
  spec: field(2, leaseSpec, { required: true }),
});

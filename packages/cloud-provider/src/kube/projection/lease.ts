import type { Lease, LeaseSpec } from '../../api/lease.ts';
import { objectMetaProjection } from './object-meta.ts';
import { int, message, microTime, nested, string } from './projection.ts';

const spec = message<LeaseSpec>({
  holderIdentity: string(1),
  leaseDurationSeconds: int(2),
  acquireTime: microTime(3),
  renewTime: microTime(4),
  leaseTransitions: int(5),
});

/** Numbers: k8s.io/api/coordination/v1/generated.proto. */
export const leaseProjection = message<Lease>({ metadata: nested(1, objectMetaProjection), spec: nested(2, spec) });

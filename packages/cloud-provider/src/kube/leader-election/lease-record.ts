import type { LeaseSpec } from '../../api/lease.ts';

/** What a Lease says about its holder. */
export type LeaseRecord = LeaseSpec;

export const noRecord: LeaseRecord = {
  holderIdentity: '',
  leaseDurationSeconds: 0,
  acquireTime: '',
  renewTime: '',
  leaseTransitions: 0,
};

/** Whether nobody wrote the record in between. Other changes of the Lease, an annotation for example, are no sign of life. */
export function isSameRecord(one: LeaseRecord, other: LeaseRecord): boolean {
  return (
    one.holderIdentity === other.holderIdentity &&
    one.leaseDurationSeconds === other.leaseDurationSeconds &&
    one.acquireTime === other.acquireTime &&
    one.renewTime === other.renewTime &&
    one.leaseTransitions === other.leaseTransitions
  );
}

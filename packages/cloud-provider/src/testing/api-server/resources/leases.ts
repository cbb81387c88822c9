import type { ApiObject } from '../api-object.ts';
import { defineResource } from '../resource.ts';
import type { ValueOf } from '../schema.ts';
import { lease } from '../schemas/lease.ts';
import { fieldFault } from '../status.ts';
import type { StatusCause } from '../status.ts';
import { ageColumn, nameColumn } from '../table.ts';

type Lease = ValueOf<typeof lease> & ApiObject;

export const leases = defineResource({
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  singular: 'lease',
  kind: 'Lease',
  namespaced: true,
  type: lease,
  createsOnUpdate: true,
  allowsUnconditionalUpdate: false,
  validate,
  columns: [
    nameColumn,
    { name: 'Holder', priority: 0, cell: (object) => (object as Lease).spec.holderIdentity ?? '' },
    ageColumn,
  ],
});

function validate(object: Lease): readonly StatusCause[] {
  const { leaseDurationSeconds, leaseTransitions } = object.spec;
  const faults: StatusCause[] = [];
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    faults.push(fieldFault.invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'));
  }
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    faults.push(fieldFault.invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0'));
  }
  return faults;
}

import type { ApiObject } from '../api-object.ts';
import { defineResource } from '../resource.ts';
import type { ValueOf } from '../schema.ts';
import { namespace } from '../schemas/namespace.ts';
import { ageColumn, nameColumn } from '../table.ts';

type Namespace = ValueOf<typeof namespace> & ApiObject;

const kubernetesFinalizer = 'kubernetes';

export const namespaces = defineResource({
  group: '',
  version: 'v1',
  plural: 'namespaces',
  singular: 'namespace',
  kind: 'Namespace',
  shortNames: ['ns'],
  namespaced: false,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: ['finalize', 'status'],
  type: namespace,
  nameRule: 'label',
  returnsDeletedObject: true,
  selectableFields: {
    'status.phase': (object) => (object as Namespace).status.phase ?? '',
    name: (object) => object.metadata.name ?? '',
  },
  applyDefaults,
  prepareForCreate: (object) => ({
    ...object,
    spec: { finalizers: [...new Set([...(object.spec.finalizers ?? []), kubernetesFinalizer])] },
    status: { phase: 'Active' },
  }),
  prepareForUpdate: (object, old) => ({ ...object, spec: old.spec, status: old.status }),
  isHeld: (object) => (object.spec.finalizers ?? []).length > 0,
  markDeleted: (object) => ({ ...object, status: { ...object.status, phase: 'Terminating' } }),
  columns: [
    nameColumn,
    { name: 'Status', priority: 0, cell: (object) => (object as Namespace).status.phase ?? '' },
    ageColumn,
  ],
});

/** Every namespace carries its own name as a label. */
function applyDefaults(object: Namespace): Namespace {
  const { name, labels } = object.metadata;
  if (name === undefined || labels?.['kubernetes.io/metadata.name'] === name) return object;
  const named = Object.entries({ ...labels, 'kubernetes.io/metadata.name': name }).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...object, metadata: { ...object.metadata, labels: Object.fromEntries(named) } };
}

import type { ApiObject } from '../api-object.ts';
import { isJsonList, textAt, valueAt } from '../json.ts';
import type { Json } from '../json.ts';
import { defineResource } from '../resource.ts';
import { pod } from '../schemas/pod.ts';
import { fieldFault } from '../status.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Column } from '../table.ts';

const defaultGraceSeconds = 30;

/** Pods, as far as tools ask for them: the spec and the status are kept as they come. Nothing runs them. */
export const pods = defineResource({
  group: '',
  version: 'v1',
  plural: 'pods',
  singular: 'pod',
  kind: 'Pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  subresources: ['status'],
  type: pod,
  returnsDeletedObject: true,
  countsGenerations: true,
  selectableFields: {
    'spec.nodeName': (object) => textAt(object, ['spec', 'nodeName']),
    'spec.restartPolicy': (object) => textAt(object, ['spec', 'restartPolicy']),
    'spec.schedulerName': (object) => textAt(object, ['spec', 'schedulerName']),
    'spec.serviceAccountName': (object) => textAt(object, ['spec', 'serviceAccountName']),
    'spec.hostNetwork': (object) => String(valueAt(object, ['spec', 'hostNetwork']) === true),
    'status.phase': (object) => textAt(object, ['status', 'phase']),
    'status.podIP': (object) => textAt(object, ['status', 'podIP']),
    'status.nominatedNodeName': (object) => textAt(object, ['status', 'nominatedNodeName']),
  },
  prepareForCreate: (object) => ({ ...object, status: { phase: 'Pending' } }),
  prepareForUpdate: (object, old) => ({ ...object, status: old.status }),
  validate: (object) => (containers(object).length > 0 ? [] : [fieldFault.required('spec.containers')]),
  gracePeriod,
  columns: podColumns(),
});

/** A Pod that runs somewhere is given time to end; what runs nowhere goes at once. */
function gracePeriod(object: ApiObject, requested: number | undefined): number {
  const phase = textAt(object, ['status', 'phase']);
  if (textAt(object, ['spec', 'nodeName']) === '' || phase === 'Failed' || phase === 'Succeeded') return 0;
  const own = valueAt(object, ['spec', 'terminationGracePeriodSeconds']);
  return requested ?? (typeof own === 'number' ? own : defaultGraceSeconds);
}

function containers(object: ApiObject): readonly Json[] {
  const found = valueAt(object, ['spec', 'containers']);
  return isJsonList(found) ? found : [];
}

function podColumns(): readonly Column[] {
  const text = (name: string, path: readonly string[]): Column => ({
    name,
    priority: 1,
    cell: (object) => textAt(object, path) || '<none>',
  });
  return [
    nameColumn,
    { name: 'Ready', priority: 0, cell: readyContainers },
    { name: 'Status', priority: 0, cell: status },
    { name: 'Restarts', priority: 0, cell: () => '0' },
    ageColumn,
    text('IP', ['status', 'podIP']),
    text('Node', ['spec', 'nodeName']),
    text('Nominated Node', ['status', 'nominatedNodeName']),
    { name: 'Readiness Gates', priority: 1, cell: () => '<none>' },
  ];
}

function readyContainers(object: ApiObject): string {
  const statuses = valueAt(object, ['status', 'containerStatuses']);
  const ready = isJsonList(statuses) ? statuses.filter((one) => valueAt(one, ['ready']) === true).length : 0;
  return `${ready}/${containers(object).length}`;
}

function status(object: ApiObject): string {
  if (object.metadata.deletionTimestamp !== undefined) return 'Terminating';
  return textAt(object, ['status', 'phase']) || 'Unknown';
}

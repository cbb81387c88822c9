import type { ApiObject } from '../api-object.ts';
import { equalJson } from '../json.ts';
import { defineResource } from '../resource.ts';
import type { ValueOf } from '../schema.ts';
import { configMap, secret, serviceAccount } from '../schemas/config.ts';
import { fieldFault } from '../status.ts';
import type { StatusCause } from '../status.ts';
import { ageColumn, nameColumn } from '../table.ts';

type ConfigMap = ValueOf<typeof configMap> & ApiObject;
type Secret = ValueOf<typeof secret> & ApiObject;

export const configMaps = defineResource({
  group: '',
  version: 'v1',
  plural: 'configmaps',
  singular: 'configmap',
  kind: 'ConfigMap',
  shortNames: ['cm'],
  namespaced: true,
  type: configMap,
  validate: (object, old) => validateImmutable(object, old as ConfigMap | undefined),
  columns: [
    nameColumn,
    { name: 'Data', priority: 0, cell: (object) => String(entries(object as ConfigMap)) },
    ageColumn,
  ],
});

export const secrets = defineResource({
  group: '',
  version: 'v1',
  plural: 'secrets',
  singular: 'secret',
  kind: 'Secret',
  namespaced: true,
  type: secret,
  selectableFields: { type: (object) => (object as Secret).type ?? '' },
  applyDefaults: encodeTexts,
  validate: (object, old) => validateImmutable(object, old as Secret | undefined),
  columns: [
    nameColumn,
    { name: 'Type', priority: 0, cell: (object) => (object as Secret).type ?? '' },
    { name: 'Data', priority: 0, cell: (object) => String(Object.keys((object as Secret).data ?? {}).length) },
    ageColumn,
  ],
});

export const serviceAccounts = defineResource({
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  kind: 'ServiceAccount',
  shortNames: ['sa'],
  namespaced: true,
  type: serviceAccount,
  returnsDeletedObject: true,
  columns: [nameColumn, ageColumn],
});

function entries(object: ConfigMap): number {
  return Object.keys(object.data ?? {}).length + Object.keys(object.binaryData ?? {}).length;
}

/** `stringData` is for writing only. */
function encodeTexts({ stringData, ...object }: Secret): Secret {
  const texts = Object.entries(stringData ?? {}).map(([name, text]): [string, string] => [
    name,
    Buffer.from(text).toString('base64'),
  ]);
  const data = stringData === undefined ? object.data : { ...object.data, ...Object.fromEntries(texts) };
  return { ...object, ...(data === undefined ? {} : { data }), type: object.type ?? 'Opaque' };
}

function validateImmutable(object: ConfigMap | Secret, old: ConfigMap | Secret | undefined): readonly StatusCause[] {
  if (old?.immutable !== true) return [];
  const faults: StatusCause[] = [];
  if (object.immutable !== true)
    faults.push(fieldFault.forbidden('immutable', 'field is immutable when `immutable` is set'));
  if (!equalJson(object.data, old.data)) {
    faults.push(fieldFault.forbidden('data', 'field is immutable when `immutable` is set'));
  }
  return faults;
}

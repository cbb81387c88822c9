import type { ApiObject } from './api-object.ts';
import { withMetadata } from './api-object.ts';
import { equalJson } from './json.ts';
import { labelValueFault, nameFault, qualifiedNameFault } from './names.ts';
import type { ResourceDefinition } from './resource.ts';
import { fieldFault } from './status.ts';
import type { StatusCause } from './status.ts';

const annotationsLimit = 256 * 1024;

/** What is wrong with the metadata of a new object. */
export function validateNewMetadata(resource: ResourceDefinition, object: ApiObject): readonly StatusCause[] {
  const { name, generateName } = object.metadata;
  const faults: StatusCause[] = [];
  if (name === undefined) {
    faults.push(
      generateName === undefined
        ? fieldFault.required('metadata.name', 'name or generateName is required')
        : fieldFault.required('metadata.name'),
    );
  } else {
    faults.push(...nameFault(resource.nameRule, 'metadata.name', name));
  }
  return [...faults, ...validateMetadata(object)];
}

/** What is wrong with the metadata of a changed object. */
export function validateChangedMetadata(object: ApiObject, old: ApiObject): readonly StatusCause[] {
  const faults: StatusCause[] = [];
  const { metadata } = object;
  if (old.metadata.deletionTimestamp !== undefined) {
    const before = new Set(old.metadata.finalizers ?? []);
    const added = (metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
    if (added.length > 0) {
      const why = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((one) => JSON.stringify(one)).join(', ')}}`;
      faults.push(fieldFault.forbidden('metadata.finalizers', why));
    }
  }
  for (const name of [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ] as const) {
    if (!equalJson(metadata[name], old.metadata[name])) {
      faults.push(fieldFault.invalid(`metadata.${name}`, metadata[name] ?? null, 'field is immutable'));
    }
  }
  return [...faults, ...validateMetadata(object)];
}

function validateMetadata(object: ApiObject): readonly StatusCause[] {
  const { labels = {}, annotations = {}, finalizers = [], ownerReferences = [] } = object.metadata;
  const faults: StatusCause[] = [];
  for (const [key, value] of Object.entries(labels)) {
    faults.push(...qualifiedNameFault('metadata.labels', key), ...labelValueFault('metadata.labels', value));
  }
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    faults.push(...qualifiedNameFault('metadata.annotations', key.toLowerCase()));
    size += key.length + value.length;
  }
  if (size > annotationsLimit) {
    faults.push({
      reason: 'FieldValueTooLong',
      message: 'Too long: may not be more than 262144 bytes',
      field: 'metadata.annotations',
    });
  }
  for (const [index, reference] of ownerReferences.entries()) {
    for (const name of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      if (reference[name] === '')
        faults.push(fieldFault.invalid(`metadata.ownerReferences[${index}].${name}`, '', 'must not be empty'));
    }
  }
  for (const [index, finalizer] of finalizers.entries())
    faults.push(...finalizerFault(`metadata.finalizers[${index}]`, finalizer));
  return faults;
}

const standardFinalizers = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

function finalizerFault(field: string, finalizer: string): readonly StatusCause[] {
  const faults = qualifiedNameFault(field, finalizer);
  if (faults.length > 0 || finalizer.includes('/') || standardFinalizers.has(finalizer)) return faults;
  const why = 'name is neither a standard finalizer name nor is it fully qualified';
  return [fieldFault.invalid(field, finalizer, why)];
}

/** Restores what no client may set: the fields of the server's own. */
export function keepServerMetadata(object: ApiObject, old: ApiObject): ApiObject {
  const before = old.metadata;
  return withMetadata(object, {
    namespace: object.metadata.namespace ?? before.namespace,
    uid: object.metadata.uid ?? before.uid,
    resourceVersion: before.resourceVersion,
    generation: before.generation,
    creationTimestamp: before.creationTimestamp,
    deletionTimestamp: before.deletionTimestamp ?? object.metadata.deletionTimestamp,
    deletionGracePeriodSeconds: object.metadata.deletionGracePeriodSeconds ?? before.deletionGracePeriodSeconds,
    managedFields: before.managedFields,
    selfLink: undefined,
  });
}

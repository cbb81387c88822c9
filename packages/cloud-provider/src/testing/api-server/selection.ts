import { matchesLabels } from '../../base/label-selector.ts';
import type { ApiObject } from './api-object.ts';
import type { ResourceDefinition } from './resource.ts';
import { matchesFields, parseFieldSelector, parseLabelSelector } from './selectors.ts';
import { badRequest } from './status.ts';

/** Which objects of a resource a list or a watch is about. */
export interface Selection {
  /** Empty for all namespaces. */
  readonly namespace: string;
  /** True when a label or field selector narrows the choice. */
  readonly isNarrowed: boolean;
  readonly matches: (object: ApiObject) => boolean;
}

/** @throws StatusError 400 for a selector that cannot be read or names a field that is not selectable. */
export function selectObjects(
  resource: ResourceDefinition,
  request: { readonly namespace: string; readonly labelSelector: string; readonly fieldSelector: string },
): Selection {
  const labels = parseLabelSelector(request.labelSelector);
  const fields = parseFieldSelector(request.fieldSelector);
  for (const { path } of fields) {
    const known =
      path === 'metadata.name' ||
      (path === 'metadata.namespace' && resource.namespaced) ||
      Object.hasOwn(resource.selectableFields, path);
    if (!known) throw badRequest(`field label not supported: ${path}`);
  }
  const { namespace } = request;
  return {
    namespace,
    isNarrowed: labels.length > 0 || fields.length > 0,
    matches: (object) =>
      (namespace === '' || object.metadata.namespace === namespace) &&
      matchesLabels(labels, object.metadata.labels) &&
      matchesFields(fields, (path) => fieldValue(resource, object, path)),
  };
}

function fieldValue(resource: ResourceDefinition, object: ApiObject, path: string): string {
  if (path === 'metadata.name') return object.metadata.name ?? '';
  if (path === 'metadata.namespace') return object.metadata.namespace ?? '';
  return resource.selectableFields[path]?.(object) ?? '';
}

import type { ApiObject } from '../api-object.ts';
import { appliedFields, mergeApplied, pruneFields } from '../field-ownership/applied-fields.ts';
import { FieldManagers, ownable } from '../field-ownership/field-managers.ts';
import { union } from '../field-ownership/field-set.ts';
import { isJsonObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { parseJson } from '../request-body.ts';
import type { ResourceDefinition } from '../resource.ts';
import { groupVersion } from '../resource.ts';
import { badRequest, fieldFault, invalid, unsupportedMediaType } from '../status.ts';
import type { PatchRequest } from './patch-request.ts';

const applyType = 'application/apply-patch+yaml';

export function isApplyPatch(mediaType: string): boolean {
  return mediaType === applyType;
}

export interface ApplyRequest {
  readonly resource: ResourceDefinition;
  readonly body: Buffer;
  readonly manager: string;
  readonly force: boolean;
  readonly route: { readonly name: string; readonly subresource: string };
}

/** Reads a server-side apply. @throws StatusError 400, 415, 422, 500 */
export function readApply(request: ApplyRequest): PatchRequest {
  const { resource, manager, route } = request;
  if (!resource.tracksManagers) throw unsupportedMediaType('server-side apply is not offered here for this resource');
  if (manager === '') {
    const fault = fieldFault.required('fieldManager', 'is required for apply patch');
    throw invalid({ group: 'meta.k8s.io', label: 'PatchOptions' }, '', [fault]);
  }
  const content = parse(request.body);
  const { apiVersion, kind } = content;
  if (apiVersion !== groupVersion(resource) || kind !== resource.kind) {
    throw badRequest(`the applied object must say apiVersion ${groupVersion(resource)} and kind ${resource.kind}`);
  }
  if (isJsonObject(content['metadata']) && content['metadata']['managedFields'] !== undefined)
    throw badRequest('metadata.managedFields must be nil');
  // The kind says which fields there are, and the other half of the object is not this request's.
  const config = without(content, ['apiVersion', 'kind', route.subresource === 'status' ? 'spec' : 'status']);
  const fields = ownable(appliedFields(resource.type, config));
  return {
    content,
    applied: { fields, force: request.force },
    apply: (current) => {
      const metadata = (current as ApiObject).metadata as ApiObject['metadata'] | undefined;
      const managers = FieldManagers.read(metadata);
      const self = {
        name: manager,
        operation: 'Apply',
        apiVersion: groupVersion(resource),
        subresource: route.subresource,
      } as const;
      const owned = union(managers.with(self, fields, '').owned, fields);
      const merged = mergeApplied(resource.type, without(current, ['apiVersion', 'kind']), config);
      const pruned = pruneFields(resource.type, merged, { before: managers.fieldsOf(self), owned });
      return { kind: resource.kind, apiVersion: groupVersion(resource), ...pruned };
    },
  };
}

function without(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** YAML that is not JSON is not read here; no client of Kubernetes' own sends any. */
function parse(body: Buffer): JsonObject {
  const content = parseJson(body.toString());
  if (!isJsonObject(content)) throw badRequest('error decoding YAML: the applied configuration must be a JSON object');
  return content;
}

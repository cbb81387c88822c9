import type { ApiObject } from '../api-object.ts';
import { withMetadata } from '../api-object.ts';
import { canonical } from '../registry.ts';
import type { Registry } from '../registry.ts';
import type { ResourceDefinition } from '../resource.ts';
import { groupVersion } from '../resource.ts';
import { compareFields } from './compare-fields.ts';
import { type FieldManager, FieldManagers, applyConflict, withoutServerFields } from './field-managers.ts';
import { type FieldSet, equalSets } from './field-set.ts';

/** What a server-side apply says. */
export interface Applied {
  /** The fields of its configuration. */
  readonly fields: FieldSet;
  /** Takes fields over from other managers. */
  readonly force: boolean;
}

/** One write, before its owners are recorded. */
export interface UnrecordedWrite {
  readonly next: ApiObject;
  /** The object as the client wrote it: what admission adds is not the client's. */
  readonly written: ApiObject;
  readonly old: ApiObject | undefined;
  readonly subresource: string;
  readonly applied?: Applied | undefined;
  readonly options: { readonly manager: string };
}

/**
 * The written object with `metadata.managedFields` that say who owns what now; the old one when the write changed nothing.
 *
 * @throws StatusError 409 when an apply without force changes what others own
 */
export function recordManagers(registry: Registry, resource: ResourceDefinition, write: UnrecordedWrite): ApiObject {
  const { next, written, old, applied } = write;
  if (!resource.tracksManagers) return next;
  if (next === old && !applied) return old;
  const manager: FieldManager = {
    name: write.options.manager,
    operation: applied ? 'Apply' : 'Update',
    apiVersion: groupVersion(resource),
    subresource: write.subresource,
  };
  const nothing = canonical(resource, {}, undefined);
  const compared = compareFields(resource.type, old ?? nothing, old ? next : canonical(resource, written, undefined));
  const changes = withoutServerFields(compared);
  const now = registry.timestamp();
  let managers = FieldManagers.read(old?.metadata);
  if (!applied) {
    // An object that nobody's fields are recorded of goes unrecorded until the first apply.
    if (old && managers.isEmpty) return next;
    managers = managers.withUpdate(manager, changes, now);
  } else {
    if (old && managers.isEmpty) {
      const all = withoutServerFields(compareFields(resource.type, nothing, old));
      const unknown = { ...manager, name: 'before-first-apply', operation: 'Update', subresource: '' } as const;
      managers = managers.withUpdate(unknown, all, now);
    }
    const isSameIntent = equalSets(managers.fieldsOf(manager), applied.fields);
    if (next === old && isSameIntent) return old;
    const conflicts = managers.conflicts(manager, changes);
    if (conflicts.length > 0 && !applied.force) throw applyConflict(conflicts);
    managers = managers.withLosses(manager, changes).with(manager, applied.fields, now);
  }
  return canonical(resource, withMetadata(next, { managedFields: managers.toMetadata() }), old);
}

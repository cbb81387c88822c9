import type { ApiObject } from './api-object.ts';
import { withMetadata } from './api-object.ts';
import type { StoredObject } from './collection.ts';
import { canonical, kindOf } from './registry.ts';
import type { Registry } from './registry.ts';
import type { ResourceDefinition } from './resource.ts';
import { conflict } from './status.ts';

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly gracePeriodSeconds: number | undefined;
  readonly propagationPolicy: 'Orphan' | 'Background' | 'Foreground' | undefined;
  readonly preconditions: { readonly uid: string | undefined; readonly resourceVersion: string | undefined };
}

/** `gone` tells an object that is no more from one that waits for its finalizers or its grace period. */
export interface DeleteResult {
  readonly object: ApiObject;
  readonly gone: boolean;
}

/** Deletes an object, or marks it when something still holds it. @throws StatusError */
export function deleteObject(
  registry: Registry,
  resource: ResourceDefinition,
  request: { readonly namespace: string; readonly name: string; readonly options: DeleteOptions },
): DeleteResult {
  const { options } = request;
  const stored = registry.stored(resource, request.namespace, request.name);
  const { object } = stored;
  checkPreconditions(resource, object, options);
  const grace = resource.gracePeriod?.(object, options.gracePeriodSeconds) ?? 0;
  const pendingGrace =
    object.metadata.deletionTimestamp !== undefined && object.metadata.deletionGracePeriodSeconds !== 0;
  if (pendingGrace && options.gracePeriodSeconds !== 0) return { object, gone: false };
  const finalizers = finalizersAfter(object, options);
  if (grace === 0 && finalizers.length === 0 && resource.isHeld?.(object) !== true) {
    if (options.dryRun) return { object, gone: true };
    return { object: removeStored(registry, resource, stored), gone: true };
  }
  const next = marked(registry, resource, { object, finalizers, grace });
  if (next === object || options.dryRun) return { object: next, gone: false };
  const { key, namespace, name } = stored;
  const put = registry
    .collection(resource)
    .put({ key, namespace, name }, (revision) =>
      canonical(resource, withMetadata(next, { resourceVersion: String(revision) }), object),
    );
  return { object: put.object, gone: false };
}

function checkPreconditions(resource: ResourceDefinition, object: ApiObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions;
  const { metadata } = object;
  const name = metadata.name ?? '';
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw conflict(kindOf(resource), name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw conflict(kindOf(resource), name, why);
  }
}

/** Propagation is asked for by finalizers, which a garbage collector would honour; there is none here. */
function finalizersAfter(object: ApiObject, options: DeleteOptions): readonly string[] {
  const before = object.metadata.finalizers ?? [];
  const kept = before.filter((one) => one !== 'orphan' && one !== 'foregroundDeletion');
  switch (options.propagationPolicy) {
    case 'Orphan':
      return [...kept, 'orphan'];
    case 'Foreground':
      return [...kept, 'foregroundDeletion'];
    case 'Background':
      return kept;
    case undefined:
      return before;
  }
}

function marked(
  registry: Registry,
  resource: ResourceDefinition,
  change: { readonly object: ApiObject; readonly finalizers: readonly string[]; readonly grace: number },
): ApiObject {
  const { object, grace } = change;
  const { metadata } = object;
  const first = metadata.deletionTimestamp === undefined;
  const counted = first && metadata.generation !== undefined ? metadata.generation + 1 : metadata.generation;
  const held = withMetadata(object, {
    deletionTimestamp: metadata.deletionTimestamp ?? laterTimestamp(registry, grace),
    deletionGracePeriodSeconds: first || grace === 0 ? grace : metadata.deletionGracePeriodSeconds,
    generation: counted,
    finalizers: change.finalizers.length === 0 ? undefined : change.finalizers,
  });
  return canonical(resource, first ? (resource.markDeleted?.(held) ?? held) : held, object);
}

function laterTimestamp(registry: Registry, seconds: number): string {
  return `${new Date(registry.clock.now().getTime() + seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/** True for an object whose deletion was asked for and that nothing holds any more. */
export function shouldRemove(resource: ResourceDefinition, object: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds !== 0) return false;
  return finalizers.length === 0 && resource.isHeld?.(object) !== true;
}

/** Takes an object out of its collection and gives back what it held. */
export function removeStored(registry: Registry, resource: ResourceDefinition, stored: StoredObject): ApiObject {
  registry
    .collection(resource)
    .remove(stored.key, (last, revision) => withMetadata(last, { resourceVersion: String(revision) }));
  resource.release?.(stored.object);
  return stored.object;
}

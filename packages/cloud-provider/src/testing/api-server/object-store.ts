import type { ApiObject } from './api-object.ts';
import { storageKey } from './api-object.ts';
import type { ChangeType } from './collection.ts';
import { deleteObject } from './deletions.ts';
import type { JsonObject } from './json.ts';
import { applyMergePatch } from './patch/merge-patch.ts';
import type { Registry } from './registry.ts';
import type { ResourceDefinition } from './resource.ts';
import type { DraftOf } from './schema.ts';
import type { ResourceTypes, ResourceValue } from './resources/resource-types.ts';
import { StatusError } from './status.ts';
import { createObject, updateObject } from './writes.ts';
import type { Subresource, WriteOptions } from './writes.ts';

/** Any resource that the server serves, by its plural. */
export type ResourceName = keyof ResourceTypes;

/** An object as a client would write it. */
export type ObjectDraft<R extends ResourceName> = DraftOf<ResourceTypes[R]>;

/** Where an object is. The namespace of namespaced resources is `default` when left out. */
export interface ObjectPlace {
  readonly namespace?: string;
  readonly name: string;
}

/** A change as a listener of the store sees it. */
export interface StoreChange<R extends ResourceName> {
  readonly type: ChangeType;
  readonly object: ResourceValue<R>;
}

/**
 * The server's objects without HTTP, for tests and demonstrations: the same rules, defaults and watches, no waiting.
 * Objects are immutable. All methods throw the {@link StatusError} that a client would get.
 */
export class ObjectStore {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** The version of the latest write. */
  get resourceVersion(): string {
    return String(this.#registry.revisions.current);
  }

  /** Undefined when there is no such object. */
  get<R extends ResourceName>(resource: R, place: ObjectPlace | string): ResourceValue<R> | undefined {
    const definition = this.#definition(resource);
    const { namespace, name } = placeOf(definition, place);
    const stored = this.#registry.collection(definition).get(storageKey(namespace, name));
    return stored && this.#present<R>(definition, stored.object);
  }

  /** All objects, or those of one namespace, in the order of their names. */
  list<R extends ResourceName>(
    resource: R,
    options: { readonly namespace?: string } = {},
  ): readonly ResourceValue<R>[] {
    const definition = this.#definition(resource);
    return this.#registry
      .collection(definition)
      .list()
      .filter((stored) => options.namespace === undefined || stored.namespace === options.namespace)
      .map((stored) => this.#present<R>(definition, stored.object));
  }

  create<R extends ResourceName>(resource: R, draft: ObjectDraft<R>): ResourceValue<R> {
    const definition = this.#definition(resource);
    const input = draft as JsonObject;
    const namespace = definition.namespaced ? (namespaceOf(input) ?? 'default') : '';
    return this.#present(definition, createObject(this.#registry, definition, { namespace, input, options }).object);
  }

  /** Applies a merge patch to the object or to its status subresource. */
  patch<R extends ResourceName>(
    resource: R,
    place: (ObjectPlace & { readonly subresource?: Subresource }) | string,
    patch: ObjectDraft<R>,
  ): ResourceValue<R> {
    return this.#change(resource, place, (current) => applyMergePatch(current, patch as JsonObject));
  }

  /** Replaces the object by what the function makes of it. */
  update<R extends ResourceName>(
    resource: R,
    place: (ObjectPlace & { readonly subresource?: Subresource }) | string,
    change: (current: ResourceValue<R>) => ObjectDraft<R>,
  ): ResourceValue<R> {
    return this.#change(resource, place, (current) => change(current as ResourceValue<R>) as JsonObject);
  }

  /** Deletes the object, or marks it as deleted while finalizers hold it. False when there was none. */
  delete(resource: ResourceName, place: ObjectPlace | string): boolean {
    const definition = this.#definition(resource);
    const target = placeOf(definition, place);
    if (!this.#registry.collection(definition).get(storageKey(target.namespace, target.name))) return false;
    const preconditions = { uid: undefined, resourceVersion: undefined };
    deleteObject(this.#registry, definition, {
      ...target,
      options: { dryRun: false, gracePeriodSeconds: 0, propagationPolicy: undefined, preconditions },
    });
    return true;
  }

  /** Calls back within each later write. The returned function ends it. */
  watch<R extends ResourceName>(resource: R, listener: (change: StoreChange<R>) => void): () => void {
    const definition = this.#definition(resource);
    return this.#registry.collection(definition).subscribe(({ type, current }) => {
      listener({ type, object: this.#present(definition, current.object) });
    });
  }

  #change<R extends ResourceName>(
    resource: R,
    place: (ObjectPlace & { readonly subresource?: Subresource }) | string,
    change: (current: ApiObject) => JsonObject,
  ): ResourceValue<R> {
    const definition = this.#definition(resource);
    const { namespace, name } = placeOf(definition, place);
    const subresource = typeof place === 'string' ? '' : (place.subresource ?? '');
    const stored = this.#registry.stored(definition, namespace, name);
    const result = updateObject(this.#registry, definition, {
      target: { namespace, name, subresource },
      change: (current) => change(current ?? stored.object),
      origin: 'patch',
      options,
    });
    return this.#present(definition, result.object);
  }

  #definition(resource: ResourceName): ResourceDefinition {
    const [plural = '', ...group] = resource.split('.');
    const found = this.#registry.resources.find((one) => one.plural === plural && one.group === group.join('.'));
    if (found) return found;
    const unique = this.#registry.resources.find((one) => one.plural === plural);
    if (unique) return unique;
    throw new StatusError({ code: 404, reason: 'NotFound', message: `this server has no resource ${resource}` });
  }

  #present<R extends ResourceName>(definition: ResourceDefinition, object: ApiObject): ResourceValue<R> {
    return this.#registry.present(definition, object) as unknown as ResourceValue<R>;
  }
}

const options: WriteOptions = {
  dryRun: false,
  fieldValidation: 'Strict',
  manager: 'unknown',
  warn: () => undefined,
};

function placeOf(definition: ResourceDefinition, place: ObjectPlace | string): { namespace: string; name: string } {
  const { namespace = 'default', name } = typeof place === 'string' ? { name: place } : place;
  return { namespace: definition.namespaced ? namespace : '', name };
}

function namespaceOf(input: JsonObject): string | undefined {
  const metadata = input['metadata'];
  if (typeof metadata !== 'object' || metadata === null || !('namespace' in metadata)) return undefined;
  const { namespace } = metadata;
  return typeof namespace === 'string' ? namespace : undefined;
}

import type { ApiObject } from './api-object.ts';
import { type Applied, recordManagers } from './field-ownership/record-managers.ts';
import { storageKey, withMetadata } from './api-object.ts';
import type { StoredObject } from './collection.ts';
import { DecodeError, decode } from './decode.ts';
import { removeStored, shouldRemove } from './deletions.ts';
import { equalJson } from './json.ts';
import type { JsonObject } from './json.ts';
import { keepServerMetadata, validateChangedMetadata, validateNewMetadata } from './metadata-rules.ts';
import { canonical, kindOf, pluralOf } from './registry.ts';
import type { Registry } from './registry.ts';
import type { Allocation, ResourceDefinition } from './resource.ts';
import { groupVersion } from './resource.ts';
import {
  StatusError,
  alreadyExists,
  badRequest,
  conflict,
  fieldFault,
  forbidden,
  invalid,
  modified,
  notFound,
} from './status.ts';

/** `Ignore` drops unknown fields silently, `Warn` with a warning, `Strict` refuses them. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface WriteOptions {
  /** Checks everything and stores nothing. */
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  /** The field manager that the written fields are recorded for. */
  readonly manager: string;
  /** Receives what the client should know though the write succeeds. */
  readonly warn: (message: string) => void;
}

export type Subresource = '' | 'status' | 'finalize';

export interface WriteTarget {
  readonly namespace: string;
  readonly name: string;
  readonly subresource: Subresource;
}

export interface WriteResult {
  /** In the stored form. */
  readonly object: ApiObject;
  readonly created: boolean;
  /** False when the write said nothing new; such a write leaves no trace. */
  readonly changed: boolean;
}

const nameAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Stores a new object. @throws StatusError */
export function createObject(
  registry: Registry,
  resource: ResourceDefinition,
  request: {
    readonly namespace: string;
    readonly input: JsonObject;
    readonly options: WriteOptions;
    /** Set when the object comes from a server-side apply. */
    readonly applied?: Applied | undefined;
  },
): WriteResult {
  const { namespace, options } = request;
  const given = readBody(resource, request.input, options);
  if (given.metadata.resourceVersion !== undefined) {
    const message = 'resourceVersion should not be set on objects to be created';
    throw new StatusError({ code: 500, reason: '', message });
  }
  requireNamespace(given, namespace);
  if (resource.namespaced) admitToNamespace(registry, resource, { namespace, name: given.metadata.name ?? '' });
  let object = withMetadata(given, {
    name: given.metadata.name ?? generatedName(registry, given),
    namespace: resource.namespaced ? namespace : undefined,
    uid: registry.randomUUID(),
    creationTimestamp: registry.timestamp(),
    generation: resource.countsGenerations ? 1 : undefined,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    managedFields: undefined,
    selfLink: undefined,
  });
  object = resource.applyDefaults?.(object) ?? object;
  const written = object;
  object = resource.prepareForCreate?.(object, registry.ruleContext) ?? object;
  const faults = [...validateNewMetadata(resource, object), ...(resource.validate?.(object, undefined) ?? [])];
  const name = object.metadata.name ?? '';
  if (faults.length > 0) throw invalid(kindOf(resource), name, faults);
  const collection = registry.collection(resource);
  const key = storageKey(resource.namespaced ? namespace : '', name);
  if (collection.get(key)) throw alreadyExists(pluralOf(resource), name);
  const allocation = allocated(registry, resource, { object, old: undefined });
  const created = canonical(resource, allocation.object, undefined);
  object = recordManagers(registry, resource, { next: created, written, old: undefined, subresource: '', ...request });
  if (options.dryRun) return { object, created: true, changed: false };
  allocation.commit();
  const stored = collection.put({ key, namespace: resource.namespaced ? namespace : '', name }, (revision) =>
    sealed(resource, object, { revision, previous: undefined }),
  );
  return { object: stored.object, created: true, changed: true };
}

export interface UpdateRequest {
  readonly target: WriteTarget;
  /** The wanted object, made from the current one; called with undefined when there is none. */
  readonly change: (current: ApiObject | undefined) => JsonObject;
  /** A patch that yields nonsense is refused otherwise than a body that is nonsense. */
  readonly origin: 'body' | 'patch';
  /** Set for a server-side apply: what is applied. */
  readonly applied?: Applied | undefined;
  readonly options: WriteOptions;
}

/** Replaces or patches an object or one of its subresources. @throws StatusError */
export function updateObject(registry: Registry, resource: ResourceDefinition, request: UpdateRequest): WriteResult {
  const { target, options } = request;
  const stored = registry.collection(resource).get(storageKey(target.namespace, target.name));
  if (!stored) {
    const { applied } = request;
    const creates = applied !== undefined || (resource.createsOnUpdate && request.origin === 'body');
    if (!creates || target.subresource !== '') throw notFound(pluralOf(resource), target.name);
    const input = request.change(undefined);
    const given = readBody(resource, input, options);
    requireName(given, target.name);
    // An apply creates what is not there, unless it names the object that it means.
    if (applied && given.metadata.uid !== undefined) throw uidMismatch(resource, target.name, given.metadata.uid);
    return createObject(registry, resource, { namespace: target.namespace, input, options, applied });
  }
  const old = stored.object;
  const shown = registry.present(resource, old);
  const given = readChanged(resource, request, shown);
  requireName(given, target.name);
  requireNamespace(given, target.namespace);
  checkVersion(resource, { given, old, origin: request.origin, name: target.name });
  let object = keepServerMetadata(given, old);
  object = resource.applyDefaults?.(object) ?? object;
  object = isolate(registry, resource, { object, old, subresource: target.subresource });
  const faults = [
    ...validateChangedMetadata(object, old),
    ...ruleFaults(resource, { object, old, subresource: target.subresource }),
  ];
  if (faults.length > 0) throw invalid(kindOf(resource), target.name, faults);
  const allocation = target.subresource === '' ? allocated(registry, resource, { object, old }) : unallocated(object);
  const written = withGeneration(resource, canonical(resource, allocation.object, old), old);
  const next = recordManagers(registry, resource, { ...request, ...target, next: written, written, old });
  if (next === old || options.dryRun) return { object: next, created: false, changed: false };
  allocation.commit();
  return replaceStored(registry, resource, { stored, next });
}

function replaceStored(
  registry: Registry,
  resource: ResourceDefinition,
  write: { readonly stored: StoredObject; readonly next: ApiObject },
): WriteResult {
  const { stored, next } = write;
  if (shouldRemove(resource, next)) {
    removeStored(registry, resource, stored);
    return { object: next, created: false, changed: true };
  }
  const { key, namespace, name } = stored;
  const put = registry
    .collection(resource)
    .put({ key, namespace, name }, (revision) => sealed(resource, next, { revision, previous: stored.object }));
  return { object: put.object, created: false, changed: true };
}

function readBody(resource: ResourceDefinition, input: JsonObject, options: WriteOptions): ApiObject {
  checkKind(resource, input);
  const prefix = `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: `;
  const decoded = readTyped(resource, input, { previous: undefined, refuse: (why) => badRequest(prefix + why) });
  reportUnknown(decoded.unknownFields, options, (why) => badRequest(prefix + why));
  return decoded.object;
}

function readChanged(resource: ResourceDefinition, request: UpdateRequest, shown: ApiObject): ApiObject {
  const input = request.change({ kind: resource.kind, apiVersion: groupVersion(resource), ...shown });
  if (request.origin === 'body') return readBody(resource, input, request.options);
  const refuse = (why: string): Error => {
    const message = `Invalid value: ${JSON.stringify(JSON.stringify(input))}: ${why}`;
    return invalid({ group: '', label: '' }, '', [{ reason: 'FieldValueInvalid', message, field: 'patch' }]);
  };
  const decoded = readTyped(resource, input, { previous: resource.conversion ? undefined : shown, refuse });
  reportUnknown(decoded.unknownFields, request.options, refuse);
  return decoded.object;
}

function readTyped(
  resource: ResourceDefinition,
  input: JsonObject,
  options: { readonly previous: ApiObject | undefined; readonly refuse: (why: string) => Error },
): { readonly object: ApiObject; readonly unknownFields: readonly string[] } {
  try {
    const type = resource.conversion?.wireType ?? resource.type;
    const { value, unknownFields } = decode(type, input, { previous: options.previous });
    const object = (resource.conversion ? resource.conversion.toStored(value) : value) as ApiObject;
    return { object, unknownFields };
  } catch (error) {
    if (error instanceof DecodeError) throw options.refuse(error.message);
    throw error;
  }
}

function checkKind(resource: ResourceDefinition, input: JsonObject): void {
  const { kind = resource.kind, apiVersion = groupVersion(resource) } = input;
  if (kind === resource.kind && apiVersion === groupVersion(resource)) return;
  throw badRequest(
    `${typeof kind === 'string' ? kind : ''} in version ${JSON.stringify(apiVersion)} cannot be handled as a ${resource.kind}: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} here`,
  );
}

function reportUnknown(fields: readonly string[], options: WriteOptions, refuse: (why: string) => Error): void {
  if (fields.length === 0 || options.fieldValidation === 'Ignore') return;
  const faults = fields.map((field) => `unknown field ${JSON.stringify(field)}`);
  if (options.fieldValidation === 'Strict') throw refuse(`strict decoding error: ${faults.join(', ')}`);
  for (const fault of faults) options.warn(fault);
}

function requireName(object: ApiObject, name: string): void {
  const given = object.metadata.name ?? '';
  if (given === name) return;
  if (given === '') throw badRequest('name must be provided');
  throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
}

function requireNamespace(object: ApiObject, namespace: string): void {
  const given = object.metadata.namespace;
  if (given === undefined || given === namespace) return;
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

function admitToNamespace(
  registry: Registry,
  resource: ResourceDefinition,
  place: { namespace: string; name: string },
): void {
  const namespaces = registry.find('', 'v1', 'namespaces');
  const home = namespaces && registry.collection(namespaces).get(place.namespace);
  if (!home) throw notFound({ group: '', label: 'namespaces' }, place.namespace);
  if (home.object.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${place.namespace} because it is being terminated`;
  throw forbidden(pluralOf(resource), place.name, why);
}

function generatedName(registry: Registry, object: ApiObject): string | undefined {
  const prefix = object.metadata.generateName;
  if (prefix === undefined) return undefined;
  const suffix = Array.from({ length: 5 }, () => nameAlphabet.charAt(registry.random(nameAlphabet.length)));
  return prefix.slice(0, 58) + suffix.join('');
}

function checkVersion(
  resource: ResourceDefinition,
  write: {
    readonly given: ApiObject;
    readonly old: ApiObject;
    readonly origin: 'body' | 'patch';
    readonly name: string;
  },
): void {
  const { uid, resourceVersion } = write.given.metadata;
  const current = write.old.metadata;
  if (write.origin === 'body' && uid !== undefined && uid !== current.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.uid}`;
    throw conflict(pluralOf(resource), write.name, why);
  }
  if (resourceVersion === undefined || resourceVersion === '0') {
    if (resource.allowsUnconditionalUpdate) return;
    const cause = fieldFault.invalid('metadata.resourceVersion', 0, 'must be specified for an update');
    throw invalid(kindOf(resource), write.name, [cause]);
  }
  if (resourceVersion !== current.resourceVersion) throw modified(pluralOf(resource), write.name);
}

function uidMismatch(resource: ResourceDefinition, name: string, uid: string): StatusError {
  const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
  return conflict(pluralOf(resource), name, why);
}

interface Revision {
  readonly object: ApiObject;
  readonly old: ApiObject;
  readonly subresource: Subresource;
}

/** Takes back what the written part of the object does not own. */
function isolate(registry: Registry, resource: ResourceDefinition, write: Revision): ApiObject {
  const { object, old } = write;
  switch (write.subresource) {
    case '':
      return resource.prepareForUpdate?.(object, old, registry.ruleContext) ?? object;
    case 'status':
      return {
        ...old,
        metadata: object.metadata,
        ...(object['status'] === undefined ? {} : { status: object['status'] }),
      };
    case 'finalize':
      return { ...old, ...(object['spec'] === undefined ? {} : { spec: object['spec'] }) };
  }
}

function ruleFaults(
  resource: ResourceDefinition,
  write: Revision,
): ReturnType<NonNullable<ResourceDefinition['validate']>> {
  switch (write.subresource) {
    case '':
      return resource.validate?.(write.object, write.old) ?? [];
    case 'status':
      return resource.validateStatus?.(write.object, write.old) ?? [];
    case 'finalize':
      return [];
  }
}

function allocated(
  registry: Registry,
  resource: ResourceDefinition,
  write: { readonly object: ApiObject; readonly old: ApiObject | undefined },
): Allocation<ApiObject> {
  const allocation = resource.allocate?.(write.object, write.old, registry.ruleContext) ?? unallocated(write.object);
  if (allocation.faults.length > 0)
    throw invalid(kindOf(resource), write.object.metadata.name ?? '', allocation.faults);
  return allocation;
}

function unallocated(object: ApiObject): Allocation<ApiObject> {
  return { object, faults: [], commit: () => undefined };
}

/** Counts a change of anything but metadata and status. */
function withGeneration(resource: ResourceDefinition, next: ApiObject, old: ApiObject): ApiObject {
  if (!resource.countsGenerations || next === old) return next;
  const names = new Set([...Object.keys(next), ...Object.keys(old)]);
  names.delete('metadata');
  names.delete('status');
  if ([...names].every((name) => equalJson(next[name], old[name]))) return next;
  return withMetadata(next, { generation: (old.metadata.generation ?? 0) + 1 });
}

function sealed(
  resource: ResourceDefinition,
  object: ApiObject,
  version: { readonly revision: number; readonly previous: ApiObject | undefined },
): ApiObject {
  return canonical(resource, withMetadata(object, { resourceVersion: String(version.revision) }), version.previous);
}

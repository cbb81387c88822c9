import type { ApiObject } from './api-object.ts';
import type { JsonObject } from './json.ts';
import type { DraftOf, StructType, ValueOf } from './schema.ts';
import type { StatusCause } from './status.ts';
import type { Column } from './table.ts';

export type Verb = 'create' | 'get' | 'list' | 'watch' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** What a resource's rules may ask of the server. */
export interface RuleContext {
  readonly now: string;
  /** A number in [0, limit). */
  random(limit: number): number;
}

/** Reserves addresses and ports for a write. Called last, when the object is otherwise valid. */
export interface Allocation<T> {
  readonly object: T;
  readonly faults: readonly StatusCause[];
  /** Makes the reservations good. Not called for a dry run. */
  commit(): void;
}

/** The rules of one kind. All functions are pure but for `allocate` and `release`, which keep a pool. */
export interface ResourceRules<T> {
  /** Fills in what a client may leave out. Applied to everything that is decoded, as Go's defaulting is. */
  readonly applyDefaults?: (object: T) => T;
  readonly prepareForCreate?: (object: T, context: RuleContext) => T;
  /** For a write to the main resource; keeps what it may not touch. */
  readonly prepareForUpdate?: (object: T, old: T, context: RuleContext) => T;
  /** Everything wrong with the object; `old` is set for an update of the main resource. */
  readonly validate?: (object: T, old: T | undefined) => readonly StatusCause[];
  readonly validateStatus?: (object: T, old: T) => readonly StatusCause[];
  readonly allocate?: (object: T, old: T | undefined, context: RuleContext) => Allocation<T>;
  /** Called after the object is gone. */
  readonly release?: (object: T) => void;
  /** Seconds between a deletion's request and its execution by somebody else; zero deletes at once. */
  readonly gracePeriod?: (object: T, requested: number | undefined) => number;
  /** True keeps a deleted object, though it has no finalizers in its metadata. */
  readonly isHeld?: (object: T) => boolean;
  /** What a deletion that has to wait changes besides the timestamp. */
  readonly markDeleted?: (object: T) => T;
}

export interface ResourceDefinition<S extends StructType = StructType> extends ResourceRules<ValueOf<S> & ApiObject> {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly subresources: readonly ('status' | 'finalize')[];
  readonly type: S;
  /** The collection that holds the objects. Two resources may share one. */
  readonly storage: string;
  /** Between the stored form and this resource's own; absent when they are the same. */
  readonly conversion?: {
    readonly wireType: StructType;
    readonly toStored: (object: JsonObject) => JsonObject;
    readonly fromStored: (object: JsonObject) => JsonObject;
  };
  readonly nameRule: NameRule;
  /** The fields of a field selector besides `metadata.name` and `metadata.namespace`. */
  readonly selectableFields: { readonly [path: string]: (object: ApiObject) => string };
  /** A PUT to a name that is not there creates the object. */
  readonly createsOnUpdate: boolean;
  /** A PUT without resourceVersion replaces whatever is there. */
  readonly allowsUnconditionalUpdate: boolean;
  /** A DELETE answers with the object, not with a `Status`. */
  readonly returnsDeletedObject: boolean;
  /** `metadata.generation` counts the changes of everything but metadata and status. */
  readonly countsGenerations: boolean;
  /** `metadata.managedFields` are kept, and server-side apply is offered. */
  readonly tracksManagers: boolean;
  readonly columns: readonly Column[];
}

/** What may be a name. */
export type NameRule = 'subdomain' | 'label' | 'label1035' | 'path';

type Optional =
  | 'shortNames'
  | 'categories'
  | 'verbs'
  | 'subresources'
  | 'storage'
  | 'nameRule'
  | 'selectableFields'
  | 'createsOnUpdate'
  | 'allowsUnconditionalUpdate'
  | 'returnsDeletedObject'
  | 'countsGenerations'
  | 'tracksManagers';

const allVerbs: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** Declares a resource. What is left out gets the value that most resources have. */
export function defineResource<S extends StructType>(
  declared: Omit<ResourceDefinition<S>, Optional> & Partial<Pick<ResourceDefinition<S>, Optional>>,
): ResourceDefinition<S> {
  return {
    shortNames: [],
    categories: [],
    verbs: allVerbs,
    subresources: [],
    storage: declared.plural,
    nameRule: 'subdomain',
    selectableFields: {},
    createsOnUpdate: false,
    allowsUnconditionalUpdate: true,
    returnsDeletedObject: false,
    countsGenerations: false,
    tracksManagers: false,
    ...declared,
  };
}

/** `v1` or `discovery.k8s.io/v1`. */
export function groupVersion(resource: { readonly group: string; readonly version: string }): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

export type { DraftOf };

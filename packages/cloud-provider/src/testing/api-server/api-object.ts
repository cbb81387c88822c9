import type { JsonObject } from './json.ts';
import type { ValueOf } from './schema.ts';
import type { objectMeta } from './schemas/meta.ts';

/** `metadata` as it is stored. */
export type ObjectMeta = ValueOf<typeof objectMeta>;

/** Any stored object: its declared fields without `kind` and `apiVersion`, which its resource knows. Never changed in place. */
export interface ApiObject extends JsonObject {
  readonly metadata: ObjectMeta;
}

/** The same object with other metadata. Fields set to undefined fall away. */
export function withMetadata(
  object: ApiObject,
  changes: { readonly [K in keyof ObjectMeta]?: ObjectMeta[K] | undefined },
): ApiObject {
  const metadata: Record<string, unknown> = {};
  for (const [name, value] of Object.entries({ ...object.metadata, ...changes })) {
    if (value !== undefined) metadata[name] = value;
  }
  return { ...object, metadata: inDeclaredOrder(metadata) };
}

const order: readonly (keyof ObjectMeta)[] = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
];

function inDeclaredOrder(metadata: Record<string, unknown>): ObjectMeta {
  const sorted: Record<string, unknown> = {};
  for (const name of order) if (metadata[name] !== undefined) sorted[name] = metadata[name];
  return sorted;
}

/** The key under which a collection keeps an object; its order is the order of lists. */
export function storageKey(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/**
 * The part of `metadata` that the managers use. Like every type of this folder it is a *projection*: what a reader decodes
 * and keeps. Absent strings are `''`, absent lists and maps are empty, so that the JSON and the protobuf form of one object
 * give equal values. Source: k8s.io/apimachinery, meta/v1.
 */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** RFC 3339. */
  readonly creationTimestamp: string;
  /** RFC 3339; empty while the object is not being deleted. */
  readonly deletionTimestamp: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
}

/** Any object of the API server as the managers hold it. */
export interface KubernetesObject {
  readonly metadata: ObjectMeta;
}

/** Names one object of a known resource. The namespace is empty for cluster-scoped objects. */
export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** The key under which caches and queues know an object: `namespace/name`, or `name` when cluster-scoped. */
export function objectKey(object: KubernetesObject): string {
  return nameKey(object.metadata);
}

/** The key of a name; the inverse of {@link parseObjectKey}. */
export function nameKey(name: ObjectName): string {
  return name.namespace === '' ? name.name : `${name.namespace}/${name.name}`;
}

/** The name that a key stands for. */
export function parseObjectKey(key: string): ObjectName {
  const slash = key.indexOf('/');
  if (slash < 0) return { namespace: '', name: key };
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

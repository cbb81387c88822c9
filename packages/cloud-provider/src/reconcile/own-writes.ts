import type { KubernetesObject } from '../api/object-meta.ts';

/**
 * Remembers which version of an object our own write made, so that an older one from a cache that lags behind is not taken
 * for the present state.
 */
export class OwnWrites {
  readonly #versions = new Map<string, string>();

  /** @param resourceVersion what the API server answered to the write */
  remember(object: KubernetesObject, resourceVersion: string): void {
    this.#versions.set(object.metadata.uid, resourceVersion);
  }

  forget(uid: string): void {
    this.#versions.delete(uid);
  }

  has(uid: string): boolean {
    return this.#versions.has(uid);
  }

  /** Whether this version of the object is from before our write. */
  isOutdated(object: KubernetesObject): boolean {
    const made = this.#versions.get(object.metadata.uid);
    return made !== undefined && isOlder(object.metadata.resourceVersion, made);
  }
}

/** Versions of one resource compare as whole numbers of any length. Source: KEP-5504, comparable resource versions. */
function isOlder(left: string, right: string): boolean {
  return left.length === right.length ? left < right : left.length < right.length;
}

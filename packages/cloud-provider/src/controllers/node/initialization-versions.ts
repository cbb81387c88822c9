import type { Node } from '../../api/node.ts';

/**
 * Remembers which version of a Node our own initialisation made, so that an older one from a cache that lags behind is not
 * taken for a node that still waits.
 */
export class InitializationVersions {
  readonly #versions = new Map<string, { readonly uid: string; readonly resourceVersion: string }>();

  remember(node: Node, resourceVersion: string): void {
    this.#versions.set(node.metadata.name, { uid: node.metadata.uid, resourceVersion });
  }

  forget(name: string): void {
    this.#versions.delete(name);
  }

  /** Whether this version of the Node is from before its initialisation. */
  isOutdated(node: Node): boolean {
    const made = this.#versions.get(node.metadata.name);
    return made?.uid === node.metadata.uid && isOlder(node.metadata.resourceVersion, made.resourceVersion);
  }
}

/** Versions of one resource compare as whole numbers of any length. Source: KEP-5504, comparable resource versions. */
function isOlder(left: string, right: string): boolean {
  return left.length === right.length ? left < right : left.length < right.length;
}

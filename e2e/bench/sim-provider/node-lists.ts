import type { BackendNode } from '@ccm-ts/cloud-provider';

/** Lists of node names, each kept once however many load balancers send to these nodes. */
export class NodeLists {
  readonly #byBackends = new WeakMap<readonly BackendNode[], readonly string[]>();
  #latest: readonly string[] = [];

  /** The names of the backends; the same list as long as they are the same. */
  of(backends: readonly BackendNode[]): readonly string[] {
    const known = this.#byBackends.get(backends);
    if (known) return known;
    const names = backends.map(({ name }) => name);
    this.#byBackends.set(backends, names);
    this.#latest = names;
    return names;
  }

  /** The list that is kept already, if it says the same. */
  shared(names: readonly string[]): readonly string[] {
    return isSameList(names, this.#latest) ? this.#latest : names;
  }
}

export function isSameList<Item>(one: readonly Item[], other: readonly Item[]): boolean {
  return one === other || (one.length === other.length && one.every((item, index) => item === other[index]));
}

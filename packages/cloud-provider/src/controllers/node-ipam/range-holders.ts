import { type Cidr, cidrOf, overlapsCidr } from '../../base/cidr.ts';

interface Holding {
  readonly node: string;
  readonly cidrs: readonly Cidr[];
}

/** Another node's range that meets one of a node's. */
export interface Rival {
  readonly node: string;
  /** The range of the node's that meets it. */
  readonly cidr: Cidr;
}

/** Whose ranges are whose, where they may be of any size. */
export class RangeHolders {
  /** By the UID of the Node. */
  readonly #holdings = new Map<string, Holding>();
  /** By the text of the range, the UIDs of those that hold it. */
  readonly #byRange = new Map<string, Set<string>>();
  /** How many ranges there are of each length, by family and length: nearly always one. */
  readonly #lengths = new Map<string, { readonly like: Cidr; count: number }>();

  get size(): number {
    return this.#holdings.size;
  }

  /** Notes the ranges of a node in the place of those that it had. */
  hold(uid: string, node: string, cidrs: readonly Cidr[]): void {
    this.release(uid);
    if (cidrs.length === 0) return;
    this.#holdings.set(uid, { node, cidrs });
    for (const cidr of cidrs) {
      this.#byRange.set(cidr.text, (this.#byRange.get(cidr.text) ?? new Set()).add(uid));
      const length = this.#lengths.get(lengthOf(cidr)) ?? { like: cidr, count: 0 };
      length.count++;
      this.#lengths.set(lengthOf(cidr), length);
    }
  }

  release(uid: string): void {
    for (const cidr of this.#holdings.get(uid)?.cidrs ?? []) {
      const holders = this.#byRange.get(cidr.text);
      holders?.delete(uid);
      if (holders?.size === 0) this.#byRange.delete(cidr.text);
      const length = this.#lengths.get(lengthOf(cidr));
      if (length && --length.count === 0) this.#lengths.delete(lengthOf(cidr));
    }
    this.#holdings.delete(uid);
  }

  /** Undefined when the ranges meet nobody else's. */
  rivalOf(uid: string, cidrs: readonly Cidr[]): Rival | undefined {
    for (const cidr of cidrs) {
      for (const { like } of this.#lengths.values()) {
        if (like.family !== cidr.family) continue;
        const node = like.prefix <= cidr.prefix ? this.#around(uid, cidr, like.prefix) : this.#within(uid, cidr);
        if (node !== undefined) return { node, cidr };
      }
    }
    return undefined;
  }

  #around(uid: string, cidr: Cidr, prefix: number): string | undefined {
    const around = cidrOf(cidr.family, cidr.first, prefix);
    const other = [...(this.#byRange.get(around.text) ?? [])].find((holder) => holder !== uid);
    return other === undefined ? undefined : this.#holdings.get(other)?.node;
  }

  /** A range that is larger than those of others: it is so rare that a walk over all is good enough. */
  #within(uid: string, cidr: Cidr): string | undefined {
    for (const [other, { cidrs, node }] of this.#holdings) {
      if (other !== uid && cidrs.some((each) => overlapsCidr(cidr, each))) return node;
    }
    return undefined;
  }
}

function lengthOf({ family, prefix }: Cidr): string {
  return `${family}/${prefix}`;
}

import { type Cidr, addressWidth, cidrOf, containsCidr, lastAddress, overlapsCidr } from '../../base/cidr.ts';

/** So many blocks take two megabytes. */
const mostIndexBits = 24;
/** The Go managers' limit for IPv6. Source: k8s.io/kubernetes pkg/controller/nodeipam/ipam/cidrset, clusterSubnetMaxDiff. */
const mostIndexBitsIPv6 = 16;

/** How many bits longer than the range's the prefix of its blocks may be. */
export function maxBlockBits(range: Cidr): number {
  return range.family === 'IPv6' ? mostIndexBitsIPv6 : mostIndexBits;
}

/** The blocks of a range that something overlaps: their first and last index. */
export interface BlockSpan {
  readonly first: number;
  readonly last: number;
}

/**
 * A range cut into blocks of one size, and which of them are used. Taking the next free one begins where the last ended, so
 * that a block that was given back rests as long as possible, and costs no walk over the used ones.
 */
export class CidrSet {
  readonly range: Cidr;
  /** How many blocks there are. */
  readonly size: number;
  readonly #blockPrefix: number;
  readonly #hostBits: bigint;
  readonly #words: Uint32Array;
  #used = 0;
  #next = 0;

  /** @throws RangeError when the blocks are larger than the range, or too many; see {@link maxBlockBits} */
  constructor(range: Cidr, blockPrefix: number) {
    const width = addressWidth(range.family);
    const bits = blockPrefix - range.prefix;
    if (bits < 0 || blockPrefix > width) throw new RangeError(`${range.text} has no blocks of /${blockPrefix}`);
    if (bits > maxBlockBits(range)) throw new RangeError(`${range.text} has too many blocks of /${blockPrefix}`);
    this.range = range;
    this.size = 2 ** bits;
    this.#blockPrefix = blockPrefix;
    this.#hostBits = BigInt(width - blockPrefix);
    this.#words = new Uint32Array(Math.ceil(this.size / 32));
  }

  get used(): number {
    return this.#used;
  }

  /** The block with that index. */
  block(index: number): Cidr {
    return cidrOf(this.range.family, this.range.first + (BigInt(index) << this.#hostBits), this.#blockPrefix);
  }

  /** Undefined when it overlaps none. */
  spanOf(cidr: Cidr): BlockSpan | undefined {
    if (!overlapsCidr(this.range, cidr)) return undefined;
    if (containsCidr(cidr, this.range)) return { first: 0, last: this.size - 1 };
    return { first: this.#indexOf(cidr.first), last: this.#indexOf(lastAddress(cidr)) };
  }

  isUsed(index: number): boolean {
    return ((this.#words[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0;
  }

  /** Returns whether it was free. */
  use(index: number): boolean {
    if (this.isUsed(index)) return false;
    this.#words[index >>> 5] = (this.#words[index >>> 5] ?? 0) | (1 << (index & 31));
    this.#used++;
    return true;
  }

  /** Returns whether it was used. */
  free(index: number): boolean {
    if (!this.isUsed(index)) return false;
    this.#words[index >>> 5] = (this.#words[index >>> 5] ?? 0) & ~(1 << (index & 31));
    this.#used--;
    return true;
  }

  /** Uses the next free block; undefined when there is none. `tries` counts the used ones that were passed over. */
  useNext(): { readonly index: number; readonly tries: number } | undefined {
    if (this.#used === this.size) return undefined;
    let index = this.#next;
    let tries = 0;
    while (this.isUsed(index)) {
      const isFullWord = (index & 31) === 0 && this.#words[index >>> 5] === 0xffffffff;
      const step = isFullWord ? 32 : 1;
      index += step;
      tries += step;
      if (index >= this.size) index = 0;
    }
    this.use(index);
    this.#next = (index + 1) % this.size;
    return { index, tries };
  }

  #indexOf(address: bigint): number {
    return Number((address - this.range.first) >> this.#hostBits);
  }
}

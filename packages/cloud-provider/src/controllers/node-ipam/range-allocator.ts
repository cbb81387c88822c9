import type { Node } from '../../api/node.ts';
import { type Cidr, parseCidr } from '../../base/cidr.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import { CidrSet } from './cidr-set.ts';
import type { Allocation, OccupationFault, PodCIDRAllocator } from './pod-cidr-allocator.ts';

/** One of the cluster's ranges, and the size of the blocks that nodes get of it. */
export interface ClusterRange {
  readonly cidr: Cidr;
  /** The length of the prefix of a node's range. */
  readonly nodePrefix: number;
}

export interface RangeAllocatorOptions {
  /** One, or one of each family. */
  readonly ranges: readonly ClusterRange[];
  /** The ranges of Services: no node gets addresses of them. */
  readonly serviceCIDRs: readonly Cidr[];
  readonly metrics: MetricRegistry;
}

interface Holding {
  readonly node: string;
  readonly cidrs: readonly Cidr[];
  /** `reserved`: given to the node, but no version of it shows them yet. */
  readonly state: 'reserved' | 'occupied';
}

/**
 * Gives each node a block of each of the cluster's ranges. It holds nothing that the Nodes don't say: a new process learns
 * from them what is used.
 * Source: k8s.io/kubernetes pkg/controller/nodeipam/ipam, rangeAllocator.
 */
export class RangeAllocator implements PodCIDRAllocator {
  readonly #sets: readonly CidrSet[];
  readonly #metrics: MetricRegistry;
  /** By the UID of the Node. */
  readonly #holdings = new Map<string, Holding>();
  /** Blocks that are used more than once, with how many more times: freeing one use must not free the others. */
  readonly #shared = new Map<string, number>();

  /** @throws RangeError when a range can't be cut as wanted */
  constructor(options: RangeAllocatorOptions) {
    this.#metrics = options.metrics;
    this.#sets = options.ranges.map(({ cidr, nodePrefix }) => new CidrSet(cidr, nodePrefix));
    for (const set of this.#sets) {
      const gauge = options.metrics.gauge('node_ipam_controller_cirdset_max_cidrs', { clusterCIDR: set.range.text });
      gauge.set(set.size);
    }
    for (const cidr of options.serviceCIDRs) this.#use(cidr);
  }

  occupy(node: Node): readonly OccupationFault[] {
    const { name, uid } = node.metadata;
    const cidrs: Cidr[] = [];
    const faults: OccupationFault[] = [];
    for (const text of node.spec.podCIDRs) {
      const cidr = parseCidr(text);
      if (cidr && this.#sets.some((set) => set.spanOf(cidr))) cidrs.push(cidr);
      else faults.push(misfit(text, this.#sets));
    }
    const before = this.#holdings.get(uid);
    if (before?.state === 'occupied' && isSame(before.cidrs, cidrs)) return faults;
    if (before && isSame(before.cidrs, cidrs)) {
      this.#holdings.set(uid, { ...before, state: 'occupied' });
      return faults;
    }
    this.release(uid);
    if (cidrs.length === 0) return faults;
    for (const cidr of cidrs) {
      if (this.#use(cidr) === 'alone') continue;
      const fault = this.#settleOverlap(node, cidr);
      if (fault) faults.push(fault);
    }
    this.#holdings.set(uid, { node: name, cidrs, state: 'occupied' });
    return faults;
  }

  allocate(node: Node): Promise<Allocation> {
    const { name, uid } = node.metadata;
    const held = this.#holdings.get(uid);
    if (held) return Promise.resolve(allocated(held.cidrs));
    const cidrs: Cidr[] = [];
    for (const set of this.#sets) {
      const next = set.useNext();
      if (!next) {
        for (const cidr of cidrs) this.#free(cidr);
        const message = `all ${set.size} ranges for nodes in ${set.range.text} are used; delete Nodes that are not needed, or give the cluster a larger --cluster-cidr`;
        return Promise.resolve({ kind: 'exhausted', message });
      }
      const clusterCIDR = set.range.text;
      this.#metrics
        .histogram('node_ipam_controller_cidrset_allocation_tries_per_request', { clusterCIDR })
        .observe(next.tries);
      this.#count(set, 'node_ipam_controller_cidrset_cidrs_allocations_total');
      cidrs.push(set.block(next.index));
    }
    this.#holdings.set(uid, { node: name, cidrs, state: 'reserved' });
    return Promise.resolve(allocated(cidrs));
  }

  release(uid: string): void {
    const holding = this.#holdings.get(uid);
    if (!holding) return;
    this.#holdings.delete(uid);
    for (const cidr of holding.cidrs) this.#free(cidr);
  }

  facts(): Readonly<Record<string, string | number>> {
    return Object.fromEntries(this.#sets.map((set) => [set.range.text, `${set.used} of ${set.size} used`]));
  }

  /**
   * Somebody else gave a node what is another's here. A reservation that no Node shows yet gives way: its node gets another
   * range. Two nodes that both show it can only be told of.
   */
  #settleOverlap(node: Node, cidr: Cidr): OccupationFault | undefined {
    const spans = this.#sets.map((set) => set.spanOf(cidr));
    for (const [uid, rival] of this.#holdings) {
      const meets = rival.cidrs.some((other) =>
        this.#sets.some((set, index) => {
          const [mine, theirs] = [spans[index], set.spanOf(other)];
          return mine && theirs && mine.first <= theirs.last && theirs.first <= mine.last;
        }),
      );
      if (!meets || uid === node.metadata.uid) continue;
      if (rival.state === 'reserved') {
        this.release(uid);
        continue;
      }
      const message = `spec.podCIDRs: ${cidr.text} overlaps with the range of node ${rival.node}; delete one of the two nodes and let it join again`;
      return { reason: 'CIDROverlap', message };
    }
    return undefined;
  }

  #use(cidr: Cidr): 'alone' | 'shared' {
    let use: 'alone' | 'shared' = 'alone';
    for (const set of this.#sets) {
      const span = set.spanOf(cidr);
      if (!span) continue;
      for (let index = span.first; index <= span.last; index++) {
        if (set.use(index)) {
          this.#count(set, 'node_ipam_controller_cidrset_cidrs_allocations_total');
          continue;
        }
        use = 'shared';
        const key = `${set.range.text} ${index}`;
        this.#shared.set(key, (this.#shared.get(key) ?? 0) + 1);
      }
    }
    return use;
  }

  #free(cidr: Cidr): void {
    for (const set of this.#sets) {
      const span = set.spanOf(cidr);
      if (!span) continue;
      for (let index = span.first; index <= span.last; index++) {
        const key = `${set.range.text} ${index}`;
        const others = this.#shared.get(key);
        if (others === undefined) {
          set.free(index);
          this.#count(set, 'node_ipam_controller_cidrset_cidrs_releases_total');
        } else if (others === 1) this.#shared.delete(key);
        else this.#shared.set(key, others - 1);
      }
    }
  }

  #count(
    set: CidrSet,
    name: 'node_ipam_controller_cidrset_cidrs_allocations_total' | 'node_ipam_controller_cidrset_cidrs_releases_total',
  ): void {
    const clusterCIDR = set.range.text;
    this.#metrics.counter(name, { clusterCIDR }).increment();
    this.#metrics.gauge('node_ipam_controller_cidrset_usage_cidrs', { clusterCIDR }).set(set.used / set.size);
  }
}

function allocated(cidrs: readonly Cidr[]): Allocation {
  return { kind: 'allocated', cidrs: cidrs.map(({ text }) => text) };
}

function isSame(left: readonly Cidr[], right: readonly Cidr[]): boolean {
  return left.length === right.length && left.every((cidr, index) => cidr.text === right[index]?.text);
}

function misfit(text: string, sets: readonly CidrSet[]): OccupationFault {
  const ranges = sets.map((set) => set.range.text).join(' and ');
  const message = `spec.podCIDRs: ${JSON.stringify(text)} is not in ${ranges}; add its range to --cluster-cidr, or delete the node and let it join again`;
  return { reason: 'CIDRNotAvailable', message };
}

import type { Node } from '../../api/node.ts';
import type { Duration } from '../../base/duration.ts';

/** What came of asking for a node's ranges. */
export type Allocation =
  /** One range for each family, in the order of the cluster's. The same again until it is released. */
  | { readonly kind: 'allocated'; readonly cidrs: readonly string[] }
  /** Nothing is left. */
  | { readonly kind: 'exhausted'; readonly message: string }
  /** The ranges are not known yet; look again after that time. */
  | { readonly kind: 'waiting'; readonly message: string; readonly after: Duration };

/** Something that is wrong with the ranges that a node has. They can't be changed any more, only told of. */
export interface OccupationFault {
  /** CamelCase, for the Event. */
  readonly reason: 'CIDRNotAvailable' | 'CIDROverlap';
  /** Names field, value and fix. */
  readonly message: string;
}

/** Where the ranges of nodes come from: the cluster's own ranges, or a cloud that gives each machine its own. */
export interface PodCIDRAllocator {
  /**
   * Takes note of the ranges that a node has, so that they are given to nobody else. Called for every node before the first
   * allocation, and again when a node shows ranges. Idempotent. What can be understood of them is noted even if there are faults.
   */
  occupy(node: Node): readonly OccupationFault[];
  /**
   * Ranges for a node that has none. They are reserved for it until they are released or occupied by it. A failure of a cloud
   * throws a CloudError and is tried again.
   */
  allocate(node: Node, signal: AbortSignal): Promise<Allocation>;
  /** The Node of that UID is gone: its ranges, reserved or occupied, are free. Idempotent. */
  release(uid: string): void;
  /** For people: how much is used of what. */
  facts(): Readonly<Record<string, string | number>>;
}

import type { LoadBalancerKind, ServiceUID } from '../../cloud/load-balancer-kind.ts';
import type { ResourceKey } from '../../cloud/operation.ts';
import type { MemberState } from './member-state.ts';

/**
 * What happened to a group since it was last looked at, the stronger outweighs the weaker.
 *
 * - `nothing`.
 * - `backends`: nodes or endpoints changed, which may mean nothing to the group.
 * - `changes`: a member changed, came or went, or its last pass did not converge.
 */
export type Dirt = 'nothing' | 'backends' | 'changes';

/** A Service's part in a group. Replaced, never changed, so that a pass can tell whether it still is what it worked for. */
export interface Membership {
  readonly member: MemberState;
  readonly wish: 'present' | 'gone';
  /** What `desire` goes by. */
  readonly facts: unknown;
}

/** Everything that is remembered of one group of one kind. */
export interface GroupState {
  /** Unique over all kinds. */
  readonly id: string;
  readonly kind: LoadBalancerKind;
  readonly key: ResourceKey;
  readonly memberships: Map<ServiceUID, Membership>;
  dirt: Dirt;
  /** The cloud's state as of the last pass, with that pass's writes; undefined when it must be read. */
  known: { readonly observed: unknown } | undefined;
  /** The wishes that the last converged pass fulfilled, as fingerprints. */
  fulfilled: ReadonlyMap<ServiceUID, string>;
  /** Monotonic milliseconds: when the cloud is read without a cause. */
  observeDue: number;
  /** Monotonic milliseconds: a pass that failed or waits is not repeated earlier because of nodes. */
  notBefore: number;
  /** Monotonic milliseconds: since when each pass finds the cloud busy; undefined when the last one did not. */
  settlingSince: number | undefined;
  /** Members whose new hosts the cloud accepted and is still at work on. */
  updating: ReadonlySet<ServiceUID>;
}

const dirtOrder: readonly Dirt[] = ['nothing', 'backends', 'changes'];

/** Marks a group as in need of a pass, without weakening an earlier mark. Does not enqueue it. */
export function soil(group: GroupState, dirt: Dirt): void {
  if (dirtOrder.indexOf(dirt) > dirtOrder.indexOf(group.dirt)) group.dirt = dirt;
}

/** The groups that have members. */
export class Groups {
  readonly #groups = new Map<string, GroupState>();

  get(id: string): GroupState | undefined {
    return this.#groups.get(id);
  }

  all(): Iterable<GroupState> {
    return this.#groups.values();
  }

  get size(): number {
    return this.#groups.size;
  }

  idOf(kind: LoadBalancerKind, key: ResourceKey): string {
    return `${kind.name}/${key}`;
  }

  /** The group of that key, made when there is none. */
  of(kind: LoadBalancerKind, key: ResourceKey): GroupState {
    const id = this.idOf(kind, key);
    const known = this.#groups.get(id);
    if (known) return known;
    const group: GroupState = {
      id,
      kind,
      key,
      memberships: new Map(),
      dirt: 'nothing',
      known: undefined,
      fulfilled: new Map(),
      observeDue: 0,
      notBefore: 0,
      settlingSince: undefined,
      updating: new Set(),
    };
    this.#groups.set(id, group);
    return group;
  }

  /** Forgets a group that has no members any more. */
  removeIfEmpty(group: GroupState): void {
    if (group.memberships.size === 0 && this.#groups.get(group.id) === group) this.#groups.delete(group.id);
  }
}

import { parseCidr } from '../base/cidr.ts';
import type { Node } from '../api/node.ts';
import { objectKey } from '../api/object-meta.ts';
import type { Service } from '../api/service.ts';
import type { InventoryItem, OwnerClaim } from './inventory.ts';

/** The cluster as somebody knows it. Only who knows all of it may say that something is not in it. */
export type KnownCluster =
  | { readonly kind: 'complete'; readonly services: Iterable<Service>; readonly nodes: Iterable<Node> }
  | { readonly kind: 'incomplete' };

/** The objects of a cluster, by what owners are known by. Made once for many questions. */
export class OwnerIndex {
  readonly #isComplete: boolean;
  readonly #serviceNames = new Set<string>();
  readonly #serviceUIDs: string[] = [];
  readonly #nodes = new Map<string, string>();
  readonly #podRanges = new Set<string>();
  /** The beginnings of the UIDs, by their length: names in clouds are often too short for a whole one. */
  readonly #beginnings = new Map<number, Set<string>>();

  constructor(cluster: KnownCluster) {
    this.#isComplete = cluster.kind === 'complete';
    if (cluster.kind === 'incomplete') return;
    for (const service of cluster.services) {
      this.#serviceUIDs.push(service.metadata.uid);
      this.#serviceNames.add(objectKey(service));
    }
    for (const { metadata, spec } of cluster.nodes) {
      this.#nodes.set(metadata.name, metadata.uid);
      for (const cidr of spec.podCIDRs) this.#podRanges.add(canonical(cidr));
    }
  }

  /** Whether an owner that the claim fits is there. `unknown` whenever that can't be told. */
  find(claim: OwnerClaim): 'present' | 'absent' | 'unknown' {
    if (!this.#isComplete) return 'unknown';
    switch (claim.kind) {
      case 'service':
        if (claim.uid !== '' && !isUID(claim.uid)) return 'unknown';
        if (claim.uid !== '') return this.#hasServiceUID(claim.uid) ? 'present' : 'absent';
        if (claim.name !== '') return this.#serviceNames.has(claim.name) ? 'present' : 'absent';
        return 'unknown';
      case 'node': {
        const uid = this.#nodes.get(claim.name);
        if (claim.name === '' || (claim.uid !== '' && !isUID(claim.uid))) return 'unknown';
        return uid !== undefined && (claim.uid === '' || claim.uid === uid) ? 'present' : 'absent';
      }
      case 'podRange':
        if (!parseCidr(claim.cidr)) return 'unknown';
        return this.#podRanges.has(canonical(claim.cidr)) ? 'present' : 'absent';
      case 'none':
        return 'unknown';
    }
  }

  #hasServiceUID(beginning: string): boolean {
    const { length } = beginning;
    let beginnings = this.#beginnings.get(length);
    if (!beginnings) {
      beginnings = new Set(this.#serviceUIDs.map((uid) => uid.slice(0, length)));
      this.#beginnings.set(length, beginnings);
    }
    return beginnings.has(beginning);
  }
}

/**
 * A UID, or the beginning of one, as API servers have made them ever since. Of anything else that a tag says nobody has proven
 * that it is not there: it was never an owner, and the object may well be somebody's.
 */
function isUID(text: string): boolean {
  if (text.length < 8 || text.length > 36) return false;
  return [...text].every((character, at) => (dashes.has(at) ? character === '-' : /[0-9a-f]/.test(character)));
}

const dashes: ReadonlySet<number> = new Set([8, 13, 18, 23]);

/**
 * The items whose owner is not in the cluster: candidates, not yet orphans, because a cluster and a cloud are never read at the
 * same moment. What belongs to others, tells no owner, or is looked at with an incomplete cluster is none. Pure.
 */
export function findOrphans(items: readonly InventoryItem[], owners: OwnerIndex): readonly InventoryItem[] {
  return items.filter(({ claim, ownership }) => ownership.kind !== 'foreign' && owners.find(claim) === 'absent');
}

/** Ranges of others may be spelled in any way; what is no range is compared as text. */
function canonical(cidr: string): string {
  return parseCidr(cidr)?.text ?? cidr;
}

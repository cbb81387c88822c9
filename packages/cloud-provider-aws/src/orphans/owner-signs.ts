import {
  type ClusterIdentity,
  type InventoryItem,
  type Ownership,
  type OwnerClaim,
  clusterStampKey,
  judgeOwnership,
} from '@ccm-ts/cloud-provider';
import { type Tags, isTaggedOwned, serviceNameTagKey } from '../cluster-tags.ts';
import type { CloudConfig } from '../config/cloud-config.ts';

/** Whose cluster inventories are made for. */
export interface InventoryOwner {
  readonly cluster: ClusterIdentity;
  readonly config: CloudConfig;
}

/**
 * Whose an object is, by its stamp alone. Undefined when nothing says that it was made for this cluster: objects of other
 * clusters in the account are no business of ours.
 */
export function judgeTags(tags: Tags, { cluster, config }: InventoryOwner): Ownership | undefined {
  const stamp = tags[clusterStampKey];
  if (stamp !== undefined && stamp !== cluster.uid) return undefined;
  // Without a stamp the Go manager made it, or an older release: the tag of the cluster is no proof, as clusters share names.
  if (stamp === undefined && !isTaggedOwned(tags, config.tagging)) return undefined;
  return judgeOwnership(cluster, { stamp, holdsServiceUID: false, isRecorded: false, isAdopted: false });
}

/**
 * The Service that a load balancer is for, by its name, which holds the UID without its dashes and without its last digit;
 * nothing when the name is no such one.
 */
export function claimOfName(loadBalancerName: string): OwnerClaim {
  const match = /^a([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{11})$/.exec(loadBalancerName);
  return match ? { kind: 'service', uid: match.slice(1).join('-'), name: '' } : { kind: 'none' };
}

/** The Service that an object is for, by the tag with its name; nothing when it has none. */
export function claimOfTags(tags: Tags): OwnerClaim {
  const name = tags[serviceNameTagKey] ?? '';
  return name === '' ? { kind: 'none' } : { kind: 'service', uid: '', name };
}

/** The object as the inventory has it; undefined when it is somebody else's, or tells no owner. */
export function itemOf(
  object: { readonly id: string; readonly name: string; readonly tags: Tags; readonly claim: OwnerClaim },
  owner: InventoryOwner,
): InventoryItem | undefined {
  const { id, name, tags, claim } = object;
  const ownership = judgeTags(tags, owner);
  if (!ownership || claim.kind === 'none') return undefined;
  return { id, name, scope: owner.config.scope, ownership, claim, createdAt: '' };
}

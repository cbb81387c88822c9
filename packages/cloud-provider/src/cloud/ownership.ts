import { adoptAnnotation } from '../api/well-known.ts';
import type { ClusterIdentity } from './cluster-identity.ts';

/** The tag that every object we create carries; its value is the cluster's UID. */
export const clusterStampKey = 'ccm-ts/cluster-uid';

/** What is known about the owner of an object in the cloud. Only `ours` and `new` may be written. */
export type Ownership =
  | { readonly kind: 'new' }
  | { readonly kind: 'ours'; readonly proof: OwnershipProof }
  | { readonly kind: 'foreign'; readonly reason: string }
  | { readonly kind: 'unproven'; readonly reason: string };

/**
 * `stamp`: it carries our stamp. `journal`: it carries the id of a create that was written down before it was sent. The others
 * prove ownership of objects made before there was a stamp.
 */
export type OwnershipProof = 'stamp' | 'service-uid' | 'recorded-id' | 'adopted' | 'journal';

/** What an adapter found out about one object. */
export interface OwnershipEvidence {
  /** The stamp on the object; undefined when it carries none. */
  readonly stamp: string | undefined;
  /** The object's name or tags hold the UID of the Service it is for. */
  readonly holdsServiceUID: boolean;
  /** The Service's status or annotations already record the object's id or address. */
  readonly isRecorded: boolean;
  /** The user asked for adoption of this very object by annotation. */
  readonly isAdopted: boolean;
  /** The object's id, for objects that can be adopted: users are told to name it when nothing proves whose it is. */
  readonly id?: string;
}

/**
 * Decides who owns an object. A stamp outweighs everything else: another cluster's stamp makes it foreign whatever its name
 * says, because two clusters restored from one backup share Service UIDs, and the annotations that ask for adoption too.
 */
export function judgeOwnership(cluster: ClusterIdentity, evidence: OwnershipEvidence): Ownership {
  if (evidence.stamp === cluster.uid) return { kind: 'ours', proof: 'stamp' };
  if (evidence.stamp !== undefined) {
    return {
      kind: 'foreign',
      reason: `it is stamped for the cluster ${evidence.stamp}, this cluster is ${cluster.uid}`,
    };
  }
  if (evidence.isAdopted) return { kind: 'ours', proof: 'adopted' };
  if (evidence.holdsServiceUID) return { kind: 'ours', proof: 'service-uid' };
  if (evidence.isRecorded) return { kind: 'ours', proof: 'recorded-id' };
  const { id } = evidence;
  const advice = id === undefined ? '' : `; if it is, write its id into the annotation ${adoptAnnotation}: ${id}`;
  return {
    kind: 'unproven',
    reason: `it carries no stamp, neither its name nor its tags hold the UID of the Service, and the Service does not record it${advice}`,
  };
}

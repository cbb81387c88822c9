import { type ClusterIdentity, clusterStampKey } from '@ccm-ts/cloud-provider';
import type { ClusterTagging } from './config/cloud-config.ts';

export type Tags = Readonly<Record<string, string>>;

/** The prefix of the tag whose remainder is the cluster's ID. */
export const clusterTagPrefix = 'kubernetes.io/cluster/';
/** The tag of clusters from before the prefix; its value is the ID. */
export const legacyClusterTagKey = 'KubernetesCluster';
/** The tag that says which Service a load balancer's object is for, as `namespace/name`. */
export const serviceNameTagKey = 'kubernetes.io/service-name';

/**
 * Our tag that says which Service a security group is for, by its UID: nothing else in the group of a network load balancer
 * tells it once the load balancer is gone.
 */
export const serviceUIDTagKey = 'ccm-ts/service-uid';

/** Whether the object belongs to the cluster at all, `owned` or `shared`. Without a cluster ID everything does. */
export function hasClusterTag(tags: Tags, cluster: ClusterTagging): boolean {
  if (cluster.id === '') return true;
  return `${clusterTagPrefix}${cluster.id}` in tags || tags[legacyClusterTagKey] === cluster.id;
}

/** Whether the cluster made the object, as the Go manager judges it. Without a cluster ID nothing is. */
export function isTaggedOwned(tags: Tags, cluster: ClusterTagging): boolean {
  if (cluster.id === '') return false;
  return tags[`${clusterTagPrefix}${cluster.id}`] === 'owned' || tags[legacyClusterTagKey] === cluster.id;
}

/** Whether the object is tagged for any cluster. */
export function hasAnyClusterTag(tags: Tags): boolean {
  return Object.keys(tags).some((key) => key.startsWith(clusterTagPrefix));
}

export interface ServiceObjectTagOptions {
  readonly serviceName: string;
  readonly tagging: ClusterTagging;
  readonly cluster: ClusterIdentity;
}

/**
 * The tags of every object that is made for a Service: the Go manager's (v1.36), so that a cluster can be handed back, and
 * our stamp.
 */
export function serviceObjectTags(options: ServiceObjectTagOptions): Tags {
  return { [serviceNameTagKey]: options.serviceName, ...clusterObjectTags(options.tagging, options.cluster) };
}

/** Those of them that say whose cluster the object is; security groups carry no others. */
export function clusterObjectTags(tagging: ClusterTagging, cluster: ClusterIdentity): Tags {
  return {
    ...(tagging.id === '' ? {} : { [`${clusterTagPrefix}${tagging.id}`]: 'owned' }),
    ...(tagging.isLegacy && tagging.id !== '' ? { [legacyClusterTagKey]: tagging.id } : {}),
    [clusterStampKey]: cluster.uid,
  };
}

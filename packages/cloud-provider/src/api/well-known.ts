/**
 * Names that the Kubernetes project fixes, and below them our own, which clusters hold and which never change.
 * Source: k8s.io/cloud-provider/api and k8s.io/api/core/v1/well_known_*.go.
 */

/** The taint a kubelet with an external provider registers with; it falls when the node is initialised. */
export const uninitializedTaint = 'node.cloudprovider.kubernetes.io/uninitialized';
/** The taint of a node whose machine is stopped. */
export const shutdownTaint = 'node.cloudprovider.kubernetes.io/shutdown';
/** Set by the cluster autoscaler on a node that it is about to remove. */
export const toBeDeletedByAutoscalerTaint = 'ToBeDeletedByClusterAutoscaler';

/** The address that the kubelet was told to use (`--node-ip`). */
export const providedNodeIPAnnotation = 'alpha.kubernetes.io/provided-node-ip';
/** The annotation form of `spec.loadBalancerSourceRanges`. */
export const sourceRangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** Keeps a Service until its load balancer is gone. */
export const loadBalancerCleanupFinalizer = 'service.kubernetes.io/load-balancer-cleanup';

export const excludeFromLoadBalancersLabel = 'node.kubernetes.io/exclude-from-external-load-balancers';
export const instanceTypeLabel = 'node.kubernetes.io/instance-type';
export const zoneLabel = 'topology.kubernetes.io/zone';
export const regionLabel = 'topology.kubernetes.io/region';
export const betaInstanceTypeLabel = 'beta.kubernetes.io/instance-type';
export const betaZoneLabel = 'failure-domain.beta.kubernetes.io/zone';
export const betaRegionLabel = 'failure-domain.beta.kubernetes.io/region';

/**
 * On a Service: its load balancers and addresses are not deleted as long as it is there with any value but `false`; a Service
 * that is deleted waits.
 */
export const protectAnnotation = 'ccm-ts/protect';
/**
 * On a Service: the ids, with commas between, of load balancers and what belongs to them that stand where the Service's own
 * would be, without any proof that they are the Service's, and that are to be taken for its own.
 */
export const adoptAnnotation = 'ccm-ts/adopt';
/**
 * On a Service: `orphan` lets it go without its load balancer: the finalizer falls at once, and whatever is in the cloud stays there,
 * reported but looked after by nobody. The way out when the cloud does not let go of something. Counts from when the Service
 * is deleted; a change of its type or kind removes the load balancer as ever.
 */
export const onDeleteAnnotation = 'ccm-ts/on-delete';

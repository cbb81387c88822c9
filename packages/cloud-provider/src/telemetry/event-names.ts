/** What one reason of Events says, and what its reader does about it. */
export interface EventDeclaration {
  /** The object that the Event is on; `Cluster` is the namespace kube-system. */
  readonly about: 'Service' | 'Node' | 'Cluster' | 'Lease';
  readonly type: 'Normal' | 'Warning';
  readonly meaning: string;
  /** Empty when nothing has to be done. */
  readonly next: string;
}

/**
 * Every reason of Events that the library's own loops give. Those of the Go managers are theirs; providers add the reasons of
 * their refusals. A test compares this with the source.
 */
export const eventDeclarations = {
  EnsuringLoadBalancer: { about: 'Service', type: 'Normal', meaning: 'work on the load balancer begins', next: '' },
  EnsuredLoadBalancer: { about: 'Service', type: 'Normal', meaning: 'the load balancer is as wanted', next: '' },
  UpdatedLoadBalancer: { about: 'Service', type: 'Normal', meaning: 'its backends follow the nodes', next: '' },
  DeletingLoadBalancer: { about: 'Service', type: 'Normal', meaning: 'the load balancer is about to go', next: '' },
  DeletedLoadBalancer: { about: 'Service', type: 'Normal', meaning: 'the load balancer is gone', next: '' },
  LoadBalancerHandedOver: {
    about: 'Service',
    type: 'Normal',
    meaning: '`--manage-services` does not select the Service any more; nothing of it was touched',
    next: 'see that another manager selects it',
  },
  UnAvailableLoadBalancer: {
    about: 'Service',
    type: 'Warning',
    meaning: 'there is no node that can be a backend',
    next: 'look for nodes that are not ready, tainted or labelled `node.kubernetes.io/exclude-from-external-load-balancers`',
  },
  SyncLoadBalancerFailed: {
    about: 'Service',
    type: 'Warning',
    meaning: 'the load balancer could not be made or changed, or the Service can not be served as it is written',
    next: 'the note names field, value and fix, or what the cloud said',
  },
  UpdateLoadBalancerFailed: {
    about: 'Service',
    type: 'Warning',
    meaning: 'the backends could not be changed after nodes came or went',
    next: 'the note has what the cloud said; it is tried again',
  },
  DeleteLoadBalancerFailed: {
    about: 'Service',
    type: 'Warning',
    meaning: 'the load balancer of a Service that is gone could not be deleted',
    next: 'the note names the object; it is tried again',
  },
  LoadBalancerBlocked: {
    about: 'Service',
    type: 'Warning',
    meaning: 'something else must change first',
    next: 'the note names it',
  },
  LoadBalancerOrphaned: {
    about: 'Service',
    type: 'Warning',
    meaning: 'the Service went with `ccm-ts/on-delete: orphan`: its load balancer stays, and costs',
    next: 'delete what the note names when nobody needs it',
  },
  OwnershipConflict: {
    about: 'Service',
    type: 'Warning',
    meaning: 'what stands in the place of the load balancer is not proven to be of this cluster',
    next: 'adopt it with `ccm-ts/adopt: ID`, or remove it by hand',
  },
  Protected: {
    about: 'Service',
    type: 'Warning',
    meaning: '`ccm-ts/protect` keeps a load balancer that would be deleted',
    next: 'remove the annotation if it is to go',
  },
  AcceptedWithRemarks: {
    about: 'Service',
    type: 'Warning',
    meaning: 'the Service is served, and something in it has no effect',
    next: 'the note says what to write',
  },
  ProviderDefect: {
    about: 'Service',
    type: 'Warning',
    meaning: 'a mistake in the program',
    next: 'report it, with the stack in the log',
  },
  Synced: { about: 'Node', type: 'Normal', meaning: 'the node is initialised', next: '' },
  InstanceNotFound: {
    about: 'Node',
    type: 'Warning',
    meaning: 'the cloud has no machine for a node that waits to be initialised',
    next: "compare the node's name with the machine's, and the account and region of the cloud-config",
  },
  InstanceUnknown: {
    about: 'Node',
    type: 'Warning',
    meaning: 'the cloud could not be asked, or refused to say',
    next: 'the note has what it said; permissions: `ccm doctor`',
  },
  InstanceReplaced: {
    about: 'Node',
    type: 'Warning',
    meaning: 'another machine has the name of the node, whose own is gone',
    next: 'delete the Node, so that the kubelet registers anew',
  },
  InstanceAmbiguous: {
    about: 'Node',
    type: 'Warning',
    meaning: 'several machines fit the node',
    next: 'rename all but one, or let the kubelet set the providerID',
  },
  InstanceTerminating: {
    about: 'Node',
    type: 'Warning',
    meaning: 'the machine of a node that joins is on its way out',
    next: '',
  },
  InstanceMetadataMissing: {
    about: 'Node',
    type: 'Warning',
    meaning: 'the cloud knows the machine, and not yet enough of it',
    next: '',
  },
  ProviderIDMissing: {
    about: 'Node',
    type: 'Warning',
    meaning: 'the cloud gives no providerID for the machine',
    next: 'report it to the provider',
  },
  InstanceNotPrepared: {
    about: 'Node',
    type: 'Warning',
    meaning: 'something in the cloud that the node needs could not be written',
    next: 'the note has what the cloud said',
  },
  LabelHeldByAnother: {
    about: 'Node',
    type: 'Warning',
    meaning: 'somebody else set a label that the cloud would set otherwise; it stays',
    next: "remove the label to have the cloud's",
  },
  AnnotationsWithoutEffect: {
    about: 'Node',
    type: 'Warning',
    meaning: 'annotations under `ccm-ts/` do nothing on a Node',
    next: 'the note says what to remove',
  },
  LabelUnusable: {
    about: 'Node',
    type: 'Warning',
    meaning: 'the cloud gives what can be no label',
    next: 'rename it in the cloud',
  },
  ProvidedNodeIPInvalid: {
    about: 'Node',
    type: 'Warning',
    meaning: "the kubelet's `--node-ip` is none of the machine's addresses",
    next: 'set it right, or leave it away',
  },
  CloudAddressInvalid: {
    about: 'Node',
    type: 'Warning',
    meaning: 'the cloud gives an address that is none; it is left out',
    next: 'the note names it',
  },
  DeletingNode: {
    about: 'Node',
    type: 'Normal',
    meaning: 'the Node is deleted: the cloud said twice that its machine is gone',
    next: '',
  },
  DeletingNodeFailed: {
    about: 'Node',
    type: 'Warning',
    meaning: 'the API server did not delete it',
    next: 'the note has why; it is tried again',
  },
  TaintingNode: {
    about: 'Node',
    type: 'Normal',
    meaning: 'the same under `--node-deletion-policy=taint`',
    next: 'delete the Node when you agree',
  },
  TaintingNodeFailed: {
    about: 'Node',
    type: 'Warning',
    meaning: 'the API server did not take the taint',
    next: 'the note has why; it is tried again',
  },
  NodeDeletionWithheld: {
    about: 'Node',
    type: 'Normal',
    meaning: 'the same under `--node-deletion-policy=observe`',
    next: 'delete the Node when you agree',
  },
  NodeDeletionSuspended: {
    about: 'Cluster',
    type: 'Warning',
    meaning: 'too many machines were found missing at once: no node is deleted',
    next: 'see whether credentials, account and region are right, and whether the machines are really gone',
  },
  NodeDeletionResumed: {
    about: 'Cluster',
    type: 'Normal',
    meaning: 'the cloud has said the same for long enough',
    next: '',
  },
  FailedToCreateRoute: {
    about: 'Node',
    type: 'Warning',
    meaning: 'pods of the node can not be reached from other nodes',
    next: 'the note has why: limits, a foreign route, a range outside `--cluster-cidr`',
  },
  CIDRNotAvailable: {
    about: 'Node',
    type: 'Warning',
    meaning: 'no range for pods is left, or what stands in `spec.podCIDRs` is none',
    next: 'delete nodes that are gone, or give a larger `--cluster-cidr`',
  },
  CIDROverlap: {
    about: 'Node',
    type: 'Warning',
    meaning: 'two nodes have ranges with addresses in common',
    next: 'delete one of the Nodes, so that it registers anew',
  },
  CIDRAssignmentFailed: {
    about: 'Node',
    type: 'Warning',
    meaning: 'the API server did not take the range',
    next: 'the note has why; it is tried again',
  },
  OrphanFound: {
    about: 'Cluster',
    type: 'Warning',
    meaning: 'something in the cloud was made for what is not in the cluster any more',
    next: '`ccm orphans list`, then delete or adopt',
  },
  OrphanDeleted: {
    about: 'Cluster',
    type: 'Normal',
    meaning: '`--orphan-policy=delete` removed it',
    next: '',
  },
  OrphanNotDeleted: {
    about: 'Cluster',
    type: 'Warning',
    meaning: 'the cloud did not delete it',
    next: 'the note has why; it is tried again',
  },
  OrphanDeletionStopped: {
    about: 'Cluster',
    type: 'Warning',
    meaning: 'too much seems to have no owner: nothing is deleted',
    next: 'see whether this is the right cluster',
  },
  LeaderElection: { about: 'Lease', type: 'Normal', meaning: 'another replica leads', next: '' },
} as const satisfies Readonly<Record<string, EventDeclaration>>;

/** What one status of one condition says. */
export interface ConditionDeclaration {
  readonly about: 'Service' | 'Node';
  readonly type: string;
  readonly status: 'True' | 'False';
  /** `…` stands for those of the provider. */
  readonly reasons: readonly string[];
  readonly meaning: string;
}

/** Every condition that is written. A test compares this with the source. */
export const conditionDeclarations: readonly ConditionDeclaration[] = [
  {
    about: 'Service',
    type: 'ccm-ts/Accepted',
    status: 'False',
    reasons: ['OwnershipConflict', 'Protected', 'InvalidAnnotation', 'ProviderDefect', '…'],
    meaning: 'the Service can not be served as it is written; the message names field, value and fix',
  },
  {
    about: 'Service',
    type: 'ccm-ts/Accepted',
    status: 'True',
    reasons: ['Accepted', 'AcceptedWithRemarks'],
    meaning: 'it can; with remarks, something in it has no effect',
  },
  {
    about: 'Service',
    type: 'ccm-ts/Programmed',
    status: 'False',
    reasons: [
      'Provisioning',
      'Deleting',
      'LoadBalancerBlocked',
      'TracesUnknown',
      'OwnershipConflict',
      'Protected',
      'ProviderDefect',
    ],
    meaning: 'the cloud has not done, or does not do, what was accepted; the message names what is waited for',
  },
  {
    about: 'Service',
    type: 'ccm-ts/Programmed',
    status: 'False',
    reasons: [
      'CloudThrottled',
      'CloudConflict',
      'CloudDenied',
      'CloudQuota',
      'CloudInvalid',
      'CloudUnavailable',
      'CloudNotFound',
      'CloudUnknown',
    ],
    meaning: 'the cloud refuses, at once or for the third time; the message has its words',
  },
  {
    about: 'Service',
    type: 'ccm-ts/Programmed',
    status: 'True',
    reasons: ['Programmed'],
    meaning: 'the load balancer is as the Service wants it',
  },
  {
    about: 'Node',
    type: 'NetworkUnavailable',
    status: 'True',
    reasons: ['NoRouteCreated'],
    meaning: 'a range of the node has no route, so that its pods can not be reached',
  },
  {
    about: 'Node',
    type: 'NetworkUnavailable',
    status: 'False',
    reasons: ['RouteCreated'],
    meaning: 'all its ranges have routes',
  },
  {
    about: 'Node',
    type: 'CloudAddressesDoubtful',
    status: 'True',
    reasons: ['ProvidedNodeIPInvalid', 'CloudAddressInvalid'],
    meaning: 'cloud and kubelet do not agree about an address; nothing is kept from working',
  },
  {
    about: 'Node',
    type: 'CloudAddressesDoubtful',
    status: 'False',
    reasons: ['AddressesUsable'],
    meaning: 'they agree again',
  },
];

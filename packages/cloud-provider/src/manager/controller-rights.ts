import { eventsRules, type RbacRule } from './rbac.ts';

/** What an informer does with a resource: the manager reads it once for all controllers. */
function follow(apiGroup: string, resource: string, rarely?: string): readonly RbacRule[] {
  const rule = { apiGroup, resources: [resource], reader: 'informer' } as const;
  return [
    { ...rule, verbs: ['watch'], ...(rarely !== undefined && { rarely }) },
    { ...rule, verbs: ['list'], rarely: 'when the server streams no lists' },
  ];
}

const followNodes = follow('', 'nodes');
const patchNodes: RbacRule = { apiGroup: '', resources: ['nodes'], verbs: ['patch'] };
const patchNodeStatus: RbacRule = { apiGroup: '', resources: ['nodes/status'], verbs: ['patch'] };
/** Our picture of the node is old: it is read again before the write is planned anew. */
const rereadNodes: RbacRule = {
  apiGroup: '',
  resources: ['nodes'],
  verbs: ['get'],
  rarely: 'when a write meets a conflict',
};

const ownershipOfLabels: readonly RbacRule[] = [
  {
    apiGroup: '',
    resources: ['nodes'],
    verbs: ['list'],
    rarely: 'when a label may be left over from another process: whose the labels of nodes are is read then',
  },
  {
    apiGroup: '',
    resources: ['nodes'],
    verbs: ['get'],
    rarely: 'when a label that the cloud gives no more is removed: whose it is is read first',
  },
];

/** What each controller does in the cluster. */
export const controllerRights = {
  node: [...followNodes, rereadNodes, ...ownershipOfLabels, patchNodes, patchNodeStatus, ...eventsRules],
  nodeLifecycle: [
    ...followNodes,
    rereadNodes,
    { ...patchNodes, rarely: 'when a machine is shut down' },
    { apiGroup: '', resources: ['nodes'], verbs: ['delete'], rarely: 'when a machine is gone' },
    ...eventsRules,
  ],
  service: [
    ...followNodes,
    ...follow('', 'services'),
    { apiGroup: '', resources: ['services/status'], verbs: ['patch'] },
    ...follow('discovery.k8s.io', 'endpointslices', 'when a kind of load balancer goes by the readiness of pods'),
    ...eventsRules,
  ],
  route: [
    ...followNodes,
    {
      apiGroup: '',
      resources: ['nodes'],
      verbs: ['list'],
      rarely: 'when a route is to be deleted in a cluster with several managers',
    },
    patchNodeStatus,
    ...eventsRules,
  ],
  orphan: [
    ...followNodes,
    ...follow('', 'services'),
    {
      apiGroup: '',
      resources: ['nodes', 'services'],
      verbs: ['list'],
      rarely: 'when something in the cloud seems to have lost its owner',
    },
    ...eventsRules,
  ],
  providerNodes: [...followNodes, patchNodes],
  nodeIpam: [...followNodes, rereadNodes, patchNodes, ...eventsRules],
} as const satisfies Readonly<Record<string, readonly RbacRule[]>>;

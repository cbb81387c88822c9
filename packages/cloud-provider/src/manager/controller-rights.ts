import { eventsRules, type RbacRule } from './rbac.ts';

const noStreaming = 'when the server streams no lists';
const watchNodes: readonly RbacRule[] = [
  { apiGroup: '', resources: ['nodes'], verbs: ['watch'] },
  { apiGroup: '', resources: ['nodes'], verbs: ['list'], rarely: noStreaming },
];
const patchNodes: RbacRule = { apiGroup: '', resources: ['nodes'], verbs: ['patch'] };
const patchNodeStatus: RbacRule = { apiGroup: '', resources: ['nodes/status'], verbs: ['patch'] };
/** Our picture of the node is old: it is read again before the write is planned anew. */
const rereadNodes: RbacRule = {
  apiGroup: '',
  resources: ['nodes'],
  verbs: ['get'],
  rarely: 'when a write meets a conflict',
};

const whenOrphaned = 'when something in the cloud seems to have lost its owner, or the server streams no lists';

/** What each controller does in the cluster. */
export const controllerRights = {
  node: [...watchNodes, rereadNodes, patchNodes, patchNodeStatus, ...eventsRules],
  nodeLifecycle: [
    ...watchNodes,
    rereadNodes,
    { ...patchNodes, rarely: 'when a machine is shut down' },
    { apiGroup: '', resources: ['nodes'], verbs: ['delete'], rarely: 'when a machine is gone' },
    ...eventsRules,
  ],
  service: [
    ...watchNodes,
    { apiGroup: '', resources: ['services'], verbs: ['watch'] },
    { apiGroup: '', resources: ['services'], verbs: ['list'], rarely: noStreaming },
    { apiGroup: '', resources: ['services/status'], verbs: ['patch'] },
    {
      apiGroup: 'discovery.k8s.io',
      resources: ['endpointslices'],
      verbs: ['list', 'watch'],
      rarely: 'when a kind of load balancer goes by the readiness of pods',
    },
    ...eventsRules,
  ],
  route: [...watchNodes, patchNodeStatus, ...eventsRules],
  orphan: [
    { apiGroup: '', resources: ['nodes', 'services'], verbs: ['watch'] },
    { apiGroup: '', resources: ['nodes', 'services'], verbs: ['list'], rarely: whenOrphaned },
    ...eventsRules,
  ],
  providerNodes: [...watchNodes, patchNodes],
  nodeIpam: [...watchNodes, rereadNodes, patchNodes, ...eventsRules],
} as const satisfies Readonly<Record<string, readonly RbacRule[]>>;

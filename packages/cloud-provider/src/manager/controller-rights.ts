import { eventsRule, type RbacRule } from './rbac.ts';

const readNodes: RbacRule = { apiGroup: '', resources: ['nodes'], verbs: ['list', 'watch'] };
const patchNodes: RbacRule = { apiGroup: '', resources: ['nodes'], verbs: ['patch'] };
const patchNodeStatus: RbacRule = { apiGroup: '', resources: ['nodes/status'], verbs: ['patch'] };
/** Our picture of the node is old: it is read again before the write is planned anew. */
const rereadNodes: RbacRule = {
  apiGroup: '',
  resources: ['nodes'],
  verbs: ['get'],
  rarely: 'when a write meets a conflict',
};

/** What each controller does in the cluster. */
export const controllerRights = {
  node: [readNodes, rereadNodes, patchNodes, patchNodeStatus, eventsRule],
  nodeLifecycle: [
    readNodes,
    rereadNodes,
    { ...patchNodes, rarely: 'when a machine is shut down' },
    { apiGroup: '', resources: ['nodes'], verbs: ['delete'], rarely: 'when a machine is gone' },
    eventsRule,
  ],
  service: [
    readNodes,
    { apiGroup: '', resources: ['services'], verbs: ['list', 'watch'] },
    { apiGroup: '', resources: ['services/status'], verbs: ['patch'] },
    eventsRule,
  ],
  route: [readNodes, patchNodeStatus, eventsRule],
  nodeIpam: [readNodes, rereadNodes, patchNodes, eventsRule],
} as const satisfies Readonly<Record<string, readonly RbacRule[]>>;

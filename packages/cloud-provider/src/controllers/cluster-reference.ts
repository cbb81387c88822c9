import type { ObjectReference } from '../api/event.ts';

/**
 * What Events are about that concern the whole cluster, or things that are not in it any more: its namespace kube-system.
 *
 * @param uid of that namespace
 */
export function clusterReference(uid: string): ObjectReference {
  return {
    kind: 'Namespace',
    namespace: '',
    name: 'kube-system',
    uid,
    apiVersion: 'v1',
    resourceVersion: '',
    fieldPath: '',
  };
}

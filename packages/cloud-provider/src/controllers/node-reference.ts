import type { ObjectReference } from '../api/event.ts';
import type { Node } from '../api/node.ts';
import type { NodeRef } from '../cloud/instances.ts';

/** The Node as Events name it. */
export function nodeReference(node: Node): ObjectReference {
  const { name, uid } = node.metadata;
  return { kind: 'Node', namespace: '', name, uid, apiVersion: 'v1', resourceVersion: '', fieldPath: '' };
}

/** The Node as providers see it. */
export function nodeRef(node: Node): NodeRef {
  const { name, uid, labels, annotations } = node.metadata;
  return { name, uid, providerID: node.spec.providerID, labels, annotations };
}

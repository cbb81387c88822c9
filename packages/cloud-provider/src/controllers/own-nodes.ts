import type { Node } from '../api/node.ts';
import { type NodeOwnershipRules, judgeNode } from '../cloud/node-ownership.ts';
import { nodeRef } from './node-reference.ts';

/** Whether a Node is this manager's, as far as it says itself. Of one that is not, controllers keep their hands. Pure. */
export type IsOwnNode = (node: Node) => boolean;

/** @see judgeNode for what counts, and in which order */
export function ownNodes(rules: NodeOwnershipRules): IsOwnNode {
  return (node) => judgeNode(nodeRef(node), rules).kind === 'open';
}

/** For managers that are alone in a cluster of one cloud. */
export const everyNode: IsOwnNode = () => true;

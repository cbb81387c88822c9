import { type LabelSelector, matchesLabels } from '../base/label-selector.ts';
import type { NodeClaim, NodeRef } from './instances.ts';

/** What tells this manager's Nodes from those of other managers, clouds, regions and accounts. */
export interface NodeOwnershipRules {
  /** The schemes of this cloud's providerIDs. */
  readonly schemes: readonly string[];
  /** `--manage-nodes`. @default every node */
  readonly selector?: LabelSelector;
  /** What the provider says of a Node without asking the cloud. @default nothing */
  readonly claim?: (node: NodeRef) => NodeClaim;
}

/**
 * Whose a Node is. `open`: nothing on the Node speaks against its being ours; whether the cloud knows its machine is found out
 * by asking. `foreign` is final for this version of the Node: no loop writes it, deletes it, sends traffic to it or touches
 * its routes.
 */
export type NodeVerdict =
  | { readonly kind: 'open' }
  | { readonly kind: 'foreign'; readonly by: 'providerID' | 'selector' | 'claim'; readonly reason: string };

const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\//;

/**
 * Judges a Node by what it says of itself, without a call to anybody: first the scheme of its providerID, then the selector,
 * then the provider's claim. Each can only take a Node away; none brings back what another took. A providerID without a scheme
 * tells nothing here: some clouds wrote such ones. Pure, and cheap: it is asked with each heartbeat.
 */
export function judgeNode(node: NodeRef, rules: NodeOwnershipRules): NodeVerdict {
  const written = scheme.exec(node.providerID)?.[1];
  if (written !== undefined && !rules.schemes.includes(written)) {
    return { kind: 'foreign', by: 'providerID', reason: `its providerID is one of ${written}` };
  }
  if (rules.selector && !matchesLabels(rules.selector, node.labels)) {
    return { kind: 'foreign', by: 'selector', reason: '--manage-nodes does not select it' };
  }
  if (rules.claim?.(node) === 'foreign') {
    return { kind: 'foreign', by: 'claim', reason: 'its machine is not of an account and region of this manager' };
  }
  return { kind: 'open' };
}

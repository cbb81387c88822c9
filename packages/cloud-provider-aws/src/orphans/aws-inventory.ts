import type { InventoryKind } from '@ccm-ts/cloud-provider';
import { classicLeftovers } from './classic-leftovers.ts';
import { networkLeftovers, targetGroupLeftovers } from './network-leftovers.ts';
import { nodeRuleLeftovers } from './node-rule-leftovers.ts';
import { type InventorySource, orphanKind } from './orphan-kind.ts';
import type { InventoryOwner } from './owner-signs.ts';
import { securityGroupLeftovers } from './security-group-leftovers.ts';

/** What the provider makes for Services, in the order in which it can be deleted. */
export function awsInventory(source: InventorySource, owner: InventoryOwner) {
  return [
    networkLeftovers(source, owner),
    targetGroupLeftovers(source, owner),
    classicLeftovers(source, owner),
    securityGroupLeftovers(source, owner),
    nodeRuleLeftovers(source, owner),
  ].map(orphanKind) satisfies readonly InventoryKind[];
}

import type { InventoryKind } from '@ccm-ts/cloud-provider';
import type { AwsClients } from '../client/sdk-clients.ts';
import { classicLeftovers, securityGroupLeftovers } from './classic-leftovers.ts';
import { networkLeftovers, targetGroupLeftovers } from './network-leftovers.ts';
import { orphanKind } from './orphan-kind.ts';
import type { InventoryOwner } from './owner-signs.ts';

/** What the provider makes for Services, in the order in which it can be deleted. */
export function awsInventory(clients: Pick<AwsClients, 'ec2' | 'elb' | 'elbv2'>, owner: InventoryOwner) {
  const { ec2, elb, elbv2 } = clients;
  return [
    networkLeftovers(elbv2, owner),
    targetGroupLeftovers(elbv2, owner),
    classicLeftovers(elb, owner),
    securityGroupLeftovers(ec2, owner),
  ].map(orphanKind) satisfies readonly InventoryKind[];
}

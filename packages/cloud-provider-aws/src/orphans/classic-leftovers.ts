import type { CallContext, InventoryItem } from '@ccm-ts/cloud-provider';
import type { ClassicLoadBalancer } from '../client/classic-elb-port.ts';
import type { Tags } from '../cluster-tags.ts';
import { isInVpc } from './network-leftovers.ts';
import { type InventorySource, type LeftoverPort, deletionOf } from './orphan-kind.ts';
import { type InventoryOwner, claimOfName, itemOf } from './owner-signs.ts';

/**
 * Classic load balancers. Their tags cost a request each, so those that were read once are believed by lists; before anything
 * is called an orphan they are read again.
 */
export function classicLeftovers({ clients: { elb }, reads }: InventorySource, owner: InventoryOwner): LeftoverPort {
  const { scope } = owner.config;
  let known: ReadonlyMap<string, Tags> = new Map();
  const itemFor = ({ name, vpcID }: ClassicLoadBalancer, tags: Tags): InventoryItem | undefined =>
    isInVpc(vpcID, owner) ? itemOf({ id: name, name, tags, claim: claimOfName(name) }, owner) : undefined;
  const readTags = async (name: string, call: CallContext): Promise<Tags> =>
    known.get(name) ?? (await elb.describeTags(name, call));
  return {
    name: 'ClassicLoadBalancer',
    async list(call) {
      const all = await reads.classicLoadBalancers.list(call);
      const found = all.filter(({ name, vpcID }) => claimOfName(name).kind !== 'none' && isInVpc(vpcID, owner));
      const tags = new Map<string, Tags>();
      for (const { name } of found) tags.set(name, await readTags(name, call));
      known = tags;
      return found.map((one) => itemFor(one, tags.get(one.name) ?? {})).filter((item) => item !== undefined);
    },
    async look({ name }, call) {
      const found = await elb.findLoadBalancer(name, call);
      if (!found) return undefined;
      const item = itemFor(found, await elb.describeTags(name, call));
      if (!item) return undefined;
      const parts = { key: name, operation: 'DeleteLoadBalancer', scope } as const;
      return {
        item,
        deletions: [deletionOf({ kind: 'ClassicLoadBalancer', name, ownership: item.ownership }, parts)],
      };
    },
    delete: ({ key }, call) => elb.deleteLoadBalancer(key, call),
  };
}

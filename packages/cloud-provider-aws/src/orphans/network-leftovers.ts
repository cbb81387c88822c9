import type { CallContext, InventoryItem } from '@ccm-ts/cloud-provider';
import type { Elbv2Port, LoadBalancer, TargetGroup } from '../client/elbv2-port.ts';
import type { Tags } from '../cluster-tags.ts';
import { deleteRules, nodeRulesKind, ruleDeletions } from './node-rule-leftovers.ts';
import { type Deletion, type InventorySource, type Leftover, type LeftoverPort, deletionOf } from './orphan-kind.ts';
import { type InventoryOwner, claimOfName, claimOfTags, itemOf, judgeTags } from './owner-signs.ts';

/**
 * Network load balancers. With one go the target groups that serve it alone: they tell no UID by which they could go alone.
 * Its rules in the groups of the nodes go first, as nothing proves whose they are once it is gone.
 */
export function networkLeftovers(source: InventorySource, owner: InventoryOwner): LeftoverPort {
  const { clients, reads } = source;
  const { elbv2 } = clients;
  const { scope } = owner.config;
  const itemFor = ({ arn, name, type, vpcID }: LoadBalancer, tags: Tags): InventoryItem | undefined => {
    if (type !== 'network' || !isInVpc(vpcID, owner)) return undefined;
    return itemOf({ id: arn, name, tags, claim: claimOfName(name) }, owner);
  };
  return {
    name: 'NetworkLoadBalancer',
    async list(call) {
      const all = await reads.networkLoadBalancers.list(call);
      const found = all.filter(({ name }) => claimOfName(name).kind !== 'none');
      const tags = await tagsOf(elbv2, found, call);
      return found.map((one) => itemFor(one, tags.get(one.arn) ?? {})).filter((item) => item !== undefined);
    },
    async look({ id, name }, call) {
      const found = await elbv2.findLoadBalancer(name, call);
      // Names are used again, ARNs are not.
      if (found?.arn !== id) return undefined;
      const groups = (await elbv2.describeTargetGroups(call)).filter(
        ({ loadBalancerArns: [arn, ...others] }) => arn === id && others.length === 0,
      );
      const tags = await tagsOf(elbv2, [found, ...groups], call);
      const item = itemFor(found, tags.get(id) ?? {});
      if (!item) return undefined;
      const parts = { key: id, operation: 'DeleteLoadBalancer', scope } as const;
      const deletion = deletionOf({ kind: 'NetworkLoadBalancer', name, ownership: item.ownership }, parts);
      const ofGroups = groups.flatMap((group) => deletionsOfGroup(group, tags.get(group.arn) ?? {}, owner));
      const ofRules = await ruleDeletions({ name, ownership: item.ownership }, { source, owner, call });
      return { item, deletions: [...ofRules, deletion, ...ofGroups] };
    },
    delete(deletion, call) {
      const { key, object } = deletion;
      switch (object.kind) {
        case nodeRulesKind:
          return deleteRules(deletion, { source, owner, call });
        case 'TargetGroup':
          return elbv2.deleteTargetGroup(key, call);
        default:
          return elbv2.deleteLoadBalancer(key, call);
      }
    },
  };
}

/** Target groups, which are known by the name of their Service alone; so they are only ever reported. */
export function targetGroupLeftovers({ clients, reads }: InventorySource, owner: InventoryOwner): LeftoverPort {
  const { elbv2 } = clients;
  const itemFor = ({ arn, name, vpcID }: TargetGroup, tags: Tags): InventoryItem | undefined =>
    isInVpc(vpcID, owner) ? itemOf({ id: arn, name, tags, claim: claimOfTags(tags) }, owner) : undefined;
  const read = async (call: CallContext): Promise<readonly (readonly [TargetGroup, Tags])[]> => {
    const groups = (await reads.targetGroups.read(call)).filter(({ name }) => name.startsWith('k8s-'));
    const tags = await tagsOf(elbv2, groups, call);
    return groups.map((group) => [group, tags.get(group.arn) ?? {}] as const);
  };
  return {
    name: 'TargetGroup',
    async list(call) {
      return (await read(call)).map(([group, tags]) => itemFor(group, tags)).filter((item) => item !== undefined);
    },
    async look({ id }, call): Promise<Leftover | undefined> {
      const [group] = (await elbv2.describeTargetGroups(call)).filter(({ arn }) => arn === id);
      if (!group) return undefined;
      const tags = (await tagsOf(elbv2, [group], call)).get(id) ?? {};
      const item = itemFor(group, tags);
      return item && { item, deletions: deletionsOfGroup(group, tags, owner) };
    },
    delete: ({ key }, call) => elbv2.deleteTargetGroup(key, call),
  };
}

function deletionsOfGroup({ arn, name }: TargetGroup, tags: Tags, owner: InventoryOwner): readonly Deletion[] {
  const ownership = judgeTags(tags, owner);
  // One refused operation would hold up all others.
  if (ownership?.kind !== 'ours') return [];
  const parts = { key: arn, operation: 'DeleteTargetGroup', scope: owner.config.scope } as const;
  return [deletionOf({ kind: 'TargetGroup', name, ownership }, parts)];
}

async function tagsOf(
  elbv2: Elbv2Port,
  objects: readonly { readonly arn: string }[],
  call: CallContext,
): Promise<ReadonlyMap<string, Tags>> {
  return objects.length === 0
    ? new Map()
    : elbv2.describeTags(
        objects.map(({ arn }) => arn),
        call,
      );
}

/** Where the VPC is not configured nothing is left out for being in another one. */
export function isInVpc(vpcID: string, { config }: InventoryOwner): boolean {
  return config.vpcID === '' || vpcID === config.vpcID;
}

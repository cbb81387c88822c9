import { type CallContext, type InventoryItem, type Ownership, judgeOwnership } from '@ccm-ts/cloud-provider';
import { hasClusterTag } from '../cluster-tags.ts';
import { sharedHealthPort } from '../load-balancers/network/health-check.ts';
import { loadBalancerOfRule } from '../load-balancers/network/names.ts';
import { compareRules } from '../load-balancers/network/node-rules.ts';
import type { ObservedSecurityGroup, SecurityGroups } from '../load-balancers/surroundings/security-group-ledger.ts';
import { type Deletion, type InventorySource, type LeftoverPort, deletionOf } from './orphan-kind.ts';
import { type InventoryOwner, claimOfName } from './owner-signs.ts';

/** The kind of the rules that let one network load balancer reach the nodes of one security group. */
export const nodeRulesKind = 'SecurityGroupRules';

interface RuleContext {
  readonly source: InventorySource;
  readonly owner: InventoryOwner;
  readonly call: CallContext;
}

/**
 * The rules in the groups of the nodes whose network load balancer is gone, by its name in their descriptions: as long as it is
 * there, they go with it. Rules carry no stamp, so these are only ever reported.
 */
export function nodeRuleLeftovers(source: InventorySource, owner: InventoryOwner): LeftoverPort {
  const { cluster, config } = owner;
  const { scope } = config;
  const evidence = { stamp: undefined, holdsServiceUID: false, isRecorded: false, isAdopted: false };
  const itemsOf = (group: ObservedSecurityGroup, present: ReadonlySet<string>): readonly InventoryItem[] => {
    if (!hasClusterTag(group.tags, config.tagging)) return [];
    return [...new Set(group.rules.map(loadBalancerOfRule))].flatMap((loadBalancer) => {
      const claim = claimOfName(loadBalancer);
      if (claim.kind === 'none' || present.has(loadBalancer)) return [];
      const name = `${group.id}/${loadBalancer}`;
      return [{ id: name, name, scope, ownership: judgeOwnership(cluster, evidence), claim, createdAt: '' }];
    });
  };
  const list = async (call: CallContext): Promise<readonly InventoryItem[]> => {
    // In this order, so that what is made meanwhile has its load balancer in the list.
    const groups = await readGroups({ source, owner, call });
    if (groups.size === 0) return [];
    const present = new Set((await source.reads.networkLoadBalancers.list(call)).map(({ name }) => name));
    return [...groups.values()].flatMap((group) => itemsOf(group, present));
  };
  return {
    name: nodeRulesKind,
    list,
    async look({ id }, call) {
      const item = (await list(call)).find((one) => one.id === id);
      const [, loadBalancer = ''] = id.split('/');
      if (item === undefined) return undefined;
      const { ownership } = item;
      return { item, deletions: await ruleDeletions({ name: loadBalancer, ownership }, { source, owner, call }) };
    },
    delete: (deletion, call) => deleteRules(deletion, { source, owner, call }),
  };
}

/** What removes the load balancer's rules from the groups of the cluster's nodes, an operation for each group. */
export async function ruleDeletions(
  loadBalancer: { readonly name: string; readonly ownership: Ownership },
  context: RuleContext,
): Promise<readonly Deletion[]> {
  const { config } = context.owner;
  const { name, ownership } = loadBalancer;
  const groups = await readGroups(context);
  return [...groups.values()]
    .filter(({ rules, tags }) => hasClusterTag(tags, config.tagging) && surplusOf(name, config)(rules).length > 0)
    .map(({ id }) => {
      const parts = { key: id, operation: 'RevokeSecurityGroupIngress', scope: config.scope } as const;
      return deletionOf({ kind: nodeRulesKind, name: `${id}/${name}`, ownership }, parts);
    });
}

/** Removes the rules that are there by then. */
export async function deleteRules({ key, object }: Deletion, context: RuleContext): Promise<void> {
  const { securityGroups } = context.source.reads;
  const group = securityGroups.latest(key) ?? (await readGroups(context)).get(key);
  const [, loadBalancer = ''] = object.name.split('/');
  if (group === undefined) return;
  await securityGroups.change(
    group,
    { verb: 'revoke', narrow: surplusOf(loadBalancer, context.owner.config) },
    context.call,
  );
}

/** None where the groups of the nodes are left alone. */
async function readGroups({ source, owner, call }: RuleContext): Promise<SecurityGroups> {
  const { nodeSecurityGroups, vpcID } = owner.config;
  if (nodeSecurityGroups === 'left-alone') return new Map();
  return source.reads.securityGroups.read(vpcID, call.freshness, call);
}

function surplusOf(loadBalancer: string, config: InventoryOwner['config']) {
  const ruleOwner = { loadBalancer, sharedHealthPort: sharedHealthPort(config.clusterHealthProbe) };
  return (rules: ObservedSecurityGroup['rules']): ObservedSecurityGroup['rules'] =>
    compareRules(rules, [], ruleOwner).revoke;
}

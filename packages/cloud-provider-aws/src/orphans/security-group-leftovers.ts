import type { CallContext, InventoryItem, OwnerClaim } from '@ccm-ts/cloud-provider';
import type { SecurityGroup } from '../client/ec2-port.ts';
import { serviceUIDTagKey } from '../cluster-tags.ts';
import { type InventorySource, type Leftover, type LeftoverPort, deletionOf } from './orphan-kind.ts';
import { type InventoryOwner, claimOfName, itemOf } from './owner-signs.ts';

const classicPrefix = 'k8s-elb-';

/**
 * The security groups that load balancers have for themselves. Rules of other groups that refer to one keep it: those groups are
 * the nodes', and what else their rules are for nobody can tell who does not know the Service. So does a load balancer that is
 * in it.
 */
export function securityGroupLeftovers(
  { clients: { ec2 }, reads }: InventorySource,
  owner: InventoryOwner,
): LeftoverPort {
  const { scope, vpcID } = owner.config;
  const itemFor = (group: SecurityGroup): InventoryItem | undefined =>
    itemOf({ ...group, claim: claimOf(group) }, owner);
  const read = async (call: CallContext): Promise<readonly SecurityGroup[]> => [
    ...(await reads.securityGroups.read(vpcID, call.freshness, call)).values(),
  ];
  const findUser = async (id: string, call: CallContext): Promise<Leftover['blockedBy']> => {
    const all = await reads.networkLoadBalancers.list(call);
    const user = all.find(({ securityGroupIDs }) => securityGroupIDs.includes(id));
    return user && { by: `load-balancer/${user.name}`, reason: 'the load balancer is in it' };
  };
  return {
    name: 'SecurityGroup',
    list: async (call) => (await read(call)).map(itemFor).filter((item) => item !== undefined),
    async look({ id }, call) {
      const groups = await read(call);
      const group = groups.find((one) => one.id === id);
      const item = group && itemFor(group);
      if (!item) return undefined;
      const { name } = item;
      const parts = { key: id, operation: 'DeleteSecurityGroup', scope } as const;
      const deletions = [deletionOf({ kind: 'SecurityGroup', name, ownership: item.ownership }, parts)];
      return { item, deletions, blockedBy: findReferrer(groups, id) ?? (await findUser(id, call)) };
    },
    delete: ({ key }, call) => ec2.deleteSecurityGroup(key, call),
  };
}

function findReferrer(groups: readonly SecurityGroup[], id: string): Leftover['blockedBy'] {
  const referrer = groups.find((other) => other.id !== id && other.rules.some(({ cidr }) => cidr === id));
  if (!referrer) return undefined;
  return { by: `security-group/${referrer.id}`, reason: `a rule of ${referrer.name} (${referrer.id}) refers to it` };
}

/** Those of classic load balancers bear their names, those of network load balancers only a hash of the Service's UID. */
function claimOf({ name, tags }: SecurityGroup): OwnerClaim {
  if (name.startsWith(classicPrefix)) return claimOfName(name.slice(classicPrefix.length));
  const uid = tags[serviceUIDTagKey] ?? '';
  return uid === '' ? { kind: 'none' } : { kind: 'service', uid, name: '' };
}

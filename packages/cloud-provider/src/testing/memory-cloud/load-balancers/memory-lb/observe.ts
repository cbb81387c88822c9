import type { Duration } from '../../../../base/duration.ts';
import type { CallContext } from '../../../../cloud/call-context.ts';
import type { CloudScope } from '../../../../cloud/cloud-scope.ts';
import type { Member } from '../../../../cloud/load-balancer-kind.ts';
import { clusterStampKey, judgeOwnership, type Ownership } from '../../../../cloud/ownership.ts';
import type { Balancer } from '../../client/balancer.ts';
import type { MemoryClient } from '../../client/memory-client.ts';
import type { RecentCreates } from '../../client/recent-creates.ts';
import { type NameInitial, balancerName, serviceUIDTag } from './desired.ts';

/** What the cloud has for one Service. */
export type MemoryLBObserved =
  | {
      readonly kind: 'absent';
      readonly name: string;
      readonly scope: CloudScope;
      /** How long this is no proof yet, because the cloud's reads may lag behind a create. */
      readonly doubtFor: Duration;
    }
  | {
      readonly kind: 'present';
      readonly name: string;
      readonly scope: CloudScope;
      readonly balancer: Balancer;
      readonly ownership: Ownership;
    };

/** Reads the load balancer of one Service, by its name; a list could leave it out. */
export async function observeBalancer(
  client: MemoryClient,
  member: Member,
  options: { readonly call: CallContext; readonly recentCreates: RecentCreates; readonly initial?: NameInitial },
): Promise<MemoryLBObserved> {
  const name = balancerName(member.uid, options.initial);
  const seen = await client.getBalancer(name, options.call);
  const isDoubtful = seen?.status === 'active' && options.recentCreates.mayBeDeleted(seen.id);
  const balancer: Balancer | undefined = isDoubtful ? { ...seen, status: 'busy' } : seen;
  if (!balancer) return { kind: 'absent', name, scope: client.scope, doubtFor: options.recentCreates.doubtFor(name) };
  // The next read may be answered by a replica that is further behind, so that a sight ends no doubt.
  return { kind: 'present', name, scope: client.scope, balancer, ownership: judgeBalancer(balancer, member, name) };
}

/** Whose a load balancer under the Service's name is. */
export function judgeBalancer(balancer: Balancer, member: Member, name = balancerName(member.uid)): Ownership {
  const tagged = balancer.tags[serviceUIDTag];
  return judgeOwnership(member.cluster, {
    stamp: balancer.tags[clusterStampKey],
    // The name is made from the UID; a tag that names another Service outweighs it.
    holdsServiceUID: tagged === undefined ? balancer.name === name : tagged === member.uid,
    isRecorded: member.service.status.loadBalancer.ingress.some((ingress) => ingress.ip === balancer.address),
    isAdopted: member.adopts?.has(balancer.id) ?? false,
    id: balancer.id,
  });
}

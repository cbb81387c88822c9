import { Duration } from '../../base/duration.ts';
import type { CallContext } from '../../cloud/call-context.ts';
import { type CloudError, toCloudError } from '../../cloud/cloud-error.ts';
import type { GroupState } from './group-state.ts';
import { type ServiceWorkspace, callContext, requestOf } from './service-workspace.ts';

/**
 * As old as facts may be: subnets, flavours and the like seldom change, and a thousand groups that look at them within a
 * minute are to ask the cloud once.
 */
export const factsFreshness = { maxAge: Duration.minutes(5) };

/**
 * Asks for the facts of every member anew: the subnet that was missing may be there now. False when that was not possible;
 * what converged before is not in trouble for that.
 */
export async function renewFacts(
  workspace: ServiceWorkspace,
  group: GroupState,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await readFacts(workspace, group, callContext(signal, 'sweep', factsFreshness));
    return true;
  } catch (error) {
    signal.throwIfAborted();
    workspace.logger.warn('Facts not read', { group: group.id, err: error });
    return false;
  }
}

/**
 * What a kind has to know about a node before it can send traffic there is part of its facts. It answers out of its cache
 * for those that it has met, so that this costs calls for new ones alone.
 */
export async function learnBackends(
  workspace: ServiceWorkspace,
  group: GroupState,
  signal: AbortSignal,
): Promise<CloudError | undefined> {
  if (!group.kind.inputs.includes('nodes')) return undefined;
  try {
    await readFacts(workspace, group, callContext(signal, 'change', factsFreshness));
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return toCloudError(error);
  }
}

async function readFacts(workspace: ServiceWorkspace, group: GroupState, call: CallContext): Promise<void> {
  for (const [uid, membership] of group.memberships) {
    if (membership.wish === 'gone') continue;
    const facts = await group.kind.facts(requestOf(workspace, membership.member, group.kind), call);
    if (group.memberships.get(uid) === membership) group.memberships.set(uid, { ...membership, facts });
  }
}

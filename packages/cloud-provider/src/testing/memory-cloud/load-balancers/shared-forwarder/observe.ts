import { Duration } from '../../../../base/duration.ts';
import type { CallContext } from '../../../../cloud/call-context.ts';
import type { CloudScope } from '../../../../cloud/cloud-scope.ts';
import { type CreateIntent, intentsIn } from '../../../../cloud/create-intent.ts';
import type { Member } from '../../../../cloud/load-balancer-kind.ts';
import type { ResourceKey } from '../../../../cloud/operation.ts';
import { type Ownership, clusterStampKey } from '../../../../cloud/ownership.ts';
import type { Forwarder } from '../../client/memory-client.ts';
import type { ObservedForwarder, ObserveOptions } from '../forwarder/observe.ts';

/** Tag with the key of the group that a forwarder is for. */
export const groupTag = 'kubernetes.io/load-balancer-group';

const sharePrefix = 'kubernetes.io/share-of/';

/** What the cloud has for one group: one forwarder, or more when a create was done twice. */
export interface SharedObserved {
  readonly scope: CloudScope;
  readonly group: ResourceKey;
  /** The oldest by its id first: that one is kept. */
  readonly forwarders: readonly ObservedForwarder[];
  /** How long one that was written down and is not to be seen may still show itself. */
  readonly doubtFor: Duration;
}

/** What intents to create the forwarder of a group are known by. */
export function intentKey(group: ResourceKey): string {
  return `shared-forwarder/${group}`;
}

/** The tag that holds the ports of one member. Tags can't be taken away: an empty one is none. */
export function shareTag(uid: string): string {
  return `${sharePrefix}${uid}`;
}

/** The ports of each member that has some, by its UID. Pure. */
export function sharesIn(tags: Readonly<Record<string, string>>): ReadonlyMap<string, readonly string[]> {
  const shares = Object.entries(tags).filter(([tag, value]) => tag.startsWith(sharePrefix) && value !== '');
  return new Map(shares.map(([tag, value]) => [tag.slice(sharePrefix.length), value.split(',')]));
}

/** Finds the group's forwarders by their tags, and by their notes those that died before they were tagged. */
export async function observeShared(
  place: { readonly group: ResourceKey; readonly members: readonly Member[] },
  { client, clock, consistencyWindow }: ObserveOptions,
  call: CallContext,
): Promise<SharedObserved> {
  const { group, members } = place;
  const intents = members
    .flatMap(({ service }) => intentsIn(service.metadata.annotations))
    .filter(({ key }) => key === intentKey(group));
  const clusterUID = members[0]?.cluster.uid ?? '';
  const found = (await client.listForwarders(call)).flatMap((forwarder): readonly ObservedForwarder[] => {
    const ownership = ownershipOf(forwarder, { clusterUID, group, intents });
    return ownership ? [{ ...forwarder, ownership }] : [];
  });
  const notes = new Set(found.map(({ note }) => note));
  const doubts = intents.filter(({ id }) => !notes.has(id));
  const ages = doubts.map(({ startedAt }) => clock.now().getTime() - Date.parse(startedAt));
  const youngest = Math.min(...ages, Number.POSITIVE_INFINITY);
  return {
    scope: client.scope,
    group,
    forwarders: found.toSorted((left, right) => rank(left) - rank(right) || (left.id < right.id ? -1 : 1)),
    doubtFor: Duration.milliseconds(Math.max(0, consistencyWindow.milliseconds - youngest)),
  };
}

function ownershipOf(
  { note, tags }: Forwarder,
  whose: {
    readonly clusterUID: string;
    readonly group: ResourceKey;
    readonly intents: readonly CreateIntent[];
  },
): Ownership | undefined {
  const stamp = tags[clusterStampKey];
  if (stamp === undefined && whose.intents.some(({ id }) => id === note)) return { kind: 'ours', proof: 'journal' };
  return stamp === whose.clusterUID && tags[groupTag] === whose.group ? { kind: 'ours', proof: 'stamp' } : undefined;
}

/** Users know of the one that has shares. */
function rank({ tags }: Forwarder): number {
  return sharesIn(tags).size > 0 ? 0 : 1;
}

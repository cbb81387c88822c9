import type { Clock } from '../../../../base/clock.ts';
import { Duration } from '../../../../base/duration.ts';
import type { CallContext } from '../../../../cloud/call-context.ts';
import type { CloudScope } from '../../../../cloud/cloud-scope.ts';
import { type CreateIntent, intentsIn } from '../../../../cloud/create-intent.ts';
import type { Member } from '../../../../cloud/load-balancer-kind.ts';
import { type Ownership, clusterStampKey, judgeOwnership } from '../../../../cloud/ownership.ts';
import type { Forwarder, MemoryClient } from '../../client/memory-client.ts';
import { serviceUIDTag } from '../memory-lb/desired.ts';

/** What intents to create a forwarder are known by. */
export const forwarderKey = 'forwarder';

export interface ObservedForwarder extends Forwarder {
  readonly ownership: Ownership;
}

/** What the cloud has for one Service: one forwarder, or more when a create was done twice. */
export interface ForwarderObserved {
  readonly scope: CloudScope;
  readonly serviceUID: string;
  /** Those that are ours: the one that is kept first. */
  readonly forwarders: readonly ObservedForwarder[];
  /** How long one that was written down and is not to be seen may still show itself. */
  readonly doubtFor: Duration;
}

export interface ObserveOptions {
  readonly client: MemoryClient;
  readonly clock: Clock;
  readonly consistencyWindow: Duration;
}

/** Finds the Service's forwarders by their tags, and by their notes those that died before they were tagged. */
export async function observeForwarders(
  member: Member,
  options: ObserveOptions,
  call: CallContext,
): Promise<ForwarderObserved> {
  const { client, clock, consistencyWindow } = options;
  const intents = intentsIn(member.service.metadata.annotations).filter(({ key }) => key === forwarderKey);
  const all = await client.listForwarders(call);
  const found = all
    .map((forwarder) => ({ ...forwarder, ownership: judgeForwarder(forwarder, member, intents) }))
    .filter(({ ownership }) => ownership.kind === 'ours');
  const notes = new Set(found.map(({ note }) => note));
  const doubts = intents.filter(({ id }) => !notes.has(id)).map(({ startedAt }) => ageOf(startedAt, clock));
  const youngest = Math.min(...doubts, Number.POSITIVE_INFINITY);
  return {
    scope: client.scope,
    serviceUID: member.uid,
    forwarders: found.toSorted((left, right) => rank(left, member) - rank(right, member) || compareIDs(left, right)),
    doubtFor: Duration.milliseconds(Math.max(0, consistencyWindow.milliseconds - youngest)),
  };
}

function judgeForwarder(forwarder: Forwarder, member: Member, intents: readonly CreateIntent[]): Ownership {
  const { address, note, tags } = forwarder;
  const stamp = tags[clusterStampKey];
  if (stamp === undefined && intents.some(({ id }) => id === note)) return { kind: 'ours', proof: 'journal' };
  if (tags[serviceUIDTag] !== member.uid) return { kind: 'unproven', reason: 'it is not tagged for the Service' };
  return judgeOwnership(member.cluster, {
    stamp,
    holdsServiceUID: true,
    isRecorded: member.service.status.loadBalancer.ingress.some(({ ip }) => ip === address),
    isAdopted: false,
  });
}

/** The one that users know of stays. */
function rank({ address }: Forwarder, { service }: Member): number {
  return service.status.loadBalancer.ingress.some(({ ip }) => ip === address) ? 0 : 1;
}

function compareIDs(left: Forwarder, right: Forwarder): number {
  return left.id < right.id ? -1 : 1;
}

function ageOf(startedAt: string, clock: Clock): number {
  return clock.now().getTime() - Date.parse(startedAt);
}

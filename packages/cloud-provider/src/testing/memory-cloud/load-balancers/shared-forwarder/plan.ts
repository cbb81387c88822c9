import type { ServiceUID, Wish } from '../../../../cloud/load-balancer-kind.ts';
import type { Operation } from '../../../../cloud/operation.ts';
import { clusterStampKey } from '../../../../cloud/ownership.ts';
import type { Plan } from '../../../../cloud/plan.ts';
import type { OperationName } from '../../cloud/api.ts';
import { permissionFor } from '../../permissions.ts';
import type { ObservedForwarder } from '../forwarder/observe.ts';
import type { ForwarderOperation } from '../forwarder/plan.ts';
import { type SharedObserved, groupTag, intentKey, shareTag, sharesIn } from './observe.ts';

/** What one member wants of its group's forwarder. */
export interface Share {
  readonly clusterUID: string;
  /** `TCP/80/30080`, in the order of the Service. */
  readonly ports: readonly string[];
}

type Shares = ReadonlyMap<ServiceUID, readonly string[]>;

/** Everything that is to be done for one group: one write, however many members want something else. Pure. */
export function planShared(
  wishes: ReadonlyMap<ServiceUID, Wish<Share>>,
  observed: SharedObserved,
): Plan<ForwarderOperation> {
  const { doubtFor, forwarders } = observed;
  const [first, ...twins] = forwarders;
  const before: Shares = first ? sharesIn(first.tags) : new Map();
  const after = settle(before, wishes);
  const deletes = twins.map((one) => planDelete(one, observed));
  if (!first && doubtFor.milliseconds > 0) {
    return { operations: [], next: { kind: 'settling', on: lockOf(observed), after: doubtFor } };
  }
  const operations = planFirst(first, { before, after, clusterUID: clusterOf(wishes), observed });
  return { operations: [...operations, ...deletes], next: { kind: 'converged' } };
}

/** What each member has then. Whoever wants nothing else, or said nothing, keeps what it has; ports go to who has them. */
function settle(before: Shares, wishes: ReadonlyMap<ServiceUID, Wish<Share>>): Shares {
  const shares = new Map(before);
  for (const [uid, wish] of wishes) if (wish.kind === 'gone') shares.delete(uid);
  for (const [uid, wish] of [...wishes].toSorted(([left], [right]) => (left < right ? -1 : 1))) {
    if (wish.kind === 'gone') continue;
    const others = [...shares].filter(([other]) => other !== uid).flatMap(([, ports]) => ports.map(frontOf));
    if (!wish.desired.ports.some((port) => others.includes(frontOf(port)))) shares.set(uid, wish.desired.ports);
  }
  return shares;
}

function planFirst(
  first: ObservedForwarder | undefined,
  parts: {
    readonly before: Shares;
    readonly after: Shares;
    readonly clusterUID: string;
    readonly observed: SharedObserved;
  },
): readonly ForwarderOperation[] {
  const { before, after, clusterUID, observed } = parts;
  if (after.size === 0) return first ? [planDelete(first, observed, 'group')] : [];
  const ports = [...after.values()].flat().toSorted();
  if (!first) return [planCreate(ports, { after, observed })];
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (uid) => before.get(uid)?.join() !== after.get(uid)?.join(),
  );
  const isWhole = first.ports.join() === ports.join() && first.tags[groupTag] === observed.group;
  if (changed.length === 0 && isWhole) return [];
  const shares = changed.map((uid) => [shareTag(uid), after.get(uid)?.join() ?? ''] as const);
  const stamp = clusterUID === '' ? {} : { [clusterStampKey]: clusterUID };
  return [
    {
      verb: 'update',
      object: { kind: 'Forwarder', name: first.id, ownership: first.ownership },
      changes: [{ field: 'ports', from: first.ports.join(), to: ports.join() }],
      ...commonParts('UpdateForwarder', observed),
      id: first.id,
      ports,
      tags: { ...Object.fromEntries(shares), [groupTag]: observed.group, ...stamp },
    },
  ];
}

function planCreate(
  ports: readonly string[],
  { after, observed }: { readonly after: Shares; readonly observed: SharedObserved },
): ForwarderOperation {
  const [owner = ''] = after.keys();
  return {
    verb: 'create',
    object: { kind: 'Forwarder', name: `for ${observed.group}`, ownership: { kind: 'new' } },
    changes: [{ field: 'ports', to: ports.join() }],
    ...commonParts('CreateForwarder', observed),
    identity: { by: 'journal', key: intentKey(observed.group), owner },
    ports,
  };
}

function planDelete(forwarder: ObservedForwarder, observed: SharedObserved, addressOf?: 'group'): ForwarderOperation {
  const { id, ownership, ports } = forwarder;
  const object = { kind: 'Forwarder', name: id, ownership, ...(addressOf && { addressOf }) };
  return { verb: 'delete', object, changes: [], ...commonParts('DeleteForwarder', observed), id, ports };
}

function clusterOf(wishes: ReadonlyMap<ServiceUID, Wish<Share>>): string {
  for (const wish of wishes.values()) if (wish.kind === 'present') return wish.desired.clusterUID;
  return '';
}

/** `TCP/80` of `TCP/80/30080`: what only one member can have. */
function frontOf(port: string): string {
  return port.slice(0, port.lastIndexOf('/'));
}

function commonParts(
  operation: OperationName,
  observed: SharedObserved,
): Pick<Operation, 'permission' | 'scope' | 'locks'> {
  return { permission: permissionFor(operation), scope: observed.scope, locks: [lockOf(observed)] };
}

function lockOf({ group }: SharedObserved): string {
  return `forwarder/${group}`;
}

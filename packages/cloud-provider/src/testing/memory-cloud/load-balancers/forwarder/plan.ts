import type { Wish } from '../../../../cloud/load-balancer-kind.ts';
import type { FieldChange, Operation, OperationObject } from '../../../../cloud/operation.ts';
import type { Plan } from '../../../../cloud/plan.ts';
import type { OperationName } from '../../cloud/api.ts';
import { permissionFor } from '../../permissions.ts';
import { type ForwarderObserved, type ObservedForwarder, forwarderKey } from './observe.ts';

/** What one Service wants. */
export interface ForwarderDesired {
  /** `TCP/80/30080`, in the order of the Service. */
  readonly ports: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/** Everything that this kind writes. */
export type ForwarderOperation = Operation & { readonly ports: readonly string[] } & (
    | { readonly verb: 'create' }
    | { readonly verb: 'update'; readonly id: string; readonly tags: Readonly<Record<string, string>> }
    | { readonly verb: 'delete'; readonly id: string }
  );

/** Everything that is to be done for one Service. Pure. */
export function planForwarders(wish: Wish<ForwarderDesired>, observed: ForwarderObserved): Plan<ForwarderOperation> {
  const { doubtFor, forwarders } = observed;
  const [kept, ...others] = wish.kind === 'present' ? forwarders : [undefined, ...forwarders];
  // Nobody was told the address of one that was made twice.
  const addressOf = wish.kind === 'gone' ? 'group' : undefined;
  const deletes = others.filter((one) => one !== undefined).map((one) => planDelete(one, { observed, addressOf }));
  const isInDoubt = doubtFor.milliseconds > 0 && deletes.length === 0 && !kept;
  if (isInDoubt) return { operations: [], next: { kind: 'settling', on: lockOf(observed), after: doubtFor } };
  if (wish.kind === 'gone') return { operations: deletes, next: { kind: 'converged' } };
  const operations = kept ? planUpdate(kept, wish.desired, observed) : [planCreate(wish.desired, observed)];
  return { operations: [...operations, ...deletes], next: { kind: 'converged' } };
}

function planCreate({ ports }: ForwarderDesired, observed: ForwarderObserved): ForwarderOperation {
  return {
    verb: 'create',
    object: { kind: 'Forwarder', name: `for ${observed.serviceUID}`, ownership: { kind: 'new' } },
    changes: [{ field: 'ports', to: ports.join() }],
    ...commonParts('CreateForwarder', observed),
    identity: { by: 'journal', key: forwarderKey, owner: observed.serviceUID },
    ports,
  };
}

function planUpdate(
  kept: ObservedForwarder,
  desired: ForwarderDesired,
  observed: ForwarderObserved,
): readonly ForwarderOperation[] {
  const { ports, tags } = desired;
  const fields: readonly Required<FieldChange>[] = [
    { field: 'ports', from: kept.ports.join(), to: ports.join() },
    ...Object.entries(tags).map(([tag, to]) => ({ field: `tags.${tag}`, from: kept.tags[tag] ?? '', to })),
  ];
  const changes = fields.filter(({ from, to }) => from !== to);
  if (changes.length === 0) return [];
  const { id } = kept;
  const parts = commonParts('UpdateForwarder', observed);
  return [{ verb: 'update', object: objectOf(kept), changes, ...parts, id, ports, tags }];
}

function planDelete(
  forwarder: ObservedForwarder,
  { observed, addressOf }: { readonly observed: ForwarderObserved; readonly addressOf: 'group' | undefined },
): ForwarderOperation {
  const { id, ports } = forwarder;
  const object = { ...objectOf(forwarder), ...(addressOf && { addressOf }) };
  return { verb: 'delete', object, changes: [], ...commonParts('DeleteForwarder', observed), id, ports };
}

function objectOf({ id, ownership }: ObservedForwarder): OperationObject {
  return { kind: 'Forwarder', name: id, ownership };
}

function commonParts(
  operation: OperationName,
  observed: ForwarderObserved,
): Pick<Operation, 'permission' | 'scope' | 'locks'> {
  return { permission: permissionFor(operation), scope: observed.scope, locks: [lockOf(observed)] };
}

function lockOf({ serviceUID }: ForwarderObserved): string {
  return `forwarder/${serviceUID}`;
}

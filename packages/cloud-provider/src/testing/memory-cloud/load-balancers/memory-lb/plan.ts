import { Duration } from '../../../../base/duration.ts';
import type { Wish } from '../../../../cloud/load-balancer-kind.ts';
import type { FieldChange } from '../../../../cloud/operation.ts';
import { clusterStampKey, type Ownership } from '../../../../cloud/ownership.ts';
import type { Plan } from '../../../../cloud/plan.ts';
import type { Balancer, Listener } from '../../client/balancer.ts';
import type { OperationName } from '../../cloud/api.ts';
import { permissionFor } from '../../permissions.ts';
import { type MemoryLBDesired, serviceNameTag, serviceUIDTag } from './desired.ts';
import type { MemoryLBObserved } from './observe.ts';
import type {
  CreateBalancer,
  DeleteBalancer,
  MemoryLBOperation,
  SetBackends,
  UpdateBalancer,
  WriteListener,
} from './operations.ts';

type Present = Extract<MemoryLBObserved, { kind: 'present' }>;

/** How soon to look again at a load balancer that is being changed. */
export const busyPoll = Duration.seconds(1);

/** The serialisation key of a load balancer. */
export function balancerKey(name: string): string {
  return `load-balancer/${name}`;
}

/** Everything that is to be done for one Service. Pure. */
export function planBalancer(wish: Wish<MemoryLBDesired>, observed: MemoryLBObserved): Plan<MemoryLBOperation> {
  switch (wish.kind) {
    case 'present':
      return planPresent(wish.desired, observed);
    case 'gone':
      return planGone(observed);
  }
}

function planGone(observed: MemoryLBObserved): Plan<MemoryLBOperation> {
  if (observed.kind === 'absent') return observed.doubtFor.milliseconds > 0 ? settling(observed) : converged([]);
  // What carries another cluster's stamp was never ours, whatever its name says: nothing of ours is left.
  if (observed.ownership.kind === 'foreign') return converged([]);
  if (observed.balancer.status === 'busy') return settling(observed);
  return converged([planDelete(observed)]);
}

function planPresent(desired: MemoryLBDesired, observed: MemoryLBObserved): Plan<MemoryLBOperation> {
  if (observed.kind === 'absent') {
    return observed.doubtFor.milliseconds > 0 ? settling(observed) : converged(planCreate(desired, observed));
  }
  const key = balancerKey(observed.name);
  if (observed.balancer.status === 'busy' && isWritable(observed.ownership)) return settling(observed);
  // The scheme can't be changed: the old one goes first, and what is seen then tells what comes next.
  if (observed.balancer.scheme !== desired.scheme) {
    return { operations: [planDelete(observed)], next: { kind: 'settling', on: key, after: busyPoll } };
  }
  const operations = [
    ...planListeners(desired, observed),
    ...planFields(desired, observed),
    ...planBackends(desired, observed),
  ];
  if (isWritable(observed.ownership)) return converged(operations);
  const reason = 'reason' in observed.ownership ? observed.ownership.reason : 'it is not ours';
  return { operations, next: { kind: 'blocked', by: key, reason } };
}

function planCreate(
  desired: MemoryLBDesired,
  observed: Extract<MemoryLBObserved, { kind: 'absent' }>,
): readonly MemoryLBOperation[] {
  const ownership: Ownership = { kind: 'new' };
  const create: CreateBalancer = {
    verb: 'create',
    target: 'balancer',
    object: { kind: 'LoadBalancer', name: desired.name, ownership },
    changes: [
      { field: 'scheme', to: desired.scheme },
      { field: 'allowedRanges', to: desired.allowedRanges.join(',') },
      { field: 'healthCheck', to: describeHealthCheck(desired.healthCheck) },
    ],
    ...commonParts('CreateLoadBalancer', observed),
    identity: { by: 'name', key: desired.name },
    networkID: desired.networkID,
    scheme: desired.scheme,
    allowedRanges: desired.allowedRanges,
    healthCheck: desired.healthCheck,
    tags: desired.tags,
  };
  const listeners = desired.listeners.map((listener) =>
    planListener('create', listener, {
      observed,
      ownership,
      changes: [{ field: 'nodePort', to: String(listener.nodePort) }],
    }),
  );
  if (desired.backends.length === 0) return [create, ...listeners];
  const backends: SetBackends = {
    verb: 'create',
    target: 'backends',
    object: { kind: 'BackendPool', name: desired.name, ownership },
    changes: [{ field: 'backends', to: countMachines(desired.backends.length) }],
    ...commonParts('SetBackends', observed),
    machineIDs: desired.backends,
  };
  return [create, ...listeners, backends];
}

function planDelete(observed: Present): DeleteBalancer {
  return {
    verb: 'delete',
    target: 'balancer',
    object: { kind: 'LoadBalancer', name: observed.name, ownership: observed.ownership, addressOf: 'group' },
    changes: [],
    ...commonParts('DeleteLoadBalancer', observed),
  };
}

/** Listeners that are not wanted go first, because a port can be taken only once. */
function planListeners(desired: MemoryLBDesired, observed: Present): readonly WriteListener[] {
  const { ownership, balancer } = observed;
  const wanted = new Map(desired.listeners.map((listener) => [listenerKey(listener), listener]));
  const present = new Map(balancer.listeners.map((listener) => [listenerKey(listener), listener]));
  const operations: WriteListener[] = [];
  for (const [key, listener] of present) {
    if (!wanted.has(key)) operations.push(planListener('delete', listener, { observed, ownership, changes: [] }));
  }
  for (const [key, listener] of wanted) {
    const current = present.get(key);
    if (!current) {
      const changes = [{ field: 'nodePort', to: String(listener.nodePort) }];
      operations.push(planListener('create', listener, { observed, ownership, changes }));
      continue;
    }
    const changes = changed([
      { field: 'nodePort', from: String(current.nodePort), to: String(listener.nodePort) },
      { field: 'affinity', from: current.affinity, to: listener.affinity },
    ]);
    if (changes.length > 0) operations.push(planListener('update', listener, { observed, ownership, changes }));
  }
  return operations;
}

function planListener(
  verb: WriteListener['verb'],
  listener: Listener,
  parts: {
    readonly observed: MemoryLBObserved;
    readonly ownership: Ownership;
    readonly changes: readonly FieldChange[];
  },
): WriteListener {
  const { observed, ownership, changes } = parts;
  const name = `${observed.name}/${listenerKey(listener)}`;
  return {
    verb,
    target: 'listener',
    object: { kind: 'Listener', name, ownership },
    changes,
    ...commonParts(listenerOperation[verb], observed),
    ...(verb === 'create' && { identity: { by: 'name', key: name } as const }),
    listener,
  };
}

const listenerOperation = { create: 'CreateListener', update: 'UpdateListener', delete: 'DeleteListener' } as const;

function planFields(desired: MemoryLBDesired, observed: Present): readonly UpdateBalancer[] {
  const { balancer } = observed;
  const [range, check, tags] = [
    change('allowedRanges', balancer.allowedRanges.join(','), desired.allowedRanges.join(',')),
    change('healthCheck', describeHealthCheck(balancer.healthCheck), describeHealthCheck(desired.healthCheck)),
    changed(
      ownedTags.map((tag) => ({ field: `tags.${tag}`, from: balancer.tags[tag] ?? '', to: desired.tags[tag] ?? '' })),
    ),
  ];
  if (range.length + check.length + tags.length === 0) return [];
  const isStamped = balancer.tags[clusterStampKey] !== undefined;
  return [
    {
      verb: 'update',
      target: 'balancer',
      object: { kind: 'LoadBalancer', name: observed.name, ownership: observed.ownership },
      changes: [...range, ...check, ...tags],
      ...commonParts('UpdateLoadBalancer', observed),
      ifMatch: String(balancer.revision),
      ...(range.length > 0 && { allowedRanges: desired.allowedRanges }),
      ...(check.length > 0 && { healthCheck: desired.healthCheck }),
      // The stamp alone is no reason to write, but a write that is due anyway carries it along.
      ...((tags.length > 0 || !isStamped) && { tags: desired.tags }),
    },
  ];
}

/** Tags whose values we keep right. The stamp is not among them: taking a load balancer over must need no write. */
const ownedTags = [serviceUIDTag, serviceNameTag];

function planBackends(desired: MemoryLBDesired, observed: Present): readonly SetBackends[] {
  const { balancer } = observed;
  const present = new Set(balancer.backends);
  const wanted = new Set(desired.backends);
  const added = desired.backends.filter((id) => !present.has(id)).length;
  const removed = balancer.backends.filter((id) => !wanted.has(id)).length;
  if (added === 0 && removed === 0) return [];
  return [
    {
      verb: 'update',
      target: 'backends',
      object: { kind: 'BackendPool', name: observed.name, ownership: observed.ownership },
      changes: [
        {
          field: 'backends',
          from: countMachines(present.size),
          to: `${countMachines(wanted.size)} (+${added} -${removed})`,
        },
      ],
      ...commonParts('SetBackends', observed),
      ifMatch: String(balancer.revision),
      machineIDs: desired.backends,
    },
  ];
}

function commonParts(
  operation: OperationName,
  observed: MemoryLBObserved,
): Pick<MemoryLBOperation, 'permission' | 'scope' | 'locks'> {
  return { permission: permissionFor(operation), scope: observed.scope, locks: [balancerKey(observed.name)] };
}

function converged(operations: readonly MemoryLBOperation[]): Plan<MemoryLBOperation> {
  return { operations, next: { kind: 'converged' } };
}

function settling(observed: MemoryLBObserved): Plan<MemoryLBOperation> {
  const after = observed.kind === 'absent' ? observed.doubtFor : busyPoll;
  return { operations: [], next: { kind: 'settling', on: balancerKey(observed.name), after } };
}

function isWritable(ownership: Ownership): boolean {
  return ownership.kind === 'ours' || ownership.kind === 'new';
}

function change(field: string, from: string, to: string): readonly FieldChange[] {
  return changed([{ field, from, to }]);
}

function changed(candidates: readonly FieldChange[]): readonly FieldChange[] {
  return candidates.filter(({ from, to }) => from !== to);
}

function listenerKey(listener: Pick<Listener, 'protocol' | 'port'>): string {
  return `${listener.protocol}/${listener.port}`;
}

function describeHealthCheck(check: Balancer['healthCheck']): string {
  return `${check.protocol}:${check.port}${check.path}`;
}

function countMachines(count: number): string {
  return count === 1 ? '1 machine' : `${count} machines`;
}

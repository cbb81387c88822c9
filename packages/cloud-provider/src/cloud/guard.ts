import type { ServiceUID } from './load-balancer-kind.ts';
import type { Operation } from './operation.ts';
import { protectionNote, takesAddress } from './service-directives.ts';

/** Why the guard does not let an operation through. */
export interface GuardRefusal {
  readonly reason: 'OwnershipConflict' | 'Protected' | 'ObserveOnly';
  readonly message: string;
}

/** What the guard goes by, apart from the operation. */
export interface GuardPolicy {
  /** `observe` plans and reports, and writes nothing. */
  readonly mode: 'run' | 'observe';
  /** What must not be deleted: the load balancers and addresses of protected Services. */
  readonly isProtected: (operation: Operation) => boolean;
}

/** Judges one operation; undefined lets it through. Pure. */
export function guardOperation(operation: Operation, policy: GuardPolicy): GuardRefusal | undefined {
  const { object } = operation;
  const target = `${object.kind} ${object.name}`;
  switch (object.ownership.kind) {
    case 'foreign':
    case 'unproven':
      return {
        reason: 'OwnershipConflict',
        message: `refusing to ${operation.verb} ${target}: ${object.ownership.reason}`,
      };
    case 'new':
      if (operation.verb !== 'create') {
        return {
          reason: 'OwnershipConflict',
          message: `refusing to ${operation.verb} ${target}: only a create may concern an object that is not there yet`,
        };
      }
      break;
    case 'ours':
      break;
  }
  if (operation.verb === 'delete' && policy.isProtected(operation)) {
    return { reason: 'Protected', message: `refusing to delete ${target}: ${protectionNote}` };
  }
  if (policy.mode === 'observe') {
    return { reason: 'ObserveOnly', message: `would ${operation.verb} ${target}` };
  }
  return undefined;
}

/** The policy that also keeps the load balancers and addresses of the Services. Pure. */
export function protectAddresses(policy: GuardPolicy, protectedUIDs: ReadonlySet<ServiceUID>): GuardPolicy {
  return {
    mode: policy.mode,
    isProtected: (operation) => takesAddress(operation, protectedUIDs) || policy.isProtected(operation),
  };
}

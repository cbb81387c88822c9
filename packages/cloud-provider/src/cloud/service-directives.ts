import type { Service } from '../api/service.ts';
import { adoptAnnotation, protectAnnotation } from '../api/well-known.ts';
import type { ServiceUID } from './load-balancer-kind.ts';
import type { Operation } from './operation.ts';

/**
 * Whether the Service's load balancers and addresses are kept from deletion. Only `false` and the absence of the annotation
 * say no: whoever wrote something else wanted it. Pure.
 */
export function isProtected(service: Service): boolean {
  const value = service.metadata.annotations[protectAnnotation];
  return value !== undefined && value.trim() !== 'false';
}

/** What to tell somebody who waits for a deletion that protection withholds. */
export const protectionNote = `it is protected: set the annotation ${protectAnnotation} to false, or remove it, to let go of it`;

/**
 * The ids of objects in the cloud that the Service asks to adopt, as the cloud spells them; empty when there are none. Pure.
 */
export function adoptedIDs(service: Service): ReadonlySet<string> {
  const value = service.metadata.annotations[adoptAnnotation] ?? '';
  return new Set(
    value
      .split(',')
      .map((id) => id.trim())
      .filter((id) => id !== ''),
  );
}

/**
 * Whether a deletion would take a load balancer or an address from one of the Services. Pure.
 *
 * @param protectedUIDs the protected ones among the members of the operation's group
 */
export function takesAddress(operation: Operation, protectedUIDs: ReadonlySet<ServiceUID>): boolean {
  const { addressOf } = operation.object;
  if (operation.verb !== 'delete' || addressOf === undefined) return false;
  return addressOf === 'group' ? protectedUIDs.size > 0 : addressOf.some((uid) => protectedUIDs.has(uid));
}

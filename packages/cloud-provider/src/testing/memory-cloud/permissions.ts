import type { OperationName } from './cloud/api.ts';

/** The permission that an operation of the cloud demands, as its policies spell it. */
export function permissionFor(operation: OperationName): string {
  return `memory:${operation}`;
}

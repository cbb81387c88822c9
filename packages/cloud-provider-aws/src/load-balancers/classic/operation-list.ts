import type { CloudScope, FieldChange } from '@ccm-ts/cloud-provider';
import { type AwsOperation, permissions } from '../../permissions.ts';
import type { ClassicAction, ClassicOperation } from './operations.ts';

/** An operation without what follows from it. */
interface Draft {
  readonly verb: ClassicOperation['verb'];
  readonly object: ClassicOperation['object'];
  readonly changes?: readonly FieldChange[];
  readonly operation: AwsOperation;
  readonly action: ClassicAction;
  /** @default the load balancer */
  readonly lock?: string;
}

/** Collects the operations for one load balancer in their order. */
export class OperationList {
  readonly #operations: ClassicOperation[] = [];
  readonly #loadBalancer: string;
  readonly #scope: CloudScope;

  constructor(loadBalancer: string, scope: CloudScope) {
    this.#loadBalancer = loadBalancer;
    this.#scope = scope;
  }

  get operations(): readonly ClassicOperation[] {
    return this.#operations;
  }

  add({ verb, object, changes = [], operation, action, lock }: Draft): void {
    this.#operations.push({
      verb,
      object,
      changes,
      permission: permissions[operation],
      scope: this.#scope,
      locks: [lock ?? `load-balancer/${this.#loadBalancer}`],
      ...(verb === 'create' ? { identity: { by: 'name', key: object.name } as const } : {}),
      action,
    });
  }
}

import type { CloudScope, FieldChange } from '@ccm-ts/cloud-provider';
import { type AwsOperation, permissions } from '../../permissions.ts';
import type { NetworkAction, NetworkOperation } from './operations.ts';

/** An operation in the planner's words. */
export interface Draft {
  readonly verb: NetworkOperation['verb'];
  readonly object: NetworkOperation['object'];
  /** @default none */
  readonly changes?: readonly FieldChange[];
  readonly operation: AwsOperation;
  readonly action: NetworkAction;
  /** @default the load balancer */
  readonly lock?: string;
}

export function finishDraft(
  draft: Draft,
  { loadBalancer, scope }: { readonly loadBalancer: string; readonly scope: CloudScope },
): NetworkOperation {
  const { verb, object, changes = [], operation, action } = draft;
  return {
    verb,
    object,
    changes,
    permission: permissions[operation],
    scope,
    locks: [draft.lock ?? `load-balancer/${loadBalancer}`],
    ...(verb === 'create' ? { identity: { by: 'name', key: object.name } as const } : {}),
    action,
  };
}

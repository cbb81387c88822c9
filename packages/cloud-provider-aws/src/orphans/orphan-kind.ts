import {
  type CallContext,
  type CloudScope,
  CloudError,
  Duration,
  type InventoryItem,
  type InventoryKind,
  type Operation,
  type OperationObject,
} from '@ccm-ts/cloud-provider';
import type { AwsClients } from '../client/sdk-clients.ts';
import type { AccountReads } from '../load-balancers/surroundings/account-reads.ts';
import { type AwsOperation, permissions } from '../permissions.ts';

/** Long enough that what never lets go of a group costs next to nothing. */
const groupReleaseTime = Duration.seconds(30);

/** The deletion of one object. */
export interface Deletion extends Operation {
  readonly verb: 'delete';
  /** What AWS deletes it by: an ARN, an id, or the name of a classic load balancer. */
  readonly key: string;
}

/** Where the inventory is read, and what it shares with the load balancers. */
export interface InventorySource {
  readonly clients: Pick<AwsClients, 'ec2' | 'elb' | 'elbv2'>;
  readonly reads: AccountReads;
}

/** An object as it is now, with what is to be deleted to be rid of it. */
export interface Leftover {
  readonly item: InventoryItem;
  readonly deletions: readonly Deletion[];
  /** What must go first, which is not ours to remove. */
  readonly blockedBy?: { readonly by: string; readonly reason: string } | undefined;
}

export interface ObservedLeftover {
  /** Undefined when it is gone. */
  readonly leftover: Leftover | undefined;
}

/** How one kind of object is found and deleted. */
export interface LeftoverPort {
  readonly name: string;
  list(call: CallContext): Promise<readonly InventoryItem[]>;
  /** Asks AWS about this very object. */
  look(item: InventoryItem, call: CallContext): Promise<Leftover | undefined>;
  delete(deletion: Deletion, call: CallContext): Promise<void>;
}

/** One kind of the inventory. */
export function orphanKind(port: LeftoverPort): InventoryKind<ObservedLeftover, Deletion> {
  return {
    name: port.name,
    list: (call) => port.list(call),
    observe: async (item, call) => ({ leftover: await port.look(item, call) }),
    itemIn: ({ leftover }) => leftover?.item,
    plan({ leftover }) {
      if (leftover?.blockedBy) return { operations: [], next: { kind: 'blocked', ...leftover.blockedBy } };
      return { operations: leftover?.deletions ?? [], next: { kind: 'converged' } };
    },
    async apply(operation, _observed, call) {
      try {
        await port.delete(operation, call);
      } catch (error) {
        if (!(error instanceof CloudError)) throw error;
        // Interfaces of a deleted load balancer keep its groups from going for a while.
        if (error.details.cloudCode === 'DependencyViolation') {
          return {
            kind: 'pending',
            handle: { kind: operation.object.kind, id: operation.key },
            after: groupReleaseTime,
          };
        }
        if (error.code !== 'NotFound') throw error;
      }
      return { kind: 'done', outputs: {} };
    },
    fold({ leftover }, operation) {
      const deletions = leftover?.deletions.filter(({ key }) => key !== operation.key) ?? [];
      return { leftover: leftover && deletions.length > 0 ? { ...leftover, deletions } : undefined };
    },
  };
}

/** The operation that deletes an object. */
export function deletionOf(
  object: OperationObject,
  parts: { readonly key: string; readonly operation: AwsOperation; readonly scope: CloudScope },
): Deletion {
  const { key, operation, scope } = parts;
  return {
    verb: 'delete',
    object,
    changes: [],
    permission: permissions[operation],
    scope,
    locks: [`${object.kind}/${object.name}`],
    key,
  };
}

import type { Duration } from '../base/duration.ts';
import type { CloudError } from './cloud-error.ts';
import type { CloudScope } from './cloud-scope.ts';
import type { CreateIntent } from './create-intent.ts';
import type { Ownership } from './ownership.ts';

/** The key of something in the cloud that work is serialised by, for example `load-balancer/a0b1…`. */
export type ResourceKey = string;

/** A key inside one batched operation, for example an instance id or a route's range. */
export type ItemKey = string;

/** What an operation does to its object. */
export type Verb = 'create' | 'update' | 'delete';

/** The object that an operation is about, as people and guards see it. */
export interface OperationObject {
  /** The cloud's word for the kind of object, for example `TargetGroup`. */
  readonly kind: string;
  /** Its name, or its id where it has no name. */
  readonly name: string;
  /** Who owns it; the guard refuses everything but `new` and `ours`. */
  readonly ownership: Ownership;
  /**
   * The UIDs of the Services whose address is lost with the object, `group` for all members of the group: of load balancers
   * and reserved addresses. Their deletion is refused while one of these Services is protected. Absent for parts that can be
   * made again as they were, such as listeners. @default nobody's
   */
  readonly addressOf?: 'group' | readonly string[];
}

/** One field that the operation changes. Values are for people: short, printable, never secret. */
export interface FieldChange {
  readonly field: string;
  readonly from?: string;
  readonly to?: string;
}

/**
 * One write to a cloud, as data: planned, judged, printed, compared, then applied. Providers extend it with what their
 * `apply` needs.
 */
export interface Operation {
  readonly verb: Verb;
  readonly object: OperationObject;
  readonly changes: readonly FieldChange[];
  /** The permission that the cloud demands for it, as the cloud's policy language spells it. */
  readonly permission: string;
  readonly scope: CloudScope;
  /** What must not be written by anybody else meanwhile. */
  readonly locks: readonly ResourceKey[];
  /**
   * How a create whose answer was lost is found again. Absent for verbs that are idempotent by themselves.
   *
   * `journal`: by nothing that could be worked out. The framework writes an intent down on the owner, the Service or
   * Node of that UID, before the create is applied, and gives it to `apply`; the object must carry its id. Load balancer kinds
   * may plan such creates for the Services of the group, `prepare` for the Nodes that it is asked about; elsewhere they fail.
   */
  readonly identity?:
    | { readonly by: 'name' | 'tag' | 'clientToken'; readonly key: string }
    | { readonly by: 'journal'; readonly key: string; readonly owner: string };
  /** What was written down for a create with the identity `journal`; set by the framework, never by a plan. */
  readonly intent?: CreateIntent;
  /** The etag or revision that the plan was made from: a sibling's write is never overwritten. */
  readonly ifMatch?: string;
}

/** A long-running operation of the cloud, serialisable, so that a restart resumes waiting instead of writing again. */
export interface AsyncHandle {
  readonly kind: string;
  readonly id: string;
}

/** What an operation gives back for folding into the observed state: ids, addresses. Serialisable. */
export type OperationOutputs = Readonly<Record<string, string>>;

export type OperationResult =
  | {
      readonly kind: 'done';
      readonly outputs: OperationOutputs;
      /** For batched operations: the items that failed while the others were done. */
      readonly failed?: ReadonlyMap<ItemKey, CloudError>;
    }
  | { readonly kind: 'pending'; readonly handle: AsyncHandle; readonly after: Duration };

/** One line for people: `create TargetGroup k8s-default-web-1a2b (port: → 30080)`. */
export function describeOperation(operation: Operation): string {
  const changes = operation.changes.map((change) => `${change.field}: ${change.from ?? ''} → ${change.to ?? ''}`);
  const suffix = changes.length > 0 ? ` (${changes.join(', ')})` : '';
  return `${operation.verb} ${operation.object.kind} ${operation.object.name}${suffix}`;
}

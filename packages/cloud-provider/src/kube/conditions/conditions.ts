import type { Condition } from '../../api/service.ts';

/** What is to be true of a condition. */
export interface ConditionChange {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  /** CamelCase, not empty: the API server refuses a condition without one. */
  readonly reason: string;
  readonly message: string;
  /** The `metadata.generation` that was judged. @default 0 */
  readonly observedGeneration?: number;
}

/** The condition of that type; undefined when it was never set. */
export function findCondition(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

/** Whether the condition is present with status `True`. */
export function isConditionTrue(conditions: readonly Condition[], type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * The condition as it must be written; undefined when it already says all that. The time of the last transition moves only
 * when the status does. Source: k8s.io/apimachinery pkg/api/meta/conditions.go, SetStatusCondition.
 */
export function planCondition(
  conditions: readonly Condition[],
  change: ConditionChange,
  now: Date,
): Condition | undefined {
  const present = findCondition(conditions, change.type);
  const { observedGeneration = 0 } = change;
  const isSame =
    present?.status === change.status &&
    present.reason === change.reason &&
    present.message === change.message &&
    present.observedGeneration === observedGeneration;
  if (isSame) return undefined;
  const isTransition = present?.status !== change.status || present.lastTransitionTime === '';
  const lastTransitionTime = isTransition ? secondTime(now) : present.lastTransitionTime;
  return { ...change, observedGeneration, lastTransitionTime };
}

/**
 * A strategic merge patch of the `status` subresource that writes and removes these conditions and leaves those of others
 * alone: the list merges by `type`. Undefined when there is nothing to write.
 */
export function conditionsPatch(changes: {
  readonly set?: readonly Condition[];
  /** Types of conditions to take away. */
  readonly remove?: readonly string[];
}): { readonly type: 'strategic'; readonly body: Readonly<Record<string, unknown>> } | undefined {
  const { set = [], remove = [] } = changes;
  const conditions = [...set, ...remove.map((type) => ({ $patch: 'delete', type }))];
  if (conditions.length === 0) return undefined;
  return { type: 'strategic', body: { status: { conditions } } };
}

/** RFC 3339 in whole seconds, as the API server keeps a Time. */
function secondTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

import type { ClusterIdentity } from '../../cloud/cluster-identity.ts';
import type { FieldChange } from '../../cloud/operation.ts';
import type { GuardRefusal } from '../../cloud/guard.ts';

/** One write that would be made. Plain data. */
export interface PlannedStep {
  readonly where: 'cloud' | 'cluster';
  readonly verb: 'create' | 'update' | 'delete';
  readonly kind: string;
  readonly name: string;
  readonly changes: readonly FieldChange[];
  /** Whose the object is, for steps in the cloud. */
  readonly ownership?: string;
  /** The permission that the cloud demands. */
  readonly permission?: string;
  /** Why the guard would withhold it. */
  readonly refused?: GuardRefusal;
  /**
   * What it waits for: the writes before it, whose results are worked out and not seen, or the changes to Nodes of the same
   * plan. @default nothing
   */
  readonly after?: 'writes' | 'nodes';
}

/**
 * - `converged`: nothing is to be done.
 * - `change`: the steps would be made.
 * - `waiting`: for something that passes by itself.
 * - `blocked`: by something that somebody has to do.
 * - `refused`: what is wanted can't or must not be done.
 * - `unknown`: the cloud did not say enough.
 */
export type PlannedState = 'converged' | 'change' | 'waiting' | 'blocked' | 'refused' | 'unknown';

/** What would be done for one object of the cluster, and why. */
export interface PlannedObject {
  readonly kind: 'Node' | 'Service' | 'Routes';
  /** `namespace/name`, or `name`. */
  readonly key: string;
  readonly state: PlannedState;
  /** CamelCase; empty when there is nothing to say. */
  readonly reason: string;
  readonly message: string;
  readonly steps: readonly PlannedStep[];
  /** The other Services that the steps are for as well. */
  readonly sharedWith: readonly string[];
}

/** Why a controller plans nothing. */
export interface SkippedPart {
  readonly controller: string;
  readonly reason: string;
}

/** What would be done in a cluster and its cloud. Plain data; the order is stable. */
export interface ClusterPlan {
  readonly cluster: ClusterIdentity;
  readonly objects: readonly PlannedObject[];
  readonly skipped: readonly SkippedPart[];
  /** How many objects were looked at. */
  readonly looked: { readonly nodes: number; readonly services: number };
}

/** Whether anything would be written. */
export function stepsOf(plan: ClusterPlan): readonly PlannedStep[] {
  const seen = new Set<string>();
  return plan.objects
    .flatMap(({ steps }) => steps)
    .filter((step) => {
      const { changes, kind, name, verb, where } = step;
      const key = JSON.stringify([where, verb, kind, name, changes]);
      return !seen.has(key) && seen.add(key);
    });
}

/** `LoadBalancer k8s-web: scheme internet-facing`, in one line. */
export function describeStep({ kind, name, verb }: PlannedStep): string {
  return `${verb} ${kind} ${name}`;
}

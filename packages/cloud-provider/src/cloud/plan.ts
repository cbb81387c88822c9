import type { Duration } from '../base/duration.ts';
import type { AsyncHandle, Operation, ResourceKey } from './operation.ts';

/**
 * What is true once the operations of a plan are done.
 *
 * - `converged`: nothing is left to do. Only this releases a finalizer.
 * - `settling`: the cloud is busy with `on`; look again `after` that time.
 * - `blocked`: `by` must change first, for the stated reason; looking again earlier is useless.
 */
export type PlanNext =
  | { readonly kind: 'converged' }
  | {
      readonly kind: 'settling';
      readonly on: ResourceKey;
      readonly handle?: AsyncHandle;
      readonly after: Duration;
    }
  | { readonly kind: 'blocked'; readonly by: ResourceKey; readonly reason: string };

/** An ordered list of writes, and what then. Pure data. */
export interface Plan<Op extends Operation = Operation> {
  readonly operations: readonly Op[];
  readonly next: PlanNext;
}

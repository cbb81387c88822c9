import type { CallContext } from '../../cloud/call-context.ts';
import type { GuardPolicy } from '../../cloud/guard.ts';
import type { InventoryItem, InventoryKind } from '../../cloud/inventory.ts';
import { describeOperation } from '../../cloud/operation.ts';
import type { Plan } from '../../cloud/plan.ts';
import { type GroupOutcome, reconcileGroup } from '../../reconcile/group-reconciler.ts';
import type { OperationLog } from '../../reconcile/operation-log.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import { type Suspect, isSameCase } from './orphan-register.ts';

export interface OrphanRemoverOptions {
  readonly policy: GuardPolicy;
  /** By what is known at the moment: asked right before each operation that deletes. @default it is, as it was just proven */
  readonly isOrphan?: (item: InventoryItem) => boolean;
  readonly operations: OperationLog;
  readonly metrics: MetricRegistry;
}

/** Somebody wants the object again, right before it was to be deleted. */
export class OwnerFoundError extends Error {
  override readonly name = 'OwnerFoundError';
  readonly code = 'OwnerFound';

  constructor(object: string) {
    super(`${object} has an owner`);
  }
}

/** What a deletion came to, with the plan in lines for people. */
export interface Removal {
  readonly outcome: GroupOutcome<unknown, unknown>;
  readonly plan: readonly string[];
}

/** Deletes one orphan through the engine that does all writes to clouds. */
export class OrphanRemover {
  readonly #options: OrphanRemoverOptions;

  constructor(options: OrphanRemoverOptions) {
    this.#options = options;
  }

  /**
   * @param known the orphan as it was just looked at
   * @returns `converged` when it is gone, and also when it turned out to be another case than the one that was proven: then
   * nothing was done
   * @throws OwnerFoundError when it is no orphan any more; what it was to delete then is still there
   */
  async remove(
    suspect: Pick<Suspect, 'kind' | 'item'>,
    cloud: { readonly kind: InventoryKind; readonly known: unknown },
    call: CallContext,
  ): Promise<Removal> {
    const { isOrphan = () => true, metrics, operations, policy } = this.#options;
    const { kind, known } = cloud;
    let plan: readonly string[] = [];
    const outcome = await reconcileGroup({
      group: `orphan/${kind.name}/${suspect.item.id}`,
      policy,
      metrics,
      log: operations,
      signal: call.signal,
      known: { observed: known },
      port: {
        observe: () => kind.observe(suspect.item, call),
        plan: (observed): Plan => {
          const item = kind.itemIn(observed);
          // Somebody may have taken it for another owner since.
          if (!item || !isSameCase(item, suspect.item)) return { operations: [], next: { kind: 'converged' } };
          const next = kind.plan(observed);
          if (plan.length === 0) plan = next.operations.map(describeOperation);
          return next;
        },
        apply: (operation, observed) => kind.apply(operation, observed, call),
        fold: (observed, operation, outputs) => kind.fold(observed, operation, outputs),
      },
      beforeDeletion: () => {
        if (!isOrphan(suspect.item)) throw new OwnerFoundError(suspect.item.name);
      },
    });
    return { outcome, plan };
  }
}

import { asError } from '../../base/as-error.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { CallContext } from '../../cloud/call-context.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import { type RouteWishes, compareRoutes } from '../../cloud/compare-routes.ts';
import type { GuardPolicy } from '../../cloud/guard.ts';
import type { OperationResult, ResourceKey } from '../../cloud/operation.ts';
import type { ObservedRoute, RouteDifference, RouteOperation, Routes, TargetedRoute } from '../../cloud/routes.ts';
import { type FailedOperation, type GroupOutcome, reconcileGroup } from '../../reconcile/group-reconciler.ts';
import type { OperationLog } from '../../reconcile/operation-log.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import { AsideRoutes, canonical, longestPause } from './aside-routes.ts';

export interface RouteTableOptions {
  readonly routes: Routes;
  readonly policy: GuardPolicy;
  readonly operations: OperationLog;
  readonly metrics: MetricRegistry;
  readonly clock: Clock;
  /**
   * Called with the ranges of routes that are to be deleted, before anything is; what it throws ends the pass, with nothing
   * written. @default nothing
   */
  readonly beforeDeletes?: (cidrs: readonly string[], signal: AbortSignal) => Promise<void>;
  /** How often a converged table is compared with the cloud without any cause. */
  readonly resyncPeriod: Duration;
}

/** How soon it is looked whether a route of somebody else still stands in the way. */
const blockedPeriod = Duration.minutes(5);
const callTimeout = Duration.minutes(2);

/** Why a range has no route. */
export interface RouteTrouble {
  /** `failed`: it was tried just now. `waiting`: it is tried later. The others need somebody to change something. */
  readonly kind: 'failed' | 'waiting' | 'blocked' | 'outside' | 'refused';
  readonly message: string;
}

/** What came of a pass over one table. */
export type TableReport = { readonly nextLook: Duration } & (
  | {
      readonly kind: 'known';
      /** Ranges whose routes are there. */
      readonly served: ReadonlySet<string>;
      readonly troubles: ReadonlyMap<string, RouteTrouble>;
      /** Where routes led that no node wants. */
      readonly strays: ReadonlySet<string>;
      /** The ranges of such routes that could not be deleted in this pass. */
      readonly failedDeletes: readonly string[];
    }
  /** Nothing can be said about any route. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly message: string }
);

interface Pass {
  readonly wishes: RouteWishes;
  readonly facts: unknown;
  readonly signal: AbortSignal;
}

/** What happened in a pass so far. */
interface Progress {
  difference: RouteDifference | undefined;
  readonly done: Set<string>;
  readonly strays: Set<string>;
  readonly failedDeletes: string[];
}

/** One table of routes, with what is known of it. Never in two passes at once: the caller sees to that. */
export class RouteTable {
  readonly key: ResourceKey;
  readonly #options: RouteTableOptions;
  readonly #aside: AsideRoutes;
  #known: { readonly observed: unknown } | undefined;
  #lookDue = 0;
  #notBefore = 0;

  constructor(key: ResourceKey, options: RouteTableOptions) {
    this.key = key;
    this.#options = options;
    this.#aside = new AsideRoutes(options.clock);
  }

  /** Brings the table to the wishes. Costs no call to the cloud when it is known to be as they want it. Rejects only when the signal is aborted. */
  async reconcile(pass: Pass): Promise<TableReport> {
    const now = this.#options.clock.monotonic();
    if (now < this.#notBefore) return this.#unknown('Waiting', 'the cloud asked for patience, or did not answer');
    const known = now < this.#lookDue ? this.#known : undefined;
    const progress: Progress = { difference: undefined, done: new Set(), strays: new Set(), failedDeletes: [] };
    let isAdditive = false;
    if (known) {
      const difference = this.#compare(pass, known.observed, progress);
      if (this.#isDone(difference)) {
        this.#aside.forgetSettled();
        return this.#report(progress);
      }
      isAdditive = difference.wrong.length === 0 && difference.unwanted.length === 0;
    }
    const priority = this.#known && !known ? 'upkeep' : 'change';
    const call: CallContext = { signal: pass.signal, timeout: callTimeout, freshness: 'live', priority };
    this.#known = undefined;
    // New routes only add to what is there; what is replaced, deleted or failed before is judged by what the cloud says now.
    const from = known && isAdditive && now < this.#aside.due ? { known } : {};
    try {
      return this.#conclude(await this.#run(pass, call, { progress, from }), progress);
    } catch (error) {
      pass.signal.throwIfAborted();
      // The cluster did not say what it took to know; other tables are none the worse for it.
      const failure = new CloudError('Unavailable', asError(error).message, { cause: error });
      this.#wait(this.#aside.retryTableAfter(failure));
      return this.#unknown('NotConfirmed', failure.message);
    }
  }

  #run(
    pass: Pass,
    call: CallContext,
    start: { readonly progress: Progress; readonly from: { readonly known?: { readonly observed: unknown } } },
  ): Promise<GroupOutcome<unknown, RouteOperation>> {
    const { metrics, operations, policy, routes } = this.#options;
    const { progress, from } = start;
    return reconcileGroup<unknown, RouteOperation>({
      group: `routes/${this.key}`,
      policy,
      metrics,
      log: operations,
      signal: pass.signal,
      onFailure: 'goOn',
      ...from,
      beforeWrites: async (planned) => {
        const deleted = planned.filter(({ verb }) => verb === 'delete').flatMap(({ cidrs }) => cidrs.map(canonical));
        if (deleted.length > 0) await this.#options.beforeDeletes?.(deleted, pass.signal);
      },
      port: {
        observe: () => routes.observe(this.key, pass.facts, call),
        plan: (observed) => routes.plan(this.#aside.without(this.#compare(pass, observed, progress)), observed),
        apply: async (operation, observed) => {
          const result = await routes.apply(operation, observed, call);
          noteDone(progress, operation, result);
          if (operation.verb === 'delete' && result.kind === 'done') this.#aside.retryWhatFoundNoRoom();
          return result;
        },
        fold: (observed, operation, outputs) => routes.fold(observed, operation, outputs),
      },
    });
  }

  #compare(pass: Pass, observed: unknown, progress: Progress): RouteDifference {
    const difference = compareRoutes(pass.wishes, this.#options.routes.routesIn(observed));
    progress.difference = difference;
    for (const { target } of difference.unwanted) progress.strays.add(target);
    return difference;
  }

  #conclude(outcome: GroupOutcome<unknown, RouteOperation>, progress: Progress): TableReport {
    switch (outcome.kind) {
      case 'converged':
      case 'blocked': {
        const isBlocked = outcome.kind === 'blocked' || (progress.difference?.blocked.length ?? 0) > 0;
        this.#keep(outcome.observed, isBlocked ? blockedPeriod.min(this.#options.resyncPeriod) : undefined);
        return this.#report(progress);
      }
      case 'settling':
        this.#wait(outcome.after);
        return this.#report(progress);
      case 'refused': {
        this.#keep(outcome.observed);
        const [first] = outcome.refused;
        // Whoever asked for nothing to be written wants no Events and conditions either.
        if (!first || first.refusal.reason === 'ObserveOnly') return this.#unknown('ObserveOnly', 'nothing is written');
        return this.#report(progress, { kind: 'refused', message: first.refusal.message });
      }
      case 'failed':
        if (!outcome.failures) {
          this.#wait(this.#aside.retryTableAfter(outcome.error));
          return this.#unknown(outcome.error.code, outcome.error.message);
        }
        return this.#failed(outcome.failures, progress);
    }
  }

  #keep(observed: unknown, lookAgain: Duration = this.#options.resyncPeriod): void {
    this.#known = { observed };
    this.#lookDue = this.#options.clock.monotonic() + lookAgain.milliseconds;
    this.#aside.forgetTable();
    this.#aside.forgetSettled();
  }

  #wait(after: Duration): void {
    this.#notBefore = this.#options.clock.monotonic() + after.milliseconds;
    this.#lookDue = this.#notBefore;
  }

  #failed(failures: readonly FailedOperation<RouteOperation>[], progress: Progress): TableReport {
    const now = this.#options.clock.monotonic();
    const due = progress.difference && this.#aside.without(progress.difference);
    const troubles = new Map<string, RouteTrouble>();
    this.#lookDue = now;
    let after = longestPause;
    for (const { operation, error, items } of failures) {
      const isOfTable =
        error.code === 'Throttled' || (error.code === 'Unavailable' && progress.done.size === 0 && !items);
      if (isOfTable) this.#wait(this.#aside.retryTableAfter(error));
      for (const [item, itemError] of items ?? new Map(operation.cidrs.map((cidr) => [cidr, error]))) {
        const cidr = canonical(item);
        after = this.#aside.putAside(operation.verb, cidr, itemError).min(after);
        if (operation.verb === 'delete') {
          progress.failedDeletes.push(cidr);
          continue;
        }
        const kind = itemError.code === 'Throttled' ? 'waiting' : 'failed';
        troubles.set(cidr, { kind, message: itemError.message });
      }
    }
    // What was not tried, because the same obstacle would have met it, waits as long.
    const code = failures[0]?.error.code ?? 'Unknown';
    if (due) this.#aside.putOff(due, progress.done, { after, code });
    return this.#report(progress, undefined, troubles);
  }

  #report(
    progress: Progress,
    refusal?: RouteTrouble,
    failed: ReadonlyMap<string, RouteTrouble> = new Map(),
  ): TableReport {
    const { difference, done, failedDeletes, strays } = progress;
    const served = new Set(done);
    const troubles = new Map<string, RouteTrouble>();
    for (const { cidr } of difference?.served ?? []) served.add(cidr);
    const waiting: RouteTrouble = refusal ?? { kind: 'waiting', message: 'the route is made as soon as possible' };
    for (const { cidr } of pendingOf(difference)) if (!served.has(cidr)) troubles.set(cidr, waiting);
    for (const { wanted, present } of difference?.blocked ?? []) {
      troubles.set(wanted.cidr, { kind: 'blocked', message: describeRival(wanted, present) });
    }
    for (const { cidr } of difference?.outside ?? []) {
      const message = `${cidr} is in none of the ranges of --cluster-cidr: add the range there, or give the node another one`;
      troubles.set(cidr, { kind: 'outside', message });
    }
    for (const [cidr, trouble] of failed) troubles.set(cidr, trouble);
    return { kind: 'known', served, troubles, strays, failedDeletes, nextLook: this.#nextLook() };
  }

  #unknown(reason: string, message: string): TableReport {
    return { kind: 'unknown', reason, message, nextLook: this.#nextLook() };
  }

  #nextLook(): Duration {
    const now = this.#options.clock.monotonic();
    const due = Math.max(this.#notBefore, Math.min(this.#lookDueOrRetry(now), this.#aside.due));
    return Duration.milliseconds(Math.max(0, due - now));
  }

  /** A table of which nothing is known only waits for the routes that failed. */
  #lookDueOrRetry(now: number): number {
    if (this.#known || this.#aside.size === 0) return this.#lookDue;
    return Math.max(this.#lookDue, now + this.#options.resyncPeriod.milliseconds);
  }

  #isDone(difference: RouteDifference): boolean {
    const { missing, unwanted, wrong } = this.#aside.without(difference);
    return missing.length === 0 && unwanted.length === 0 && wrong.length === 0;
  }
}

function noteDone(progress: Progress, operation: RouteOperation, result: OperationResult): void {
  if (result.kind !== 'done' || operation.verb === 'delete') return;
  for (const cidr of operation.cidrs) if (!result.failed?.has(cidr)) progress.done.add(canonical(cidr));
}

function* pendingOf(difference: RouteDifference | undefined): Iterable<TargetedRoute> {
  if (!difference) return;
  yield* difference.missing;
  for (const { wanted } of difference.wrong) yield wanted;
}

function describeRival(wanted: TargetedRoute, present: ObservedRoute): string {
  const { ownership } = present;
  const reason = 'reason' in ownership ? `: ${ownership.reason}` : '';
  const target = present.target === '' ? 'elsewhere' : `to ${present.target}`;
  return `there is a route ${target} for ${wanted.cidr} that is not of this cluster${reason}; delete it, or give the node another range`;
}

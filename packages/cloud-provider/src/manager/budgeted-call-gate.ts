import { AdaptiveBudget, type BudgetSnapshot } from '../base/budget.ts';
import type { Clock } from '../base/clock.ts';
import { type CallContext, type CallPriority, callPriorities } from '../cloud/call-context.ts';
import type { CloudCall, CloudCallGate, SendCloudCall } from '../cloud/cloud-call-gate.ts';
import { CloudError, type CloudErrorCode } from '../cloud/cloud-error.ts';
import { scopeKey } from '../cloud/cloud-scope.ts';
import type { WriteFence } from '../kube/client/write-fence.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { MetricRegistry } from '../telemetry/metrics.ts';
import { withSpan } from '../telemetry/spans.ts';

export interface BudgetedCallGateOptions {
  /** Asked synchronously before each call, and again by the client when its first byte is about to leave. */
  readonly fence: WriteFence;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
}

/** The budget of one API group in one scope, as `/statusz` shows it. */
export interface NamedBudget {
  readonly apiGroup: string;
  readonly scope: string;
  readonly budget: BudgetSnapshot<CallPriority>;
}

/**
 * The door to the cloud: one adaptive budget for each API group in each scope, the fence in front of every call, and one
 * place for counting, timing and logging.
 */
export class BudgetedCallGate implements CloudCallGate {
  readonly #options: BudgetedCallGateOptions;
  readonly #budgets = new Map<string, { apiGroup: string; scope: string; budget: AdaptiveBudget<CallPriority> }>();

  constructor(options: BudgetedCallGateOptions) {
    this.#options = options;
  }

  run<Result>(call: CloudCall, context: CallContext, send: SendCloudCall<Result>): Promise<Result> {
    const { apiGroup, operation, scope } = call;
    const attributes = { 'cloud.api_group': apiGroup, 'cloud.scope': scopeKey(scope), priority: context.priority };
    return withSpan(`cloud ${operation}`, attributes, () => this.#run(call, context, send));
  }

  async #run<Result>(call: CloudCall, context: CallContext, send: SendCloudCall<Result>): Promise<Result> {
    const { clock } = this.#options;
    const budget = this.#budgetOf(call);
    const deadline = new AbortController();
    const cancelDeadline = clock.schedule(context.timeout, () => {
      deadline.abort(
        new CloudError('Unavailable', `${call.operation} took longer than ${context.timeout.toString()}`, {
          operation: call.operation,
        }),
      );
    });
    const signal = AbortSignal.any([context.signal, deadline.signal]);
    try {
      await this.#waitForBudget(call, context, { budget, signal });
      return await this.#send(call, budget, (beforeSend) => send(signal, beforeSend));
    } finally {
      cancelDeadline();
    }
  }

  /** The budgets that were used so far. */
  snapshot(): readonly NamedBudget[] {
    return [...this.#budgets.values()].map(({ apiGroup, scope, budget }) => ({
      apiGroup,
      scope,
      budget: budget.snapshot(),
    }));
  }

  #passFence(kind: CloudCall['kind']): void {
    const { fence } = this.#options;
    switch (kind) {
      case 'read':
        fence.assertNotLost?.();
        return;
      case 'write':
        fence.assertHeld();
    }
  }

  async #waitForBudget(
    call: CloudCall,
    context: CallContext,
    wait: { readonly budget: AdaptiveBudget<CallPriority>; readonly signal: AbortSignal },
  ): Promise<void> {
    const { clock, metrics } = this.#options;
    const start = clock.monotonic();
    await wait.budget.acquire(context.priority, wait.signal);
    metrics
      .histogram('ccm_cloud_budget_wait_seconds', { group: call.apiGroup, priority: context.priority })
      .observe((clock.monotonic() - start) / 1000);
  }

  async #send<Result>(
    call: CloudCall,
    budget: AdaptiveBudget<CallPriority>,
    send: (beforeSend: () => void) => Promise<Result>,
  ): Promise<Result> {
    const { clock } = this.#options;
    let withheld: { readonly error: unknown } | undefined;
    const beforeSend = (): void => {
      try {
        this.#passFence(call.kind);
      } catch (error) {
        withheld = { error };
        throw error;
      }
    };
    beforeSend();
    const start = clock.monotonic();
    try {
      const result = await send(beforeSend);
      budget.onSuccess();
      this.#record(call, 'ok', clock.monotonic() - start);
      return result;
    } catch (error) {
      // A client may have made a failure of the network of it, which it is not: nothing was sent, so nothing is counted.
      if (withheld) throw withheld.error;
      if (error instanceof CloudError && error.code === 'Throttled') budget.onThrottled(error.details.retryAfter);
      this.#record(call, outcomeOf(error), clock.monotonic() - start);
      throw error;
    }
  }

  #record(call: CloudCall, outcome: 'ok' | CloudErrorCode | 'aborted', milliseconds: number): void {
    const { metrics, logger } = this.#options;
    const { apiGroup: group, operation } = call;
    metrics.counter('ccm_cloud_calls_total', { group, operation, outcome }).increment();
    metrics.histogram('ccm_cloud_call_duration_seconds', { group, operation }).observe(milliseconds / 1000);
    logger.debug('Cloud call', { operation, outcome, milliseconds: Math.round(milliseconds) });
  }

  #budgetOf(call: CloudCall): AdaptiveBudget<CallPriority> {
    const scope = scopeKey(call.scope);
    const key = `${call.apiGroup} ${scope}`;
    const known = this.#budgets.get(key);
    if (known) return known.budget;
    const budget = new AdaptiveBudget({ clock: this.#options.clock, priorities: callPriorities });
    this.#budgets.set(key, { apiGroup: call.apiGroup, scope, budget });
    this.#reportGauges(call.apiGroup, scope, budget);
    return budget;
  }

  #reportGauges(group: string, scope: string, budget: AdaptiveBudget<CallPriority>): void {
    const { metrics } = this.#options;
    metrics.onCollect(() => {
      const snapshot = budget.snapshot();
      metrics.gauge('ccm_cloud_budget_rate', { group, scope }).set(snapshot.rate);
      for (const priority of callPriorities) {
        metrics.gauge('ccm_cloud_budget_waiting', { group, scope, priority }).set(snapshot.waiting[priority]);
      }
    });
  }
}

function outcomeOf(error: unknown): CloudErrorCode | 'aborted' {
  if (error instanceof CloudError) return error.code;
  return error instanceof Error && error.name === 'AbortError' ? 'aborted' : 'Unknown';
}

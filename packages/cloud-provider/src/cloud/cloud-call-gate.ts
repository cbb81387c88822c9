import type { CallContext } from './call-context.ts';
import type { CloudScope } from './cloud-scope.ts';

/** One request to the cloud, as the budget, the metrics and the call log know it. */
export interface CloudCall {
  /** The group of operations that the cloud throttles together, for example `describe-instances`. */
  readonly apiGroup: string;
  /** The operation as the cloud names it. */
  readonly operation: string;
  readonly scope: CloudScope;
  readonly kind: 'read' | 'write';
}

/**
 * The one door through which every request to a cloud goes. The framework implements it; providers wrap each SDK call in
 * `run` exactly once. It waits for the budget of the call's group and scope, refuses writes once the lease is no longer
 * surely ours, counts, times and logs.
 */
export interface CloudCallGate {
  /**
   * Runs the request when it may start. `send` must throw {@link CloudError}s only (map before returning), so that the
   * budget learns of throttling. Never retries: a retry is the caller's decision and passes the gate again.
   */
  run<Result>(call: CloudCall, context: CallContext, send: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
}

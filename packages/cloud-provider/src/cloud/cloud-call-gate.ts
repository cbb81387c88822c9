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
 * Sends one request. Throws {@link CloudError}s only (map before returning), so that the budget learns of throttling.
 *
 * `beforeSend` is for clients that may hold a request back: for credentials, for a free connection, for a handshake. To be
 * called synchronously on the connection that stands, right before the first byte; it throws when the lease was lost
 * meanwhile, and then nothing may leave. Whatever the request then ends with, {@link CloudCallGate.run} rejects with what
 * `beforeSend` threw. What a client holds back without asking is sent late by a process that was stopped and goes on.
 */
export type SendCloudCall<Result> = (signal: AbortSignal, beforeSend: () => void) => Promise<Result>;

/**
 * The one door through which every request to a cloud goes. The framework implements it; providers wrap each SDK call in
 * `run` exactly once. It waits for the budget of the call's group and scope, refuses writes once the lease is no longer
 * surely ours, counts, times and logs.
 */
export interface CloudCallGate {
  /** Runs the request when it may start. Never retries: a retry is the caller's decision and passes the gate again. */
  run<Result>(call: CloudCall, context: CallContext, send: SendCloudCall<Result>): Promise<Result>;
}

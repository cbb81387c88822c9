import type { ClusterIdentity } from '../cloud/cluster-identity.ts';
import type { ControllerStatus } from '../controllers/controller.ts';
import type { OperationRecord } from '../reconcile/operation-log.ts';
import type { NamedBudget } from './budgeted-call-gate.ts';

/** Everything that `/statusz` tells, as JSON. Times are RFC 3339. */
export interface ManagerStatus {
  readonly version: string;
  readonly provider: string;
  /** Undefined until the API server has answered. */
  readonly cluster: ClusterIdentity | undefined;
  readonly startedAt: string;
  readonly now: string;
  readonly leadership: LeadershipStatus;
  /** One line for each thing that keeps the manager from being ready. */
  readonly notReady: readonly string[];
  readonly controllers: readonly NamedControllerStatus[];
  readonly budgets: readonly NamedBudget[];
  /** The latest operations, oldest first. */
  readonly operations: readonly OperationRecord[];
  readonly process: ProcessStatus;
}

export interface LeadershipStatus {
  /** `off`: the manager runs without an election. */
  readonly state: 'leading' | 'standby' | 'off';
  readonly identity: string;
  /** The holder of the lease as last seen; empty when unknown. */
  readonly leader: string;
}

export interface NamedControllerStatus extends ControllerStatus {
  readonly name: string;
}

export interface ProcessStatus {
  readonly residentBytes: number;
  /** How late timers ran, since the manager started. */
  readonly eventLoopDelay: { readonly p50: string; readonly p99: string; readonly max: string };
}

import type { Health } from '../telemetry/health.ts';

/** One loop of the manager. It holds contracts and informers, never a vendor. */
export interface Controller {
  /** The canonical name of the Go managers' `--controllers`, for example `cloud-node-controller`. */
  readonly name: string;
  /**
   * Works until `stopping` is aborted, lets what is under way end, and resolves when nothing of it is. It waits for its
   * informers by itself; somebody else starts them. It throws only for a defect: failing clouds, API servers and objects are
   * retried.
   */
  run(life: ControllerLife): Promise<void>;
  /** What it is doing, and why; for people. Cheap, and safe to call at any time. */
  status(): ControllerStatus;
  health(): Health;
}

/** How long a controller may go on. */
export interface ControllerLife {
  /** Aborted when no more work shall be taken. */
  readonly stopping: AbortSignal;
  /** Ends what is under way too: the lease is lost, or the time for ending in good order is over. Aborts `stopping` as well. */
  readonly aborting: AbortSignal;
}

/** What a controller shows of itself. All values print as JSON. */
export interface ControllerStatus {
  readonly queues: readonly QueueStatus[];
  /** The objects that something is still to be done for, or was done for last. Most in need first. */
  readonly items: readonly ItemStatus[];
  /** Everything else, by name: counts, times. */
  readonly facts: Readonly<Record<string, string | number>>;
}

export interface QueueStatus {
  readonly name: string;
  readonly depth: number;
}

/** One object as a controller sees it. */
export interface ItemStatus {
  /** `Node` or `Service`. */
  readonly kind: string;
  /** `namespace/name`, or `name`. */
  readonly key: string;
  /** A word: `waiting`, `converged`, `settling`, `blocked`, `refused`, `failed`, `deleting`. */
  readonly state: string;
  /** CamelCase, the reason of its Event or condition; empty when nothing is wrong. */
  readonly reason: string;
  /** For people; empty when there is nothing to say. */
  readonly message: string;
  /** RFC 3339: when it came into this state. */
  readonly since: string;
  /** RFC 3339: when it is looked at again; empty when nothing is scheduled. */
  readonly nextAttempt: string;
  /** The operations of the last plan, one line each. */
  readonly plan: readonly string[];
}

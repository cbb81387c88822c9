import type { Clock } from './clock.ts';
import type { Duration } from './duration.ts';

export interface AdaptiveBudgetOptions<Priority extends string> {
  readonly clock: Clock;
  /** The classes, most urgent first: what is in a lower class waits while anything in a higher one does. */
  readonly priorities: readonly Priority[];
  /** Starts a second in the beginning. @default 10 */
  readonly initialRate?: number;
  /** @default 0.2 */
  readonly minRate?: number;
  /** @default 200 */
  readonly maxRate?: number;
  /** Starts that may come at once after a quiet time. @default 20 */
  readonly burst?: number;
}

/** One budget as `/statusz` shows it. */
export interface BudgetSnapshot<Priority extends string> {
  /** Starts a second that are allowed now. */
  readonly rate: number;
  readonly tokens: number;
  readonly waiting: Readonly<Record<Priority, number>>;
  readonly started: number;
  readonly throttled: number;
  /** Nothing starts for so long; undefined when nothing holds it. */
  readonly heldFor: Duration | undefined;
}

/**
 * An adaptive token bucket: the rate grows additively with successes and falls by a factor when a call is throttled; a
 * Retry-After holds everything back until it has passed. There is one for each API group in each scope.
 */
export declare class AdaptiveBudget<Priority extends string> {
  constructor(options: AdaptiveBudgetOptions<Priority>);
  /** Resolves when the call may start. Rejects with the signal's reason; a caller that gave up consumes nothing. */
  acquire(priority: Priority, signal: AbortSignal): Promise<void>;
  /** A call was refused for its rate. Nothing starts before `retryAfter` has passed. */
  onThrottled(retryAfter?: Duration): void;
  /** A call was accepted. */
  onSuccess(): void;
  snapshot(): BudgetSnapshot<Priority>;
}

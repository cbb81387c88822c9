import type { Duration } from '../base/duration.ts';

/** Why a call is made; classes further down the list wait for those further up. */
export const callPriorities = ['initialize', 'change', 'delete', 'upkeep', 'sweep'] as const;
export type CallPriority = (typeof callPriorities)[number];

/** How old an answer may be. `live` demands that the cloud itself is asked now. */
export type Freshness = 'live' | { readonly maxAge: Duration };

/** What accompanies every call to a provider, and by it to the cloud. */
export interface CallContext {
  /** Aborted when the work is no longer wanted, for example because the lease was lost. Honoured promptly. */
  readonly signal: AbortSignal;
  /** The longest that the whole call may take, retries included. */
  readonly timeout: Duration;
  readonly freshness: Freshness;
  readonly priority: CallPriority;
}

import type { Clock } from './clock.ts';
import type { Duration } from './duration.ts';

/** So many starts a second on average, so many at once. Keeps no queue: it only says when. */
export declare class TokenBucket {
  constructor(options: { readonly rate: number; readonly burst: number; readonly clock: Clock });
  /** Takes one token if there is one. */
  tryTake(): boolean;
  /** How long until there is a token; zero when there is one now. */
  untilNext(): Duration;
}

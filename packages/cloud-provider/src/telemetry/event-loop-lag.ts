import type { Duration } from '../base/duration.ts';

/** How late timers ran since the last reset: how long other work held the event loop. */
export interface EventLoopLagSnapshot {
  readonly p50: Duration;
  readonly p99: Duration;
  readonly max: Duration;
}

export interface EventLoopLag {
  snapshot(): EventLoopLagSnapshot;
  reset(): void;
  stop(): void;
}

export declare function measureEventLoopLag(): EventLoopLag;

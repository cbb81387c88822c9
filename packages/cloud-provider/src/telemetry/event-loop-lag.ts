import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Duration } from '../base/duration.ts';

/** How late timers ran since the last reset, which is how long other work held the event loop. */
export interface EventLoopLagSnapshot {
  readonly p50: Duration;
  readonly p99: Duration;
  readonly max: Duration;
}

export interface EventLoopLag {
  snapshot(): EventLoopLagSnapshot;
  /** Begins a new measurement. */
  reset(): void;
  stop(): void;
}

const samplingPeriodMilliseconds = 10;

/** Starts to measure. Costs about a hundred short wake-ups a second and does not keep the process alive. */
export function measureEventLoopLag(): EventLoopLag {
  const histogram = monitorEventLoopDelay({ resolution: samplingPeriodMilliseconds });
  histogram.enable();
  // Node records the time between two samples, which is the sampling period and the delay together.
  const delay = (nanoseconds: number): Duration =>
    Duration.milliseconds(Math.max(0, nanoseconds / 1e6 - samplingPeriodMilliseconds));
  return {
    snapshot() {
      if (histogram.count === 0) return { p50: Duration.zero, p99: Duration.zero, max: Duration.zero };
      return {
        p50: delay(histogram.percentile(50)),
        p99: delay(histogram.percentile(99)),
        max: delay(histogram.max),
      };
    },
    reset: () => histogram.reset(),
    stop() {
      histogram.disable();
    },
  };
}

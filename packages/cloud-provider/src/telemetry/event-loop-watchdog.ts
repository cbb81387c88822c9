import type { Clock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import type { EventLoopLag } from './event-loop-lag.ts';
import { type Health, healthy, unhealthy } from './health.ts';

export interface EventLoopWatchdogOptions {
  readonly clock: Clock;
  /** Its own measurement: it is begun anew for each window. */
  readonly lag: EventLoopLag;
  /** A typical delay above it makes a window bad. @default 1s */
  readonly limit?: Duration;
}

const window = Duration.seconds(10);
const badWindows = 3;

/**
 * Tells when the event loop is starved for good: half of all timers late by more than the limit, for half a minute. A single
 * long stall, such as a heap snapshot, is no reason to start the process again.
 */
export class EventLoopWatchdog {
  readonly #options: EventLoopWatchdogOptions;
  #cancel: () => void;
  #bad = 0;
  #last = Duration.zero;

  constructor(options: EventLoopWatchdogOptions) {
    this.#options = options;
    this.#cancel = options.clock.schedule(window, () => this.#judge());
  }

  health(): Health {
    return this.#bad < badWindows
      ? healthy
      : unhealthy(`timers are typically late by ${this.#last.toString()}: the event loop has too much to do`);
  }

  stop(): void {
    this.#cancel();
    this.#options.lag.stop();
  }

  #judge(): void {
    const { clock, lag, limit = Duration.seconds(1) } = this.#options;
    this.#last = lag.snapshot().p50;
    this.#bad = this.#last.isLongerThan(limit) ? this.#bad + 1 : 0;
    lag.reset();
    this.#cancel = clock.schedule(window, () => this.#judge());
  }
}

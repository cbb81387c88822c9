import type { Clock } from '../../base/clock.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';

/** Measures how long it takes until a change of nodes has reached the last load balancer. */
export class NodeSyncTimer {
  readonly #clock: Clock;
  readonly #metrics: MetricRegistry;
  readonly #unfinished = new Set<string>();
  #since = 0;

  constructor(clock: Clock, metrics: MetricRegistry) {
    this.#clock = clock;
    this.#metrics = metrics;
  }

  /** A change during an earlier one prolongs that one. */
  started(groups: readonly string[]): void {
    if (this.#unfinished.size === 0) this.#since = this.#clock.monotonic();
    for (const id of groups) this.#unfinished.add(id);
  }

  finished(group: string): void {
    if (!this.#unfinished.delete(group) || this.#unfinished.size > 0) return;
    const seconds = (this.#clock.monotonic() - this.#since) / 1000;
    this.#metrics.histogram('service_controller_nodesync_latency_seconds', {}).observe(seconds);
  }
}

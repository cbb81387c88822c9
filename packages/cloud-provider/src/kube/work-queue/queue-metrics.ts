import type { Clock } from '../../base/clock.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';

/** What a work queue reports, and how long what it reports took. */
export interface QueueMetrics<Key> {
  added(key: Key): void;
  taken(key: Key): void;
  finished(key: Key): void;
  retried(): void;
}

/** Reports nothing. */
export const noQueueMetrics: QueueMetrics<string> = {
  added() {},
  taken() {},
  finished() {},
  retried() {},
};

/** The `workqueue_*` metrics of client-go. Source: k8s.io/client-go util/workqueue/metrics.go. */
export function queueMetrics<Key>(name: string, clock: Clock, registry: MetricRegistry): QueueMetrics<Key> {
  const labels = { name };
  const depth = registry.gauge('workqueue_depth', labels);
  const adds = registry.counter('workqueue_adds_total', labels);
  const latency = registry.histogram('workqueue_queue_duration_seconds', labels);
  const workDuration = registry.histogram('workqueue_work_duration_seconds', labels);
  const unfinished = registry.gauge('workqueue_unfinished_work_seconds', labels);
  const longestRunning = registry.gauge('workqueue_longest_running_processor_seconds', labels);
  const retries = registry.counter('workqueue_retries_total', labels);
  // Alerts need a zero to compare with, and client-go's queues show one from the start.
  adds.increment(0);
  retries.increment(0);
  const addedAt = new Map<Key, number>();
  const takenAt = new Map<Key, number>();
  const secondsSince = (start: number): number => (clock.monotonic() - start) / 1000;

  registry.onCollect(() => {
    let total = 0;
    let longest = 0;
    for (const start of takenAt.values()) {
      const seconds = secondsSince(start);
      total += seconds;
      longest = Math.max(longest, seconds);
    }
    unfinished.set(total);
    longestRunning.set(longest);
  });

  return {
    added(key) {
      adds.increment();
      depth.add(1);
      if (!addedAt.has(key)) addedAt.set(key, clock.monotonic());
    },
    taken(key) {
      depth.add(-1);
      takenAt.set(key, clock.monotonic());
      const start = addedAt.get(key);
      if (start === undefined) return;
      addedAt.delete(key);
      latency.observe(secondsSince(start));
    },
    finished(key) {
      const start = takenAt.get(key);
      if (start === undefined) return;
      takenAt.delete(key);
      workDuration.observe(secondsSince(start));
    },
    retried: () => retries.increment(),
  };
}

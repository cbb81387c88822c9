import type { HealthChecks } from './health.ts';
import { MetricRegistry } from './metrics.ts';

/**
 * Counts what health checks say, for `/metrics/slis`: each time that somebody asks for them, as in Kubernetes' own components.
 * Source: k8s.io/component-base metrics/prometheus/slis.
 */
export class HealthMetrics {
  readonly registry = new MetricRegistry();

  constructor(endpoints: readonly HealthChecks[]) {
    for (const checks of endpoints) {
      const type = checks.endpoint;
      checks.observe((name, { kind }) => {
        const isHealthy = kind === 'healthy';
        this.registry.gauge('kubernetes_healthcheck', { name, type }).set(isHealthy ? 1 : 0);
        const status = isHealthy ? 'success' : 'error';
        this.registry.counter('kubernetes_healthchecks_total', { name, type, status }).increment();
      });
    }
  }
}

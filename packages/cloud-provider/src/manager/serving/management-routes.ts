import type { HealthChecks } from '../../telemetry/health.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import type { ManagerStatus } from '../manager-status.ts';
import { type PageControl, statusPageRoutes } from '../status-page/status-page-routes.ts';
import { healthEndpoint } from './health-endpoints.ts';
import type { Handler } from './management-server.ts';

/** What of a manager is served. A `Manager` fits. */
export interface ServedManager {
  readonly healthz: HealthChecks;
  readonly livez: HealthChecks;
  readonly readyz: HealthChecks;
  status(): ManagerStatus;
}

/** What a manager serves, by path. */
export function managementRoutes(
  manager: ServedManager,
  metrics: MetricRegistry,
  controls: readonly PageControl[] = [],
): Readonly<Record<string, Handler>> {
  return {
    '/healthz': healthEndpoint(manager.healthz),
    '/livez': healthEndpoint(manager.livez),
    '/readyz': healthEndpoint(manager.readyz),
    '/metrics': async () => ({ status: 200, contentType: metrics.contentType, body: await metrics.render() }),
    ...statusPageRoutes(() => manager.status(), controls),
  };
}

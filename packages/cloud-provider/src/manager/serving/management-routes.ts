import { createGzip } from 'node:zlib';
import type { HealthChecks } from '../../telemetry/health.ts';
import { HealthMetrics } from '../../telemetry/health-metrics.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import type { ManagerStatus } from '../manager-status.ts';
import { type PageControl, statusPageRoutes } from '../status-page/status-page-routes.ts';
import { healthRoutes } from './health-endpoints.ts';
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
  const indicators = new HealthMetrics([manager.healthz, manager.livez, manager.readyz]);
  return {
    ...healthRoutes('/healthz', manager.healthz),
    ...healthRoutes('/livez', manager.livez),
    ...healthRoutes('/readyz', manager.readyz),
    '/metrics': metricsHandler(metrics),
    '/metrics/slis': metricsHandler(indicators.registry),
    ...statusPageRoutes(() => manager.status(), controls),
  };
}

function metricsHandler(registry: MetricRegistry): Handler {
  // As the Go managers have it: who reads through a proxy notices restarts by it.
  const start = String(Math.floor(performance.timeOrigin / 1000));
  return async ({ acceptEncoding }) => {
    const text = await registry.render();
    const headers = { 'process-start-time-unix': start, vary: 'accept-encoding' };
    const answer = { status: 200, contentType: `${registry.contentType}; escaping=underscores` };
    if (!takesGzip(acceptEncoding)) return { ...answer, body: text, headers };
    const packed = createGzip();
    packed.end(text);
    return { ...answer, body: packed, headers: { ...headers, 'content-encoding': 'gzip' } };
  };
}

function takesGzip(acceptEncoding: string): boolean {
  return acceptEncoding
    .split(',')
    .map((each) => each.replaceAll(' ', ''))
    .some((each) => /^gzip(;|$)/i.test(each) && !/;q=0(\.0*)?$/i.test(each));
}

import type { HealthChecks } from '../../telemetry/health.ts';
import { type Handler, text } from './management-server.ts';

/** `/healthz` and its like: `?verbose`, `?exclude=name`, and one path for each check. */
export function healthEndpoint(checks: HealthChecks): Handler {
  return (request) => {
    const report = checks.report({
      verbose: request.query.has('verbose'),
      exclude: request.query.getAll('exclude'),
    });
    return text(report.healthy ? 200 : 500, report.text);
  };
}

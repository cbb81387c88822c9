import type { HealthChecks } from '../../telemetry/health.ts';
import { type Handler, notFound, text } from './management-server.ts';

/** `/healthz` and its like, with `?verbose` and `?exclude=name`, and one path below it for each check. */
export function healthRoutes(path: string, checks: HealthChecks): Readonly<Record<string, Handler>> {
  return {
    [path]: (request) => {
      const report = checks.report({
        verbose: request.query.has('verbose'),
        exclude: request.query.getAll('exclude'),
      });
      return text(report.healthy ? 200 : 500, report.text);
    },
    [`${path}/`]: (request) => {
      const name = request.path.slice(path.length + 1);
      const health = checks.check(name);
      if (!health) return notFound();
      return health.kind === 'healthy' ? text(200, 'ok') : text(500, `internal server error: ${health.reason}\n`);
    },
  };
}

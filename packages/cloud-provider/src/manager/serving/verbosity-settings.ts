import type { Verbosity } from '../../config/log-verbosity.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Answer, Handler, Setter } from './management-server.ts';

const path = '/debug/flags/v';

/** Go's answer to everybody who does not set it. Source: k8s.io/apiserver pkg/server/routes, flags.go. */
export const verbosityRoutes: Readonly<Record<string, Handler>> = {
  [path]: () => plain(406, 'unsupported http method\n'),
};

/** `PUT /debug/flags/v` with a number changes how much a running manager logs, as with the Go managers. */
export function verbositySettings(verbosity: Verbosity, logger: Logger): Readonly<Record<string, Setter>> {
  return {
    [path]: (text) => {
      const fix = verbosity.set(text);
      if (fix !== undefined) return plain(400, `${fix}\n`);
      logger.info('The verbosity of the log was changed', { verbosity: text });
      return plain(200, `successfully set klog.logging.verbosity to ${text}\n`);
    },
  };
}

function plain(status: number, body: string): Answer {
  return { status, contentType: 'text/plain', body };
}

import { systemClock } from '../base/clock.ts';
import type { CloudProvider } from '../cloud/cloud-provider.ts';
import type { WebhookDeclaration } from '../cloud/provider-webhook.ts';
import type { LeaderMigrationConfiguration } from '../config/leader-migration.ts';
import type { Verbosity } from '../config/log-verbosity.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { MetricRegistry } from '../telemetry/metrics.ts';
import type { Manager, ManagerEnd } from './manager.ts';
import type { ReviewClients } from './manager-clients.ts';
import { exitFailure, type Invocation } from './program.ts';
import { serveManager } from './serving/serve-manager.ts';

/** Serves a manager until it ends; a signal stops it in good order, a second one at once. Resolves with the exit code. */
export async function runUntilSignal(
  manager: Manager,
  parts: {
    readonly invocation: Invocation;
    readonly logger: Logger;
    readonly verbosity: Verbosity;
    readonly metrics: MetricRegistry;
    readonly clients: ReviewClients;
    readonly migration: LeaderMigrationConfiguration | undefined;
    /** Those that are switched on. */
    readonly webhooks: readonly WebhookDeclaration[];
  },
): Promise<number> {
  const { host, flags } = parts.invocation;
  const { logger } = parts;
  await using servers = new AsyncDisposableStack();
  let giveUp: (code: number) => void = () => undefined;
  const givenUp = new Promise<number>((resolve) => {
    giveUp = resolve;
  });
  let signals = 0;
  const onSignal = (): void => {
    signals++;
    if (signals > 1) {
      host.exit?.(exitFailure);
      giveUp(exitFailure);
      return;
    }
    logger.info('Stopping on a signal; a second one ends the program at once');
    void manager.stop();
  };
  host.on('SIGTERM', onSignal);
  host.on('SIGINT', onSignal);
  try {
    servers.use(
      await serveManager(manager, {
        flags,
        clients: parts.clients,
        migration: parts.migration,
        clock: systemClock,
        logger,
        verbosity: parts.verbosity,
        metrics: parts.metrics,
      }),
    );
    if (parts.webhooks.length > 0 && flags['webhook-secure-port'] !== 0) {
      const { serveWebhooks } = await import('./webhooks/serve-webhooks.ts');
      const { webhooks, metrics } = parts;
      const provider = (): CloudProvider | undefined => manager.provider;
      servers.use(await serveWebhooks({ flags, webhooks, provider, clock: systemClock, logger, metrics }));
    }
    return await Promise.race([manager.ended.then((end) => exitCodeOf(end, logger)), givenUp]);
  } catch (error) {
    void manager.stop();
    throw error;
  } finally {
    host.off('SIGTERM', onSignal);
    host.off('SIGINT', onSignal);
  }
}

function exitCodeOf(end: ManagerEnd, logger: Logger): number {
  switch (end.kind) {
    case 'stopped':
      return 0;
    case 'leaseLost':
      logger.error('The lease is lost: another replica may be leading already, so this process ends');
      return exitFailure;
    case 'failed':
      return exitFailure;
  }
}

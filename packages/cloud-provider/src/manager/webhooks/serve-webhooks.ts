import type { Clock } from '../../base/clock.ts';
import { ConfigError } from '../../base/config-error.ts';
import type { CloudProvider } from '../../cloud/cloud-provider.ts';
import type { WebhookDeclaration } from '../../cloud/provider-webhook.ts';
import type { ManagerFlags } from '../../config/flags/manager-flags.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import { FileWatch } from '../serving/file-watch.ts';
import { listenFault } from '../serving/listen-fault.ts';
import { CertificateLoader } from '../serving/serving-certificates.ts';
import { tlsParameters } from '../serving/tls-parameters.ts';
import { serveAdmission } from './admission.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

export interface ServeWebhooksOptions {
  readonly flags: ManagerFlags;
  /** At least one. */
  readonly webhooks: readonly WebhookDeclaration[];
  /** Undefined until the manager knows which cluster it is in. */
  readonly provider: () => CloudProvider | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
}

/**
 * Serves admission webhooks as the flags say, at a port of their own. Throws ConfigError for an address that can't be listened
 * on and for certificates that can't be used.
 */
export async function serveWebhooks(options: ServeWebhooksOptions): Promise<WebhookServer> {
  const { flags, clock, metrics } = options;
  const logger = options.logger.child({ component: 'webhooks' });
  const loader = new CertificateLoader(
    {
      flagPrefix: 'webhook-',
      certificateFile: flags['webhook-tls-cert-file'],
      keyFile: flags['webhook-tls-private-key-file'],
      folder: flags['webhook-cert-dir'],
      named: flags['webhook-tls-sni-cert-key'],
    },
    () => clock.now(),
  );
  const files = new FileWatch(loader.files);
  const material = (): Parameters<WebhookServer['replaceTls']>[0] => ({
    certificates: loader.load(),
    clientAuthorities: [],
  });
  const server = await listen(flags, {
    tls: {
      material: material(),
      parameters: tlsParameters({
        minVersion: flags['webhook-tls-min-version'],
        cipherSuites: flags['webhook-tls-cipher-suites'],
        curvePreferences: flags['webhook-tls-curve-preferences'],
      }),
      asksForCertificates: 'no',
    },
    webhooks: options.webhooks.map((declaration) =>
      serveAdmission(declaration, {
        provider: options.provider,
        mode: flags.mode === 'observe' ? 'observe' : 'run',
        logger,
      }),
    ),
    parts: { clock, logger, metrics },
  });
  logger.info('Serving admission webhooks', { port: server.port, webhooks: options.webhooks.map(({ name }) => name) });
  const countReload = (outcome: 'taken' | 'refused'): void =>
    metrics.counter('ccm_certificate_reloads_total', { use: 'webhooks', outcome }).increment();
  const ending = new AbortController();
  void files.follow({
    clock,
    signal: ending.signal,
    onChange: () => {
      try {
        server.replaceTls(material());
        countReload('taken');
        logger.info('The certificates of webhooks were read again', { files: loader.files });
      } catch (error) {
        countReload('refused');
        logger.error("The new certificates of webhooks can't be used; the former ones stay", { error });
      }
    },
  });
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await server[Symbol.asyncDispose]();
    },
  };
}

type ServerParts = Parameters<typeof startWebhookServer>[1];

async function listen(
  flags: ManagerFlags,
  what: {
    readonly tls: ServerParts['tls'];
    readonly webhooks: Parameters<typeof startWebhookServer>[0];
    readonly parts: Pick<ServerParts, 'clock' | 'logger' | 'metrics'>;
  },
): Promise<WebhookServer> {
  const place = { host: flags['webhook-bind-address'], port: flags['webhook-secure-port'] };
  try {
    return await startWebhookServer(what.webhooks, { ...place, tls: what.tls, ...what.parts });
  } catch (error) {
    throw new ConfigError([listenFault(flags, 'webhook-', error)], { cause: error });
  }
}

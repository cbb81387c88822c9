import { readFileSync } from 'node:fs';
import { systemClock } from '../../base/clock.ts';
import { ConfigError, type ConfigFault } from '../../base/config-error.ts';
import type { ManagerFlags } from '../../config/flags/manager-flags.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import type { Manager } from '../manager.ts';
import { createTokenReviewer } from './authentication.ts';
import { createAccessReviewer } from './authorization.ts';
import { managementRoutes } from './management-routes.ts';
import { type ManagementServer, startManagementServer } from './management-server.ts';
import { makeSelfSignedCertificate, type ServingCertificate } from './self-signed-certificate.ts';

export interface ServeManagerOptions {
  readonly flags: ManagerFlags;
  readonly client: KubeClient;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
}

/**
 * Serves a manager as its flags say: HTTPS with reviews by the API server. Undefined when the port is 0. Throws ConfigError
 * for an address that can't be listened on and for certificates that can't be used.
 */
export async function serveManager(
  manager: Manager,
  options: ServeManagerOptions,
): Promise<ManagementServer | undefined> {
  const { flags, client, logger, metrics } = options;
  if (flags['secure-port'] === 0) return undefined;
  const certificate = servingCertificate(flags);
  try {
    return await startManagementServer(managementRoutes(manager, metrics), {
      host: flags['bind-address'],
      port: flags['secure-port'],
      certificate,
      access: {
        kind: 'reviewed',
        alwaysAllow: flags['authorization-always-allow-paths'],
        authenticate: createTokenReviewer({
          client,
          clock: systemClock,
          cacheTTL: flags['authentication-token-webhook-cache-ttl'],
        }),
        authorize: createAccessReviewer({
          client,
          clock: systemClock,
          allowedTTL: flags['authorization-webhook-cache-authorized-ttl'],
          forbiddenTTL: flags['authorization-webhook-cache-unauthorized-ttl'],
        }),
      },
      logger,
    });
  } catch (error) {
    throw new ConfigError([listenFault(flags, error)], { cause: error });
  }
}

function listenFault(flags: ManagerFlags, error: unknown): ConfigFault {
  const reason = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const isAddress = code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EINVAL';
  if (code.startsWith('ERR_OSSL') || code.startsWith('ERR_TLS')) {
    return {
      file: flags['tls-cert-file'],
      field: '--tls-cert-file',
      value: flags['tls-cert-file'],
      fix: `give a certificate and the key that belongs to it, in PEM (${reason})`,
    };
  }
  return isAddress
    ? {
        file: '',
        field: '--bind-address',
        value: flags['bind-address'],
        fix: `name an address of this host (${reason})`,
      }
    : {
        file: '',
        field: '--secure-port',
        value: String(flags['secure-port']),
        fix: `name a port that is free, or 0 to serve nothing (${reason})`,
      };
}

function servingCertificate(flags: ManagerFlags): ServingCertificate {
  if (flags['tls-cert-file'] === '') {
    return makeSelfSignedCertificate({ hosts: ['localhost'], addresses: ['127.0.0.1'], now: systemClock.now() });
  }
  return {
    certificate: readPem('--tls-cert-file', flags['tls-cert-file']),
    key: readPem('--tls-private-key-file', flags['tls-private-key-file']),
  };
}

function readPem(field: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{ file: '', field, value: path, fix: `name a file that can be read (${reason})` }], {
      cause: error,
    });
  }
}

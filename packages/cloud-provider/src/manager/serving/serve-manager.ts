import type { Clock } from '../../base/clock.ts';
import { ConfigError } from '../../base/config-error.ts';
import type { ManagerFlags } from '../../config/flags/manager-flags.ts';
import type { LeaderMigrationConfiguration } from '../../config/leader-migration.ts';
import type { Verbosity } from '../../config/log-verbosity.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import { statusPageFiles } from '../status-page/status-page-routes.ts';
import { createAuthenticator } from './authentication.ts';
import { AuthoritySource } from './authority-source.ts';
import { createAccessReviewer } from './authorization.ts';
import { authoritiesInPem } from './client-authorities.ts';
import { FileWatch } from './file-watch.ts';
import { introspectionRoutes } from './introspection-routes.ts';
import { listenFault } from './listen-fault.ts';
import { managementRoutes, type ServedManager } from './management-routes.ts';
import { type ManagementServer, startManagementServer } from './management-server.ts';
import { profilingRoutes } from './profiling-routes.ts';
import { CertificateLoader, validityOf } from './serving-certificates.ts';
import { tlsParameters } from './tls-parameters.ts';
import type { TlsMaterial } from './tls-serving.ts';
import { createTokenReviewer } from './token-review.ts';
import { verbosityRoutes, verbositySettings } from './verbosity-settings.ts';

/** A manager that also takes note of what keeps its serving from being complete. A `Manager` fits. */
export interface ServableManager extends ServedManager {
  /** Something that keeps the manager from being ready; undefined when it no longer does. */
  reportObstacle(name: 'authentication', reason: string | undefined): void;
}

export interface ServeManagerOptions {
  readonly flags: ManagerFlags;
  readonly migration: LeaderMigrationConfiguration | undefined;
  /** Whose identity asks for reviews; often the manager's own. */
  readonly clients: { readonly authentication: KubeClient; readonly authorization: KubeClient };
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whose setting can be changed by PUT; absent: none. */
  readonly verbosity?: Verbosity;
  readonly metrics: MetricRegistry;
}

/**
 * Serves a manager as its flags say: HTTPS with reviews by the API server. Undefined when the port is 0. Throws ConfigError
 * for an address that can't be listened on and for certificates that can't be used.
 */
export async function serveManager(
  manager: ServableManager,
  options: ServeManagerOptions,
): Promise<ManagementServer | undefined> {
  const { flags, clients, clock, logger, metrics } = options;
  if (flags['secure-port'] === 0) return undefined;
  const ending = new AbortController();
  const loader = new CertificateLoader(
    {
      flagPrefix: '',
      certificateFile: flags['tls-cert-file'],
      keyFile: flags['tls-private-key-file'],
      folder: flags['cert-dir'],
      named: flags['tls-sni-cert-key'],
    },
    () => clock.now(),
  );
  const files = new FileWatch(loader.files);
  let certificates = loader.load();
  const noteValidity = (): void => {
    const validity = validityOf(certificates.main, clock.now());
    metrics.gauge('ccm_serving_certificate_expiration_timestamp_seconds', {}).set(validity.end.getTime() / 1000);
    if (validity.kind === 'valid') return;
    logger.warn('The serving certificate is not valid at this time; who checks it will not connect', {
      files: loader.files,
      reason: validity.kind,
      validFrom: validity.start,
      validTo: validity.end,
      fix: 'replace the files, which are read again',
    });
  };
  noteValidity();
  const countReload = (use: 'serving' | 'clients', outcome: 'taken' | 'refused'): void =>
    metrics.counter('ccm_certificate_reloads_total', { use, outcome }).increment();
  const material = (): TlsMaterial => ({ certificates, clientAuthorities: authoritiesInPem(authorities.current) });
  const renew = (): void => {
    try {
      server.replaceTls(material());
    } catch (error) {
      logger.error("The new certificates can't be used; the former ones stay", { error });
    }
  };
  const authorities = new AuthoritySource({
    flags: authorityFlags(flags),
    client: clients.authentication,
    clock,
    logger,
    signal: ending.signal,
    onChange: renew,
    onReload: (outcome) => countReload('clients', outcome),
    onProblem: (problem) => manager.reportObstacle('authentication', problem),
  });
  const { verbosity } = options;
  const settings = flags.profiling && verbosity ? verbositySettings(verbosity, logger) : undefined;
  const server = await listen(flags, () =>
    startManagementServer(
      {
        ...managementRoutes(manager, metrics),
        ...introspectionRoutes(flags, options.migration),
        ...(flags.profiling && profilingRoutes(clock)),
        ...(settings && verbosityRoutes),
      },
      {
        host: flags['bind-address'],
        port: flags['secure-port'],
        sharesPort: flags['permit-port-sharing'] ? 'yes' : 'no',
        tls: {
          material: material(),
          parameters: tlsParameters({
            minVersion: flags['tls-min-version'],
            cipherSuites: flags['tls-cipher-suites'],
            curvePreferences: flags['tls-curve-preferences'],
          }),
          asksForCertificates: authorities.isPossible ? 'yes' : 'no',
        },
        access: {
          kind: 'reviewed',
          alwaysAllow: flags['authorization-always-allow-paths'],
          authenticate: createAuthenticator({
            authorities: () => authorities.current,
            now: () => clock.now(),
            reviewToken: createTokenReviewer({
              client: clients.authentication,
              clock,
              cacheTTL: flags['authentication-token-webhook-cache-ttl'],
            }),
          }),
          authorize: createAccessReviewer({
            client: clients.authorization,
            clock,
            allowedTTL: flags['authorization-webhook-cache-authorized-ttl'],
            forbiddenTTL: flags['authorization-webhook-cache-unauthorized-ttl'],
          }),
        },
        logger,
        publicFiles: statusPageFiles,
        ...(settings && { settings }),
      },
    ),
  );
  void authorities.run();
  void files.follow({
    clock,
    signal: ending.signal,
    onChange: () => {
      const former = certificates;
      try {
        certificates = loader.load();
        server.replaceTls(material());
        countReload('serving', 'taken');
        logger.info('The serving certificates were read again', { files: loader.files });
        noteValidity();
      } catch (error) {
        certificates = former;
        countReload('serving', 'refused');
        logger.error("The serving certificates can't be read; the former ones stay", { error });
      }
    },
  });
  return endingWith(server, ending);
}

/** What goes on beside the server ends with it. */
function endingWith(server: ManagementServer, ending: AbortController): ManagementServer {
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await server[Symbol.asyncDispose]();
    },
  };
}

function authorityFlags(flags: ManagerFlags): ConstructorParameters<typeof AuthoritySource>[0]['flags'] {
  const isTolerated = flags['authentication-tolerate-lookup-failure'];
  return {
    clientCAFile: flags['client-ca-file'],
    requestHeaderCAFile: flags['requestheader-client-ca-file'],
    requestHeader: {
      allowedNames: flags['requestheader-allowed-names'],
      usernameHeaders: flags['requestheader-username-headers'],
      groupHeaders: flags['requestheader-group-headers'],
      extraHeaderPrefixes: flags['requestheader-extra-headers-prefix'],
      uidHeaders: flags['requestheader-uid-headers'],
    },
    lookup: flags['authentication-skip-lookup'] ? 'never' : isTolerated ? 'tolerated' : 'required',
  };
}

async function listen(flags: ManagerFlags, start: () => Promise<ManagementServer>): Promise<ManagementServer> {
  try {
    return await start();
  } catch (error) {
    throw new ConfigError([listenFault(flags, '', error)], { cause: error });
  }
}

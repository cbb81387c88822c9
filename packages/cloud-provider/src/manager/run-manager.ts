import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { ConfigError, type ConfigFault, describeConfigFault } from '../base/config-error.ts';
import { systemClock } from '../base/clock.ts';
import type { CloudProviderFactory, ConfiguredProvider } from '../cloud/cloud-provider.ts';
import { parseConfigFile } from '../config/config-file.ts';
import { gatesWithoutEffect, resolveFeatureGates } from '../config/feature-gates.ts';
import { isControllerEnabled } from '../config/controller-names.ts';
import type { Flag } from '../config/flags/flag.ts';
import { renderHelp } from '../config/flags/help.ts';
import { type ManagerFlags, managerFlags } from '../config/flags/manager-flags.ts';
import { type ParsedFlags, parseFlags } from '../config/flags/parse-flags.ts';
import { networkSettings, networkWarnings, validateNetworkFlags } from '../config/network-settings.ts';
import { orphanSettings } from '../config/orphan-settings.ts';
import { nodeLifecycleSettings } from '../config/node-lifecycle-settings.ts';
import { ownershipSettings } from '../config/ownership-settings.ts';
import {
  defaultLeaderMigration,
  type LeaderMigrationConfiguration,
  parseLeaderMigration,
} from '../config/leader-migration.ts';
import { validateManagerFlags } from '../config/validate-manager-flags.ts';
import { connectKubeClient, type ConnectOptions } from '../kube/client/connect.ts';
import type { KubeClient } from '../kube/client/kube-client.ts';
import { withTokens } from '../kube/client/token-kubeconfig.ts';
import { loadKubeConfig } from '../kube/client/load-kubeconfig.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { MetricRegistry } from '../telemetry/metrics.ts';
import { builtInControllers } from './controller-registry.ts';
import { Manager, type ManagerEnd } from './manager.ts';
import { ServiceAccountTokens } from './service-account-clients.ts';
import { serveManager } from './serving/serve-manager.ts';
import type { ManagementServer } from './serving/management-server.ts';

/** The parts of a process that a manager program needs. `process` fits. */
export interface ProgramHost {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  off(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
}

export interface Program {
  /** The name of the executable, as users type it. */
  readonly name: string;
  readonly version: string;
  readonly factory: CloudProviderFactory;
}

/** Usage is wrong: the flags can't be understood. */
const exitUsage = 2;
const exitFailure = 1;

/**
 * The whole life of a manager program: reads flags and files, runs until a signal, ends in good order. Resolves with the exit
 * code: 0 after a signal, 1 for configuration that can't be used, a lost lease or a defect, 2 for wrong usage. A second signal
 * ends the wait for good order.
 */
export async function runManager(program: Program, host: ProgramHost): Promise<number> {
  const parsed = readFlags(program, host);
  if (parsed.kind === 'exit') return parsed.code;
  if (parsed.kind === 'usage') {
    host.stderr.write(`${program.name}: ${parsed.message}\n`);
    return exitUsage;
  }
  const flags = parsed.values;
  if (flags.help) {
    host.stdout.write(renderHelp(program.name, flagTable(program.factory)));
    return 0;
  }
  if (flags.version) {
    host.stdout.write(`${program.name} ${program.version}\n`);
    return 0;
  }
  try {
    return await runWith({ program, host, flags, given: parsed.given });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const fault of error.faults) host.stderr.write(`${program.name}: ${describeConfigFault(fault)}\n`);
    return exitFailure;
  }
}

/** The manager's flags, and those that only this cloud has. */
function flagTable({ flags = {} }: CloudProviderFactory): typeof managerFlags {
  const group = 'Cloud provider';
  const own = Object.entries(flags).map(([name, flag]): [string, Flag] => [name, { ...flag, group }]);
  return { ...Object.fromEntries(own), ...managerFlags };
}

type ReadFlags = ParsedFlags<typeof managerFlags> | { readonly kind: 'exit'; readonly code: number };

/** The command line over the file that `--config` names. */
function readFlags(program: Program, host: ProgramHost): ReadFlags {
  const argv = host.argv.slice(2);
  const table = flagTable(program.factory);
  const parsed = parseFlags(table, argv);
  if (parsed.kind === 'usage' || parsed.values.config === '') return parsed;
  const path = parsed.values.config;
  const faults: ConfigFault[] = [];
  try {
    const file = parseConfigFile(table, path, readFileSync(path, 'utf8'));
    if (file.kind === 'parsed') return parseFlags(table, argv, file.values);
    faults.push(...file.faults);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    faults.push({ file: '', field: '--config', value: path, fix: `name a file that can be read (${reason})` });
  }
  for (const fault of faults) host.stderr.write(`${program.name}: ${describeConfigFault(fault)}\n`);
  return { kind: 'exit', code: exitFailure };
}

interface Invocation {
  readonly program: Program;
  readonly host: ProgramHost;
  readonly flags: ManagerFlags;
  readonly given: ReadonlySet<string>;
}

async function runWith(invocation: Invocation): Promise<number> {
  const { program, host, flags, given } = invocation;
  const logger = createLogger({
    format: flags['logging-format'] === 'json' ? 'json' : 'text',
    level: flags.v >= 4 ? 'debug' : 'info',
    sink: (line) => host.stderr.write(line),
    clock: systemClock,
  });
  const { provider, migration } = configure(invocation);
  warnOfFlagsWithoutEffect(invocation, logger);
  const gates = resolveFeatureGates(flags['feature-gates']);
  for (const warning of networkWarnings(flags)) logger.warn('A flag does not do what may be expected', { warning });
  const metrics = new MetricRegistry();
  metrics.collectProcess();
  metrics.gauge('ccm_build_info', { version: program.version }).set(1);
  const client = await connect(invocation, metrics);
  const clients = await connectReviewers(invocation, metrics, client);
  const controllerClients = flags['use-service-account-credentials']
    ? await connectServiceAccounts(invocation, { metrics, logger, client })
    : new Map<string, KubeClient>();
  try {
    const manager = Manager.start({
      version: program.version,
      identity: `${hostname()}_${randomUUID()}`,
      client,
      provider,
      providerName: program.factory.name,
      clusterName: flags['cluster-name'],
      controllers: flags.controllers,
      providerControllers: program.factory.controllers ?? [],
      // Each node has an agent of its own: they have nothing to elect.
      leadership:
        flags['leader-elect'] && flags['node-name'] === ''
          ? {
              namespace: flags['leader-elect-resource-namespace'],
              name: flags['leader-elect-resource-name'],
              leaseDuration: flags['leader-elect-lease-duration'],
              renewDeadline: flags['leader-elect-renew-deadline'],
              retryPeriod: flags['leader-elect-retry-period'],
            }
          : 'off',
      settings: {
        nodeName: flags['node-name'] === '' ? undefined : flags['node-name'],
        nodeStatusUpdateFrequency: flags['node-status-update-frequency'],
        nodeLifecycle: nodeLifecycleSettings(flags, given),
        ownership: ownershipSettings(flags),
        network: networkSettings(flags, given),
        orphans: orphanSettings(flags),
        // Go's default of one worker is a limit that nobody asked for: here the cloud's budget sets the pace.
        concurrentServiceSyncs: given.has('concurrent-service-syncs') ? flags['concurrent-service-syncs'] : undefined,
        loadBalancerClasses: {
          names: flags['load-balancer-class'],
          unnamed: flags['default-load-balancer-class'] ? 'ours' : 'others',
        },
      },
      mode: flags.mode === 'observe' ? 'observe' : 'run',
      migration,
      releasesLease: gates.ControllerManagerReleaseLeaderElectionLockOnExit ? 'yes' : 'no',
      controllerClients,
      startInterval: flags['controller-start-interval'],
      clock: systemClock,
      logger,
      metrics,
    });
    return await runUntilSignal(manager, { invocation, logger, metrics, clients, migration });
  } finally {
    const open = new Set([client, clients.authentication, clients.authorization, ...controllerClients.values()]);
    await Promise.all([...open].map((each) => each.close()));
  }
}

/** What the flags and the files that they name come to. */
interface Configuration {
  readonly provider: ConfiguredProvider;
  readonly migration: LeaderMigrationConfiguration | undefined;
}

/** Judges flags and cloud-config together, so that the user sees all faults at once. */
function configure({ program, flags, host }: Invocation): Configuration {
  const declared = program.factory.controllers ?? [];
  const faults: ConfigFault[] = [...validateManagerFlags(flags, declared)];
  const wanted = flags['cloud-provider'];
  if (wanted !== '' && wanted !== program.factory.name) {
    faults.push({
      file: '',
      field: '--cloud-provider',
      value: wanted,
      fix: `write ${program.factory.name}, the only provider of ${program.name}, or leave the flag out`,
    });
  }
  try {
    const provider = program.factory.configure({
      file: readCloudConfig(flags['cloud-config']),
      environment: host.env,
      allowUntaggedCloud: flags['allow-untagged-cloud'] ? 'yes' : 'no',
      clusterName: flags['cluster-name'],
      flags: new Map<string, unknown>(Object.entries(flags)),
      controllers: declared
        .map(({ name }) => name)
        .filter((name) => isControllerEnabled(name, flags.controllers, declared)),
    });
    faults.push(...validateNetworkFlags(flags, { routes: provider.capabilities?.routes ?? true }));
    const migration = leaderMigration(flags, faults);
    if (faults.length === 0) return { provider, migration };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    faults.push(...error.faults);
  }
  throw new ConfigError(faults);
}

function leaderMigration(flags: ManagerFlags, faults: ConfigFault[]): LeaderMigrationConfiguration | undefined {
  const path = flags['leader-migration-config'];
  if (!flags['enable-leader-migration']) return undefined;
  if (path === '') return defaultLeaderMigration;
  const parsed = parseLeaderMigration(path, readFlaggedFile('--leader-migration-config', path));
  if (parsed.kind === 'parsed') return parsed.value;
  faults.push(...parsed.faults);
  return undefined;
}

function readCloudConfig(path: string): { readonly path: string; readonly text: string } | undefined {
  return path === '' ? undefined : { path, text: readFlaggedFile('--cloud-config', path) };
}

function readFlaggedFile(field: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const fix = `name a file that can be read (${reason})`;
    throw new ConfigError([{ file: '', field, value: path, fix }], { cause: error });
  }
}

function warnOfFlagsWithoutEffect({ flags, given }: Invocation, logger: Logger): void {
  for (const [name, flag] of Object.entries(managerFlags)) {
    if (!given.has(name) || !('withoutEffect' in flag)) continue;
    logger.info('A flag is accepted and has no effect', { flag: `--${name}`, reason: flag.withoutEffect });
  }
  for (const { gate, reason } of gatesWithoutEffect(flags['feature-gates'])) {
    logger.info('A feature gate is accepted and has no effect', { gate, reason });
  }
}

function connect(
  invocation: Invocation,
  metrics: MetricRegistry,
  kubeconfig = invocation.flags.kubeconfig,
): Promise<KubeClient> {
  const { flags } = invocation;
  const master = kubeconfig === flags.kubeconfig ? flags.master : '';
  return connectWith(invocation, { kubeconfig, master, metrics });
}

function connectWith(
  invocation: Invocation,
  source: Pick<ConnectOptions, 'kubeconfig' | 'master' | 'config' | 'metrics'>,
): Promise<KubeClient> {
  const { flags, given, program } = invocation;
  return connectKubeClient({
    ...source,
    userAgent: `${program.name}/${program.version}`,
    contentType: flags['kube-api-content-type'] === 'application/json' ? 'json' : 'protobuf',
    maxInFlight: flags['kube-api-max-in-flight'],
    ...(given.has('kube-api-qps') || given.has('kube-api-burst')
      ? { qps: flags['kube-api-qps'], burst: flags['kube-api-burst'] }
      : {}),
    clock: systemClock,
  });
}

/** A client for each service account that controllers use. Nothing is sent yet. */
async function connectServiceAccounts(
  invocation: Invocation,
  parts: { readonly metrics: MetricRegistry; readonly logger: Logger; readonly client: KubeClient },
): Promise<ReadonlyMap<string, KubeClient>> {
  const { flags } = invocation;
  const clients = new Map<string, KubeClient>();
  const all = [...builtInControllers, ...(invocation.program.factory.controllers ?? [])];
  for (const name of new Set(all.map(({ serviceAccount }) => serviceAccount))) {
    const tokens = new ServiceAccountTokens({ ...parts, name, clock: systemClock });
    const config = withTokens(loadKubeConfig(flags), tokens);
    clients.set(name, await connectWith(invocation, { config, metrics: parts.metrics }));
  }
  return clients;
}

/** Who asks the API server about users. */
interface ReviewClients {
  readonly authentication: KubeClient;
  readonly authorization: KubeClient;
}

/** The manager's own client unless a flag names another identity. */
async function connectReviewers(
  invocation: Invocation,
  metrics: MetricRegistry,
  own: KubeClient,
): Promise<ReviewClients> {
  const { flags } = invocation;
  const connectAs = async (kubeconfig: string): Promise<KubeClient> =>
    kubeconfig === '' || kubeconfig === flags.kubeconfig ? own : await connect(invocation, metrics, kubeconfig);
  return {
    authentication: await connectAs(flags['authentication-kubeconfig']),
    authorization: await connectAs(flags['authorization-kubeconfig']),
  };
}

async function runUntilSignal(
  manager: Manager,
  parts: {
    readonly invocation: Invocation;
    readonly logger: Logger;
    readonly metrics: MetricRegistry;
    readonly clients: ReviewClients;
    readonly migration: LeaderMigrationConfiguration | undefined;
  },
): Promise<number> {
  const { host, flags } = parts.invocation;
  const { logger } = parts;
  let server: ManagementServer | undefined;
  let giveUp: (code: number) => void = () => undefined;
  const givenUp = new Promise<number>((resolve) => {
    giveUp = resolve;
  });
  let signals = 0;
  const onSignal = (): void => {
    signals++;
    if (signals > 1) {
      giveUp(exitFailure);
      return;
    }
    logger.info('Stopping on a signal; a second one ends the program at once');
    void manager.stop();
  };
  host.on('SIGTERM', onSignal);
  host.on('SIGINT', onSignal);
  try {
    const { clients } = parts;
    server = await serveManager(manager, {
      flags,
      clients,
      migration: parts.migration,
      clock: systemClock,
      logger,
      metrics: parts.metrics,
    });
    return await Promise.race([manager.ended.then((end) => exitCodeOf(end, logger)), givenUp]);
  } catch (error) {
    void manager.stop();
    throw error;
  } finally {
    host.off('SIGTERM', onSignal);
    host.off('SIGINT', onSignal);
    await server?.[Symbol.asyncDispose]();
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

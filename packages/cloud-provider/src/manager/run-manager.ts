import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { ConfigError, describeConfigFault } from '../base/config-error.ts';
import { systemClock } from '../base/clock.ts';
import { resolveFeatureGates } from '../config/feature-gates.ts';
import { renderHelp } from '../config/flags/help.ts';
import { levelsByName, Verbosity } from '../config/log-verbosity.ts';
import { enabledWebhooks } from '../config/webhook-names.ts';
import { createLogger } from '../telemetry/logger.ts';
import { MetricRegistry } from '../telemetry/metrics.ts';
import { configureManager, warnOfFlags, webhooksOf } from './configure-manager.ts';
import { controllerSettings } from './controller-settings.ts';
import { Manager } from './manager.ts';
import { connectManager } from './manager-clients.ts';
import { exitFailure, exitUsage, type Invocation, type Program, type ProgramHost } from './program.ts';
import { flagTable, readFlags } from './read-flags.ts';
import { runUntilSignal } from './run-until-signal.ts';

export type { Program, ProgramHost } from './program.ts';

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

async function runWith(invocation: Invocation): Promise<number> {
  const { program, host, flags, given } = invocation;
  const verbosity = new Verbosity(flags.v);
  const logger = createLogger({
    format: flags['logging-format'] === 'json' ? 'json' : 'text',
    level: () => verbosity.level,
    levelFor: levelsByName(flags.vmodule),
    sink: (line) => host.stderr.write(line),
    clock: systemClock,
  });
  const { provider, migration } = configureManager(invocation);
  warnOfFlags(invocation, logger);
  const gates = resolveFeatureGates(flags['feature-gates']);
  const metrics = new MetricRegistry();
  metrics.collectProcess();
  metrics.gauge('ccm_build_info', { version: program.version }).set(1);
  await using clients = await connectManager(invocation, { metrics, logger });
  const manager = Manager.start({
    version: program.version,
    identity: `${hostname()}_${randomUUID()}`,
    client: clients.own,
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
    settings: controllerSettings(flags, given),
    mode: flags.mode === 'observe' ? 'observe' : 'run',
    migration,
    releasesLease: gates.ControllerManagerReleaseLeaderElectionLockOnExit ? 'yes' : 'no',
    controllerClients: clients.controllers,
    startInterval: flags['controller-start-interval'],
    clock: systemClock,
    logger,
    metrics,
  });
  const webhooks = gates.CloudControllerManagerWebhook
    ? enabledWebhooks(flags.webhooks, webhooksOf(program.factory, provider))
    : [];
  const parts = { invocation, logger, verbosity, metrics, clients: clients.reviewers, migration, webhooks };
  return await runUntilSignal(manager, parts);
}

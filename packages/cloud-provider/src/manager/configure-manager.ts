import { readFileSync } from 'node:fs';
import { ConfigError, type ConfigFault } from '../base/config-error.ts';
import type { CloudProviderFactory, ConfiguredProvider } from '../cloud/cloud-provider.ts';
import { isControllerEnabled } from '../config/controller-names.ts';
import { gatesWithoutEffect, resolveFeatureGates } from '../config/feature-gates.ts';
import { type ManagerFlags, managerFlags } from '../config/flags/manager-flags.ts';
import {
  defaultLeaderMigration,
  type LeaderMigrationConfiguration,
  parseLeaderMigration,
} from '../config/leader-migration.ts';
import { networkWarnings, validateNetworkFlags } from '../config/network-settings.ts';
import { validateManagerFlags } from '../config/validate-manager-flags.ts';
import { checkWebhookList, type KnownWebhooks } from '../config/webhook-names.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Invocation } from './program.ts';

/** What the flags and the files that they name come to. */
export interface Configuration {
  readonly provider: ConfiguredProvider;
  readonly migration: LeaderMigrationConfiguration | undefined;
}

/**
 * Judges flags and cloud-config together, so that the user sees all faults at once.
 *
 * @param found what the provider found out about the machine in another run; @default nothing
 */
export function configureManager(
  { program, flags, host }: Invocation,
  found?: ConfiguredProvider['found'],
): Configuration {
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
      ...(found && { found }),
    });
    faults.push(...checkWebhookList(flags.webhooks, webhooksOf(program.factory, provider)));
    faults.push(...validateNetworkFlags(flags, { routes: provider.capabilities?.routes ?? true }));
    const migration = leaderMigration(flags, faults);
    if (faults.length === 0) return { provider, migration };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    faults.push(...error.faults);
  }
  throw new ConfigError(faults);
}

/** The webhooks that there are with a provider. */
export function webhooksOf(factory: CloudProviderFactory, provider: ConfiguredProvider): KnownWebhooks {
  const volumes = provider.capabilities?.volumes === true ? 'located' : 'unknown';
  return { declared: factory.webhooks ?? [], volumes };
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

/** Says once what of the flags does nothing, or not what may be expected. */
export function warnOfFlags({ flags, given }: Invocation, logger: Logger): void {
  for (const [name, flag] of Object.entries(managerFlags)) {
    if (!given.has(name) || !('withoutEffect' in flag)) continue;
    logger.info('A flag is accepted and has no effect', { flag: `--${name}`, reason: flag.withoutEffect });
  }
  for (const { gate, reason } of gatesWithoutEffect(flags['feature-gates'])) {
    logger.info('A feature gate is accepted and has no effect', { gate, reason });
  }
  if (flags.webhooks.length > 0 && !resolveFeatureGates(flags['feature-gates']).CloudControllerManagerWebhook) {
    const warning = '--webhooks serves nothing without --feature-gates=CloudControllerManagerWebhook=true';
    logger.warn('A flag does not do what may be expected', { warning });
  }
  for (const warning of networkWarnings(flags)) logger.warn('A flag does not do what may be expected', { warning });
}

import { componentConfig, componentConfigGroup } from '../../config/component-config.ts';
import { type ManagerFlags, managerFlags } from '../../config/flags/manager-flags.ts';
import { formatFlagValue } from '../../config/flags/parse-flags.ts';
import type { LeaderMigrationConfiguration } from '../../config/leader-migration.ts';
import { type Handler, json, text } from './management-server.ts';

const flagzHead = `cloud-controller-manager flagz
Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.

`;

/** `/configz` and `/flagz`: what the manager was told. */
export function introspectionRoutes(
  flags: ManagerFlags,
  migration: LeaderMigrationConfiguration | undefined,
): Readonly<Record<string, Handler>> {
  const values: Readonly<Record<string, unknown>> = flags;
  const lines = Object.entries(managerFlags)
    .map(([name, flag]) => `${name}=${formatFlagValue(flag, values[name])}`)
    .toSorted();
  return {
    '/configz': () => json({ [componentConfigGroup]: componentConfig(flags, migration) }),
    '/flagz': () => text(200, `${flagzHead}${lines.join('\n')}\n`),
  };
}

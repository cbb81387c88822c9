import type { OrphanSettings } from '../controllers/orphan/orphan-settings.ts';
import type { ManagerFlags } from './flags/manager-flags.ts';

/** What the flags say to the orphan controller. */
export function orphanSettings(flags: ManagerFlags): OrphanSettings {
  return {
    // The flag's check lets no other value pass; if one came, it must not delete.
    policy: flags['orphan-policy'] === 'delete' ? 'delete' : 'report',
    sweepPeriod: flags['orphan-sweep-period'],
    limits: {
      minimumAge: flags['orphan-minimum-age'],
      confirmAfter: flags['orphan-confirm-after'],
      deletionsPerMinute: flags['orphan-max-deletions-per-minute'],
      breaker: { objects: flags['orphan-breaker-objects'], percent: flags['orphan-breaker-percent'] },
    },
  };
}

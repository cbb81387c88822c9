import type { DeletionLimits, DeletionPolicy } from '../controllers/node-lifecycle/deletion-limits.ts';
import type { NodeLifecycleSettings } from '../controllers/node-lifecycle/node-lifecycle-controller.ts';
import type { ManagerFlags } from './flags/manager-flags.ts';

/**
 * What the flags say to the node lifecycle controller.
 *
 * @param given the names of the flags that somebody set
 */
export function nodeLifecycleSettings(flags: ManagerFlags, given: ReadonlySet<string>): NodeLifecycleSettings {
  return {
    monitorPeriod: flags['node-monitor-period'],
    // Go's default of one worker is a limit that nobody asked for.
    ...(given.has('concurrent-node-lifecycle-syncs') && { concurrency: flags['concurrent-node-lifecycle-syncs'] }),
    deletionPolicy: deletionPolicy(flags['node-deletion-policy']),
    deletionLimits: deletionLimits(flags),
  };
}

function deletionPolicy(text: string): DeletionPolicy {
  switch (text) {
    case 'delete':
    case 'taint':
      return text;
    // The flag's check lets no other value pass; if one came, it must not delete.
    default:
      return 'observe';
  }
}

function deletionLimits(flags: ManagerFlags): DeletionLimits {
  return {
    confirmAfter: flags['node-deletion-confirm-after'],
    minimumAge: flags['node-deletion-minimum-age'],
    perMinute: {
      nodes: flags['node-deletion-max-per-minute'],
      percent: flags['node-deletion-max-percent-per-minute'],
    },
    breaker: {
      allowance: { nodes: flags['node-deletion-breaker-nodes'], percent: flags['node-deletion-breaker-percent'] },
      window: flags['node-deletion-breaker-window'],
      reviewPeriod: flags['node-deletion-breaker-review-period'],
      hold: flags['node-deletion-breaker-hold'],
    },
  };
}

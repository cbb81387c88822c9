import type { ManagerFlags } from '../config/flags/manager-flags.ts';
import { networkSettings } from '../config/network-settings.ts';
import { nodeLifecycleSettings } from '../config/node-lifecycle-settings.ts';
import { orphanSettings } from '../config/orphan-settings.ts';
import { ownershipSettings } from '../config/ownership-settings.ts';
import type { ControllerSettings } from './controller-registry.ts';

/**
 * What the flags say to the controllers.
 *
 * @param given the names of the flags that somebody set
 */
export function controllerSettings(flags: ManagerFlags, given: ReadonlySet<string>): ControllerSettings {
  return {
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
  };
}

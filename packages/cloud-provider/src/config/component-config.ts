import type { LeaderMigrationConfiguration } from './leader-migration.ts';
import type { ManagerFlags } from './flags/manager-flags.ts';

/** The name under which `/configz` shows it, and its API group. */
export const componentConfigGroup = 'cloudcontrollermanager.config.k8s.io';

/**
 * The configuration as the Go managers serialise theirs for `/configz`: whoever reads it finds everything in its place.
 * Source: recorded from k8s.io/cloud-provider 0.36.
 */
export function componentConfig(
  flags: ManagerFlags,
  migration: LeaderMigrationConfiguration | undefined,
): Readonly<Record<string, unknown>> {
  const nodeSyncs = flags['concurrent-node-syncs'];
  return {
    kind: 'CloudControllerManagerConfiguration',
    apiVersion: `${componentConfigGroup}/v1alpha1`,
    Generic: {
      Port: 0,
      Address: '0.0.0.0',
      MinResyncPeriod: flags['min-resync-period'],
      ClientConnection: {
        kubeconfig: flags.kubeconfig,
        acceptContentTypes: '',
        contentType: flags['kube-api-content-type'],
        qps: flags['kube-api-qps'],
        burst: flags['kube-api-burst'],
      },
      ControllerStartInterval: flags['controller-start-interval'],
      LeaderElection: {
        leaderElect: flags['leader-elect'],
        leaseDuration: flags['leader-elect-lease-duration'],
        renewDeadline: flags['leader-elect-renew-deadline'],
        retryPeriod: flags['leader-elect-retry-period'],
        resourceLock: flags['leader-elect-resource-lock'],
        resourceName: flags['leader-elect-resource-name'],
        resourceNamespace: flags['leader-elect-resource-namespace'],
      },
      Controllers: flags.controllers,
      Debugging: {
        enableProfiling: flags.profiling,
        enableContentionProfiling: flags['contention-profiling'],
      },
      LeaderMigrationEnabled: flags['enable-leader-migration'],
      LeaderMigration: {
        leaderName: migration?.leaderName ?? '',
        resourceLock: migration?.resourceLock ?? '',
        controllerLeaders: migration?.controllerLeaders ?? null,
      },
    },
    KubeCloudShared: {
      CloudProvider: { Name: flags['cloud-provider'], CloudConfigFile: flags['cloud-config'] },
      ExternalCloudVolumePlugin: flags['external-cloud-volume-plugin'],
      UseServiceAccountCredentials: flags['use-service-account-credentials'],
      AllowUntaggedCloud: flags['allow-untagged-cloud'],
      RouteReconciliationPeriod: flags['route-reconciliation-period'],
      NodeMonitorPeriod: flags['node-monitor-period'],
      ClusterName: flags['cluster-name'],
      ClusterCIDR: flags['cluster-cidr'],
      AllocateNodeCIDRs: flags['allocate-node-cidrs'],
      CIDRAllocatorType: flags['cidr-allocator-type'],
      ConfigureCloudRoutes: flags['configure-cloud-routes'],
      NodeSyncPeriod: flags['node-sync-period'],
    },
    NodeController: {
      ConcurrentNodeSyncs: nodeSyncs,
      ConcurrentNodeStatusUpdates: flags['concurrent-node-status-updates'] || nodeSyncs,
    },
    ServiceController: { ConcurrentServiceSyncs: flags['concurrent-service-syncs'] },
    NodeStatusUpdateFrequency: flags['node-status-update-frequency'],
    Webhook: { Webhooks: flags.webhooks.length === 0 ? null : flags.webhooks },
  };
}

import { isMainThread, workerData } from 'node:worker_threads';
import { cidrOf } from '../../base/cidr.ts';
import { systemClock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { defaultDeletionLimits } from '../../controllers/node-lifecycle/deletion-limits.ts';
import { connectKubeClient } from '../../kube/client/connect.ts';
import { Manager } from '../../manager/manager.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { httpTransport } from '../memory-cloud/client/http-transport.ts';
import { memoryCloudProvider } from '../memory-cloud/memory-cloud-provider.ts';
import type { ManagerData } from './manager-body.ts';

/** Short, because the time is real. */
const leadership = {
  namespace: 'kube-system',
  name: 'cloud-controller-manager',
  leaseDuration: Duration.seconds(2),
  renewDeadline: Duration.milliseconds(1500),
  retryPeriod: Duration.milliseconds(400),
};

/** The entry of the thread: a manager that goes on until the thread is terminated. */
async function run({ identity, apiServer, cloud }: ManagerData): Promise<void> {
  const clock = systemClock;
  const podRange = cidrOf('IPv4', 0x0a_f4_00_00n, 16);
  const factory = memoryCloudProvider({ transport: httpTransport(cloud), loadBalancerKinds: 'two' });
  const manager = Manager.start({
    version: '0.0.0',
    identity,
    client: await connectKubeClient({ master: apiServer, userAgent: 'cloud-controller-manager/proof', clock }),
    provider: factory.configure({
      file: undefined,
      environment: {},
      allowUntaggedCloud: 'no',
      clusterName: 'kubernetes',
    }),
    providerName: factory.name,
    clusterName: 'kubernetes',
    controllers: ['*', 'node-ipam-controller'],
    leadership,
    settings: {
      nodeStatusUpdateFrequency: Duration.minutes(5),
      concurrentServiceSyncs: undefined,
      nodeLifecycle: {
        monitorPeriod: Duration.milliseconds(300),
        deletionLimits: {
          ...defaultDeletionLimits,
          confirmAfter: Duration.milliseconds(500),
          minimumAge: Duration.zero,
        },
      },
      network: {
        clusterCIDRs: [podRange],
        configureCloudRoutes: true,
        routeResyncPeriod: undefined,
        nodeIpam: { ranges: [{ cidr: podRange, nodePrefix: 24 }], serviceCIDRs: [] },
      },
    },
    clock,
    logger: silentLogger,
    metrics: new MetricRegistry(),
  });
  await manager.ended;
  // Connections that are kept would keep the thread.
  process.exit();
}

if (!isMainThread) await run(workerData as ManagerData);

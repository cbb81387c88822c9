import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { defaultDeletionLimits } from '../../controllers/node-lifecycle/deletion-limits.ts';
import { connectKubeClient } from '../../kube/client/connect.ts';
import { Manager, type ManagerEnd } from '../../manager/manager.ts';
import { managementRoutes } from '../../manager/serving/management-routes.ts';
import { startManagementServer } from '../../manager/serving/management-server.ts';
import { pageActions, statusPageFiles } from '../../manager/status-page/status-page-routes.ts';
import { type LogLevel, createLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { type ApiServer, startApiServer } from '../api-server/api-server.ts';
import { embeddedTransport } from '../memory-cloud/client/embedded-transport.ts';
import { startCloudServer } from '../memory-cloud/cloud/http-server.ts';
import type { MemoryCloud } from '../memory-cloud/cloud/memory-cloud.ts';
import { memoryCloudProvider } from '../memory-cloud/memory-cloud-provider.ts';
import { seededRandom } from '../seeded-random.ts';
import { ClusterHTTP } from './cluster-http.ts';
import { createDemoCloud } from './demo-cloud.ts';
import { demoControls } from './demo-controls.ts';
import { Scenario } from './scenario.ts';

export interface DemoOptions {
  readonly nodes: number;
  readonly services: number;
  readonly seed: number;
  /** The scenario gives up after so long. */
  readonly deadline: Duration;
  /** The pause between two things that happen. @default 0 */
  readonly pace?: Duration;
  readonly version: string;
  /** Receives the manager's log, line by line. */
  readonly log: (line: string) => void;
  /** @default info */
  readonly logLevel?: LogLevel;
}

/** A whole world in one process: an API server, a cloud, the manager between them, and a scenario to be run. */
export interface Demo extends AsyncDisposable {
  readonly scenario: Scenario;
  readonly cloud: MemoryCloud;
  readonly apiServer: ApiServer;
  /** The path of a kubeconfig with which kubectl reaches the API server. It goes with the demo. */
  readonly kubeconfig: string;
  /** The path of a cloud-config with which another program of the memory cloud reaches the cloud. It goes with the demo. */
  readonly cloudConfig: string;
  /** The page of the manager. */
  readonly page: string;
  /** Resolves when the manager has ended, wished or not. */
  readonly managerEnded: Promise<ManagerEnd>;
}

/** Nobody wants to watch for two minutes and ten seconds how a dead Node waits to be deleted. */
const quickDeletionLimits = {
  ...defaultDeletionLimits,
  confirmAfter: Duration.seconds(2),
  minimumAge: Duration.seconds(5),
};

/** Starts the world; nothing happens in it until the scenario is run. Disposing ends everything in good order. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  await using starting = new AsyncDisposableStack();
  const clock = systemClock;
  const random = seededRandom(options.seed);
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-'));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const kubeconfig = join(folder, 'kubeconfig');

  const apiServer = starting.use(await startApiServer({ clock, random: () => random.next() }));
  await apiServer.writeKubeconfig(kubeconfig);
  const cloud = createDemoCloud({ clock, seed: options.seed });
  const cloudServer = starting.use(await startCloudServer(cloud));
  const cloudConfig = join(folder, 'cloud-config');
  await writeFile(cloudConfig, `${JSON.stringify({ endpoint: cloudServer.endpoint })}\n`, { mode: 0o600 });

  const metrics = new MetricRegistry();
  metrics.collectProcess();
  const logger = createLogger({ format: 'text', level: options.logLevel ?? 'info', sink: options.log, clock });
  const userAgent = `memory-cloud-controller-manager/${options.version}`;
  const client = await connectKubeClient({ kubeconfig, userAgent, clock, metrics });
  starting.defer(() => client.close());
  const factory = memoryCloudProvider({ transport: embeddedTransport(cloud) });
  const manager = Manager.start({
    version: options.version,
    identity: `demo_${process.pid}`,
    client,
    provider: factory.configure({
      file: undefined,
      environment: {},
      allowUntaggedCloud: 'no',
      clusterName: 'kubernetes',
    }),
    providerName: factory.name,
    clusterName: 'kubernetes',
    controllers: ['*'],
    leadership: {
      namespace: 'kube-system',
      name: 'cloud-controller-manager',
      leaseDuration: Duration.seconds(15),
      renewDeadline: Duration.seconds(10),
      retryPeriod: Duration.seconds(2),
    },
    settings: {
      nodeStatusUpdateFrequency: Duration.minutes(5),
      nodeLifecycle: { monitorPeriod: Duration.seconds(1), deletionLimits: quickDeletionLimits },
      concurrentServiceSyncs: undefined,
    },
    clock,
    logger,
    metrics,
  });
  starting.defer(() => manager.stop());

  const http = new ClusterHTTP(apiServer.url);
  starting.defer(() => http.close());
  const controls = demoControls({ cloud, http, clock, seed: options.seed });
  const page = starting.use(
    await startManagementServer(managementRoutes(manager, metrics, controls), {
      host: '127.0.0.1',
      port: 0,
      tls: undefined,
      access: { kind: 'open' },
      actions: pageActions(controls),
      publicFiles: statusPageFiles,
      logger,
    }),
  );
  const { nodes, services, seed, deadline, pace } = options;
  const scenario = new Scenario({ nodes, services, seed, deadline, ...(pace && { pace }), cloud, http, clock });

  const running = starting.move();
  return {
    scenario,
    cloud,
    apiServer,
    kubeconfig,
    cloudConfig,
    page: `${page.url}/statusz`,
    managerEnded: manager.ended,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

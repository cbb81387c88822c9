import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SuiteContext } from '../../harness/suite.ts';
import { startKubeApiServer } from '../../kube-apiserver/start.ts';
import type { Minor } from '../../kube-apiserver/versions.ts';
import { type RunningManager, startManager } from '../executable.ts';
import { startMoto } from '../moto.ts';
import { type CloudProxy, startCloudProxy } from './cloud-proxy.ts';
import type { World } from './golden-case.ts';
import { GoldenCloud, goldenCluster } from './golden-cloud.ts';
import { GoldenCluster } from './golden-cluster.ts';

/** What cases are played on: an account, a cluster, and our manager between them. */
export interface Stage {
  readonly cloud: GoldenCloud;
  readonly cluster: GoldenCluster;
  readonly proxy: CloudProxy;
  readonly startManager: (world: World) => Promise<RunningManager>;
  readonly signal: AbortSignal;
}

export interface StageWithLogs extends Stage, AsyncDisposable {
  /** What the manager says goes there from now on. */
  logTo(name: string): void;
  /** Its last lines. */
  lastWords(): Promise<string>;
}

export interface StageSetup extends Pick<SuiteContext, 'print' | 'signal'> {
  readonly minor: Minor;
  readonly executable: string;
  /** The folder for what managers say. */
  readonly logs: string;
}

export async function setUpStage({ minor, executable, logs, print, signal }: StageSetup): Promise<StageWithLogs> {
  await using made = new AsyncDisposableStack();
  const moto = made.use(await startMoto(print, 'repaired'));
  const proxy = made.use(await startCloudProxy(moto.url));
  const server = made.use(await startKubeApiServer({ minor, progress: print }));
  const cloud = made.use(new GoldenCloud(moto.url));
  const cluster = made.use(new GoldenCluster(server.access));
  const all = made.move();
  let logFile = join(logs, 'manager.log');
  return {
    cloud,
    cluster,
    proxy,
    signal,
    startManager: ({ config, flags }) =>
      startManager({
        executable,
        kubeconfig: server.kubeconfig,
        endpoint: proxy.url,
        logFile,
        cloudConfig: cloudConfigText(cloud, config),
        flags: { 'leader-elect': 'false', 'configure-cloud-routes': 'false', ...flags },
        clusterName: goldenCluster,
      }),
    logTo: (name) => {
      logFile = join(logs, `${name}.log`);
    },
    lastWords: async () => {
      const text = await readFile(logFile, 'utf8').catch(() => '');
      return text.trimEnd().split('\n').slice(-10).join('\n');
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** The account as the Go manager was told of it. */
function cloudConfigText(cloud: GoldenCloud, config: World['config'] = {}): string {
  const filledIn = Object.entries(config).map(([key, value]): [string, string] => [
    key,
    value.replace(/\{\{([^}]+)\}\}/g, (_, name: string) => cloud.id(name)),
  ]);
  const entries: [string, string][] = [
    ['Zone', 'us-east-1a'],
    ['VPC', cloud.id('vpc')],
    ['SubnetID', cloud.id('subnet:public-a')],
    ['KubernetesClusterID', goldenCluster],
    ...filledIn,
  ];
  return `[Global]\n${entries.map(([key, value]) => `${key} = "${value}"\n`).join('')}`;
}

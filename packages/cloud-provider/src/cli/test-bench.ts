import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import { clusterStampKey } from '../cloud/ownership.ts';
import { type ApiServer, startApiServer } from '../testing/api-server/api-server.ts';
import { embeddedTransport } from '../testing/memory-cloud/client/embedded-transport.ts';
import { MemoryCloud } from '../testing/memory-cloud/cloud/memory-cloud.ts';
import { memoryCloudProvider } from '../testing/memory-cloud/memory-cloud-provider.ts';
import { kubeletNode } from '../testing/scenario/manifests.ts';
import { Manager } from '../manager/manager.ts';
import { connectKubeClient } from '../kube/client/connect.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { MetricRegistry } from '../telemetry/metrics.ts';
import { runProgram } from './run-program.ts';

/** How a subcommand ended. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The first line that a person sees. */
  readonly first: string;
}

/** A cluster and a cloud with a few things in both, and a program to type at. */
export interface Bench extends AsyncDisposable {
  readonly api: ApiServer;
  readonly cloud: MemoryCloud;
  readonly kubeconfig: string;
  readonly folder: string;
  /** Ended with the bench. */
  defer(end: () => Promise<unknown>): void;
  run(...argv: readonly string[]): Promise<Ran>;
  /** Has a manager do everything that is to be done. */
  settle(): Promise<void>;
}

const program = 'memory-ccm';

export async function setUpBench(): Promise<Bench> {
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'ccm-cli-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const api = stack.use(await startApiServer({}));
  const kubeconfig = join(folder, 'kubeconfig');
  await api.writeKubeconfig(kubeconfig);
  const cloud = new MemoryCloud({ clock: systemClock, ownerTag: clusterStampKey });
  const factory = memoryCloudProvider({ transport: embeddedTransport(cloud) });
  const client = await connectKubeClient({ kubeconfig, userAgent: 'test', clock: systemClock });
  stack.defer(() => client.close());
  const moved = stack.move();

  const bench: Bench = {
    api,
    cloud,
    kubeconfig,
    folder,
    defer: (end) => moved.defer(async () => void (await end())),
    async run(...argv) {
      const written = { out: '', err: '' };
      const code = await runProgram(
        { name: program, version: '1.36.0', factory },
        {
          argv: ['node', program, ...argv, ...(argv.includes('--kubeconfig') ? [] : ['--kubeconfig', kubeconfig])],
          env: { HOME: folder, CLOUD_SECRET_KEY: 'a-secret-in-the-environment' },
          stdout: { write: (text: string) => (written.out += text) },
          stderr: { write: (text: string) => (written.err += text) },
          on: () => undefined,
          off: () => undefined,
        },
      );
      const [first = ''] = (written.err === '' ? written.out : written.err).split('\n');
      return { code, ...written, first };
    },
    async settle() {
      const manager = Manager.start({
        version: '1',
        identity: 'test',
        client,
        provider: factory.configure({
          file: undefined,
          environment: {},
          allowUntaggedCloud: 'no',
          clusterName: 'kubernetes',
        }),
        providerName: factory.name,
        clusterName: 'kubernetes',
        controllers: ['*', '-orphan-controller'],
        leadership: 'off',
        settings: { nodeStatusUpdateFrequency: Duration.minutes(5), concurrentServiceSyncs: undefined },
        clock: systemClock,
        logger: silentLogger,
        metrics: new MetricRegistry(),
      });
      while ((await bench.run('plan')).code !== 0) await systemClock.sleep(Duration.milliseconds(100));
      await manager.stop();
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
  return bench;
}

/** One with the node `n1` and the Service `web`. */
export async function setUpBusyBench(): Promise<Bench> {
  const bench = await setUpBench();
  addNode(bench, 'n1');
  addService(bench, 'web');
  return bench;
}

export function addNode({ api, cloud }: Bench, name: string): void {
  cloud.operator.launch({ name, zone: 'memory-1a' });
  api.store.create('nodes', kubeletNode(name, new Date()));
}

export interface ServiceOptions {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

export function serviceManifest(name: string, { annotations = {}, spec = {} }: ServiceOptions = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', annotations },
    spec: {
      type: 'LoadBalancer',
      selector: { app: name },
      ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
      ...spec,
    },
  };
}

export function addService({ api }: Bench, name: string, options: ServiceOptions = {}): void {
  api.store.create('services', serviceManifest(name, options));
}

export interface StrangeBalancer {
  readonly name: string;
  /** The caller in whose name it was made. */
  readonly by: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A load balancer that the manager did not make. */
export function addBalancer({ cloud }: Bench, { name, by, tags }: StrangeBalancer): void {
  const settings = {
    networkID: 'net-main',
    scheme: 'public',
    allowedRanges: ['0.0.0.0/0'],
    listeners: [],
    backends: [],
  };
  cloud.operator.plantLoadBalancer(
    { ...settings, name, healthCheck: { protocol: 'tcp', port: 25, path: '' }, tags } as const,
    by,
  );
}

export async function writeIn({ folder }: Bench, name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

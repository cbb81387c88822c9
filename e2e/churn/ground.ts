import { setTimeout as sleep } from 'node:timers/promises';
import { clusterStampKey, Duration, systemClock } from '@ccm-ts/cloud-provider';
import {
  type CloudServer,
  ClusterHTTP,
  judge,
  MemoryCloud,
  readCluster,
  serviceUIDTag,
  startCloudServer,
} from '@ccm-ts/cloud-provider/testing';
import { type RecordingProxy, type SeenRequest, startRecordingProxy } from '../harness/recording-proxy.ts';
import { type ManagerProcess, startManagerProcess } from './manager-process.ts';
import type { ApiServerUnderTest } from './variables.ts';

/** One manager with its own way to the API server and to the cloud, so that both know who asks. */
export interface Contestant extends AsyncDisposable {
  readonly name: string;
  readonly process: ManagerProcess;
  readonly apiServer: RecordingProxy;
  readonly cloud: RecordingProxy;
}

/** A request of a contestant, and where it went. */
export interface ContestantRequest {
  readonly to: 'cluster' | 'cloud';
  readonly seen: SeenRequest;
}

export interface GroundOptions {
  readonly apiServer: ApiServerUnderTest;
  readonly program: string;
}

/** A cloud that takes its time, so that there is always something under way. */
const settings = {
  latency: Duration.milliseconds(20),
  latencyJitter: 0.5,
  provisioning: Duration.milliseconds(300),
  updating: Duration.milliseconds(100),
  deleting: Duration.milliseconds(200),
  machineTransition: Duration.milliseconds(200),
};

/** Nodes go soon, because the time is real. */
const lifecycleFlags = [
  '--node-monitor-period=1s',
  '--node-deletion-confirm-after=2s',
  '--node-deletion-minimum-age=1s',
  '--node-deletion-max-per-minute=1000',
  '--node-deletion-breaker-nodes=1000',
];

/** A memory cloud over HTTP and a real API server, for managers that run as programs. */
export class Ground implements AsyncDisposable {
  readonly cloud: MemoryCloud;
  /** How the kubelets and users reach the cluster. */
  readonly http: ClusterHTTP;
  /** The same, for requests of other shapes. */
  readonly url: string;
  readonly #options: GroundOptions;
  readonly #cloudServer: CloudServer;
  readonly #disposal: AsyncDisposableStack;
  #clusterUID = '';

  private constructor(parts: {
    readonly options: GroundOptions;
    readonly cloud: MemoryCloud;
    readonly cloudServer: CloudServer;
    readonly url: string;
    readonly disposal: AsyncDisposableStack;
  }) {
    this.#options = parts.options;
    this.cloud = parts.cloud;
    this.#cloudServer = parts.cloudServer;
    this.url = parts.url;
    this.http = new ClusterHTTP(parts.url);
    this.#disposal = parts.disposal;
    this.#disposal.defer(() => this.http.close());
  }

  static async open(options: GroundOptions): Promise<Ground> {
    const disposal = new AsyncDisposableStack();
    const cloud = new MemoryCloud({ clock: systemClock, ownerTag: clusterStampKey, settings, logCapacity: 20_000 });
    const cloudServer = disposal.use(await startCloudServer(cloud));
    const proxy = disposal.use(await startRecordingProxy(behind(options.apiServer)));
    const ground = new Ground({ options, cloud, cloudServer, url: proxy.url, disposal });
    const { signal } = new AbortController();
    const system = await ground.http.get('/api/v1/namespaces', 'kube-system', signal);
    ground.#clusterUID = (system as { readonly metadata: { readonly uid: string } }).metadata.uid;
    return ground;
  }

  async launch(
    name: string,
    options: {
      readonly flags: readonly string[];
      readonly nodeFlags?: readonly string[];
      readonly onRequest?: (request: ContestantRequest) => void;
    },
  ): Promise<Contestant> {
    const { onRequest } = options;
    const apiServer = await startRecordingProxy({
      ...behind(this.#options.apiServer),
      onRequest: (seen) => onRequest?.({ to: 'cluster', seen }),
    });
    const cloud = await startRecordingProxy({
      target: this.#cloudServer.endpoint,
      onRequest: (seen) => onRequest?.({ to: 'cloud', seen }),
    });
    const process = await startManagerProcess({
      program: this.#options.program,
      apiServer: apiServer.url,
      cloud: cloud.url,
      flags: [...lifecycleFlags, ...options.flags],
      nodeFlags: options.nodeFlags ?? [],
    });
    return {
      name,
      process,
      apiServer,
      cloud,
      [Symbol.asyncDispose]: async () => {
        await process[Symbol.asyncDispose]();
        await apiServer[Symbol.asyncDispose]();
        await cloud[Symbol.asyncDispose]();
      },
    };
  }

  /** What is not as it must be once everything has settled: judged from the cloud itself and from reads of the API server. */
  async problems(): Promise<readonly string[]> {
    const cluster = await readCluster(this.http, AbortSignal.timeout(30_000));
    const cloud = this.cloud.snapshot();
    const { problems } = judge({
      cluster,
      cloud,
      foreignWrites: this.cloud.foreignWrites,
      clusterUID: this.#clusterUID,
      stampTag: clusterStampKey,
      serviceTag: serviceUIDTag,
    });
    const living = new Set(cloud.instances.filter(({ state }) => state === 'running').map(({ id }) => id));
    const routed = new Set(cloud.routes.map(({ instanceID }) => instanceID));
    const routeProblems = [
      ...cluster.nodes
        .map(({ name, providerID }) => ({ name, id: providerID.split('/').at(-1) ?? '' }))
        .filter(({ id }) => !routed.has(id))
        .map(({ name }) => `Node ${name} has no route`),
      ...cloud.routes
        .filter(({ instanceID }) => !living.has(instanceID))
        .map(({ cidr }) => `the route to ${cidr} leads nowhere`),
    ];
    return [...problems, ...routeProblems];
  }

  /** Waits until nothing is wrong any more. */
  async settle(withinSeconds: number): Promise<void> {
    const end = performance.now() + withinSeconds * 1000;
    for (;;) {
      const problems = await this.problems().catch((error: unknown) => [String(error)]);
      if (problems.length === 0) return;
      if (performance.now() > end) {
        throw new Error(`after ${withinSeconds} s it is still not as it must be: ${problems.slice(0, 8).join('; ')}`);
      }
      await sleep(500);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposal.disposeAsync();
  }
}

function behind({ url, certificateAuthority, token }: ApiServerUnderTest) {
  return { target: url, certificateAuthority, headers: { authorization: `Bearer ${token}` } };
}
